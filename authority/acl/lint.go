package acl

import (
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// maxSilences bounds how many findings an app takes as they are.
const maxSilences = 1000

// lint reads [lint]: what the app thinks of the linter's rules.
func (t *table) lint() authority.LintOptions {
	var o authority.LintOptions
	sub := t.sub("lint", "[lint]", "write [lint.severity] or [[lint.silence]]")
	o.Severity, o.Off = sub.severities()
	o.Silences = sub.silences()
	sub.done()
	return o
}

// lintCodes are the codes of the linter's rules.
func lintCodes() []string {
	var codes []string
	for _, r := range authority.LintRules() {
		codes = append(codes, r.Code)
	}
	return codes
}

// severities reads [lint.severity]: how grave a rule's findings are.
func (t *table) severities() (map[string]authority.Severity, map[string]bool) {
	sub := t.sub("severity", "[lint.severity]", `write broad-glob = "error"`)
	severity, off := make(map[string]authority.Severity), make(map[string]bool)
	for _, code := range lintCodes() {
		switch sub.choice(code, "error", "warning", "off") {
		case "error":
			severity[code] = authority.SeverityError
		case "warning":
			severity[code] = authority.SeverityWarning
		case "off":
			off[code] = true
		}
	}
	sub.done()
	return severity, off
}

// silences reads the [[lint.silence]] tables.
func (t *table) silences() []authority.Silence {
	var out []authority.Silence
	for _, s := range t.tables("silence", func(*node) string { return "a [[lint.silence]]" }) {
		out = append(out, s.silence())
	}
	if len(out) > maxSilences {
		t.errorf(out[maxSilences].Position, codeTooLarge, `switch the rule off in [lint.severity]`, "more than %d findings are silenced", maxSilences)
		return nil
	}
	return out
}

func (t *table) silence() authority.Silence {
	s := authority.Silence{Position: t.pos()}
	t.need("code", `write the code of the finding, like code = "broad-glob"`)
	s.Code = t.choice("code", lintCodes()...)
	s.Capability, _ = t.name("capability", "write the identifier of the capability that the finding names")
	s.Permission, s.About = t.text("permission"), t.text("about")
	reason, at := t.name("reason", "say why it is right as it is")
	if reason != "" && strings.TrimSpace(reason) == "" {
		t.errorf(at, codeBadValue, "say why it is right as it is", "\"reason\" in %s is blank", t.what)
	}
	s.Reason = reason
	t.done()
	return s
}

// lintProfile tells the linter which profile is in effect, and which
// capabilities others list.
func (r *reader) lintProfile(s selection) {
	r.app.Lint.Production = r.app.Profile == DefaultProfile
	if !s.given {
		return // then no profile adds anything, which is a problem of its own
	}
	listed := make(map[string]string)
	for _, name := range sortedKeys(s.profiles) {
		for _, w := range s.profiles[name] {
			if name != r.app.Profile && listed[w.text] == "" {
				listed[w.text] = name
			}
		}
	}
	r.app.Lint.Profiles = listed
}

// silenced checks that the capabilities that silences name are there, in
// effect or not.
func (r *reader) silenced() {
	known := make(map[string]bool)
	for _, list := range [2][]authority.Capability{r.app.Capabilities, r.app.Unselected} {
		for _, c := range list {
			known[c.Identifier] = true
		}
	}
	for _, s := range r.app.Lint.Silences {
		if s.Capability != "" && !known[s.Capability] && !r.partial { // else it may be where nothing could be read
			r.errorf(s.Position, codeUnknownCapability, r.suggest(s.Capability, sortedKeys(known)), "a [[lint.silence]] names the capability %s, which is not there", quote(s.Capability))
		}
	}
}
