package reference

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/host/internal/printable"
)

// risks says in plain words what granting a permission lends: by its own scope,
// and as far as scopes from elsewhere allow.
func (l *listing) risks(o acl.Offer) []string {
	if len(o.Permission.Allow) == 0 && len(o.Permission.Deny) > 0 {
		return nil
	}
	scope := l.scopes[o.Identifier]
	out := l.lends(scope)
	var powers []authority.Power
	for _, c := range o.Permission.Allow {
		powers = append(powers, l.powers[c.Name]...)
	}
	var rest []string
	for _, p := range authority.Powers() {
		if slices.Contains(powers, p) && !slices.Contains(scope.Lends, p) {
			rest = append(rest, "`"+string(p)+"`")
		}
	}
	if rest != nil {
		out = append(out, strings.Join(rest, ", ")+" as far as other scopes allow")
	}
	return out
}

// maxValue bounds a scope value in a risk, in bytes.
const maxValue = 200

// lends says what a scope lends, one line for the entries that lend the same.
// Of a module that was not read it says only what is broad.
func (l *listing) lends(scope acl.LockPermission) []string {
	var order []string
	on := map[string][]string{}
	add := func(words, what string) {
		if on[words] == nil {
			order = append(order, words)
		}
		on[words] = append(on[words], what)
	}
	for _, text := range scope.Allow {
		var entry map[string]any
		_ = json.Unmarshal([]byte(text), &entry) // of a bare string nothing is known
		if l.policyOnly {
			for _, key := range []string{"path", "url"} {
				if note := broad(key, entry); note != "" {
					add("", note)
				}
			}
			continue
		}
		words := map[string][]string{}
		for _, p := range scope.Lends {
			if key := lendingKey(entry, p); key != "" {
				words[key] = append(words[key], p.Words())
			}
		}
		for _, key := range slices.Sorted(maps.Keys(words)) {
			what := "`" + printable.Cut(value(entry[key]), maxValue) + "`"
			if note := broad(key, entry); note != "" {
				what += " (" + note + ")"
			}
			add(strings.Join(words[key], " and ")+" ", what)
		}
	}
	var out []string
	for _, words := range order {
		out = append(out, words+list(on[words], strings.Clone, ", "))
	}
	return out
}

// lendingKey returns the key by which an entry lends a power on something that
// is not the module's own; "" if it does not.
func lendingKey(entry map[string]any, p authority.Power) string {
	if list, narrowed := entry["powers"].([]any); narrowed && !slices.Contains(list, any(string(p))) {
		return ""
	}
	key := p.Key()
	if _, ok := entry["name"]; ok && p == authority.PowerExec {
		key = "name" // Tauri's
	}
	v, ok := entry[key]
	if !ok || key == "path" && strings.HasPrefix(value(v)+"/", "$MODULE/") {
		return ""
	}
	return key
}

// value prints a scope value.
func value(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	text, _ := json.Marshal(v) // decoded JSON
	return string(text)
}

// broad says what is wide about an entry, in plain words; "" if nothing is.
func broad(key string, entry map[string]any) string {
	text, ok := entry[key].(string)
	if !ok {
		return ""
	}
	var notes []string
	switch key {
	case "path":
		notes = broadPath(text)
		if entry["dotfiles"] == true && strings.Contains(text, "*") {
			notes = append(notes, "hidden files, too")
		}
	case "url":
		if anyHost(text) {
			notes = append(notes, "any site")
		}
		if entry["private"] == true {
			notes = append(notes, "the own machine and network, too")
		}
	case "program", "name":
		if entry["args"] == true {
			notes = append(notes, "with any arguments")
		}
	default:
		if strings.Trim(text, "*.") == "" {
			notes = append(notes, "all of them")
		}
	}
	return strings.Join(notes, ", ")
}

// broadPath notes a pattern that takes in all that lies below a base dir, or
// everything.
func broadPath(text string) []string {
	below, all := strings.CutSuffix(text, "**")
	switch base := strings.TrimSuffix(below, "/"); {
	case !all:
		return nil
	case base == "":
		return []string{"every file of the machine"}
	case strings.HasPrefix(base, "$") && !strings.Contains(base, "/"):
		return []string{"all that lies below `" + base + "`"}
	}
	return nil
}

// anyHost reports whether a URL pattern leaves the host open.
func anyHost(text string) bool {
	_, host, ok := strings.Cut(text, "://")
	if i := strings.IndexAny(host, "/:?#"); i >= 0 {
		host = host[:i]
	}
	return ok && strings.Trim(host, "*.") == ""
}
