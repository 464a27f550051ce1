package authority

import (
	"fmt"
	"slices"
	"strings"
)

// silence gives findings the reasons that silences have for them. A silence is
// for one finding.
func (x *linter) silence() {
	type key struct{ code, capability string }
	at := make(map[key][]int)
	for i, f := range x.found {
		k := key{f.Code, f.Capability}
		at[k] = append(at[k], i)
	}
	for i := range x.Silences {
		s := &x.Silences[i]
		if !x.applies(s) {
			continue
		}
		var hits []int
		for _, n := range at[key{s.Code, s.Capability}] {
			if s.matches(&x.found[n]) {
				hits = append(hits, n)
			}
		}
		switch {
		case len(hits) == 0 && x.partial(): // it may be for what could not be looked at
		case len(hits) == 0:
			x.silent(unusedSilence, s, "take it out, or correct it", "no finding is silenced by this: %s", s.text())
		case len(hits) > 1:
			x.silent(broadSilence, s, x.narrower(hits), "%d findings match this, so it silences none: %s", len(hits), s.text())
		case x.found[hits[0]].Reason != "":
			x.silent(unusedSilence, s, "take one of the two out", "another silence is for the same finding: %s", s.text())
		default:
			x.found[hits[0]].Reason = s.Reason
		}
	}
}

// silent reports a problem with a silence.
func (x *linter) silent(code string, s *Silence, hint, format string, args ...any) {
	if x.Off[code] {
		return
	}
	f := Finding{Problem: Problem{Position: s.Position, Code: code, Message: fmt.Sprintf(format, args...), Hint: hint}}
	f.Capability, f.Permission, f.About = s.Capability, s.Permission, s.About
	for _, r := range lintRules {
		if r.Code == code {
			f.Severity = x.severityOf(r.LintRule)
		}
	}
	x.found = append(x.found, f)
}

// applies reports whether the silence is for something that was looked for:
// what is not in effect under this profile, or on this platform, is not.
func (x *linter) applies(s *Silence) bool {
	i := slices.IndexFunc(x.caps, func(k *capability) bool { return k.Identifier == s.Capability })
	if i < 0 || !x.ran[s.Code] {
		return false
	}
	here := func(list []Platform) bool { return len(list) == 0 || slices.Contains(list, x.catalog.platform) }
	module, name, _ := strings.Cut(s.permission(), ":")
	if m := x.catalog.modules[module]; m != nil && m.perms[name] != nil && !here(m.perms[name].platforms) {
		return false
	}
	return here(x.caps[i].Platforms)
}

// partial reports whether a module cannot be used, so that what capabilities
// grant of it is not known.
func (x *linter) partial() bool {
	return slices.ContainsFunc(x.catalog.order, func(m *module) bool { return m.manifest.Invalid != "" })
}

// permission is the silence's permission as findings name it.
func (s *Silence) permission() string {
	if s.Permission == "" {
		return ""
	}
	return (&Entry{Reference: Reference{Identifier: s.Permission}}).name()
}

func (s *Silence) matches(f *Finding) bool {
	return (s.Permission == "" || s.permission() == f.Permission) && (s.About == "" || s.About == f.About)
}

// text prints what a silence says it is for.
func (s *Silence) text() string {
	text := s.Code + " of capability " + quote(s.Capability)
	if s.Permission != "" {
		text += ", permission " + quote(s.Permission)
	}
	if s.About != "" {
		text += ", about " + quote(s.About)
	}
	return text
}

// narrower says how to name one of some findings.
func (x *linter) narrower(hits []int) string {
	texts := make([]string, len(hits))
	for i, n := range hits {
		f := &x.found[n]
		var parts []string
		if f.Permission != "" {
			parts = append(parts, "permission = "+tomlText(f.Permission))
		}
		if f.About != "" {
			parts = append(parts, "about = "+tomlText(f.About))
		}
		texts[i] = strings.Join(parts, ", ")
	}
	return "add one of these: " + listed(texts, "; ")
}
