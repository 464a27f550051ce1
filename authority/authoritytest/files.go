package authoritytest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
)

// Archive prints a policy as the files of an app's folder, in the txtar format
// of Go's script tests, so that a failing case can be read, unpacked and asked
// about with ambit. What a module brings itself stands in
// modules/<name>.json, as its binary would carry it.
func Archive(p authority.Policy) string {
	var b strings.Builder
	list := files(p)
	for _, name := range slices.Sorted(maps.Keys(list)) {
		fmt.Fprintf(&b, "-- %s --\n%s", name, list[name])
	}
	return b.String()
}

// files returns the files of a policy, by name.
func files(p authority.Policy) map[string]string {
	out := map[string]string{"ambit.toml": appFile(p)}
	for _, m := range p.Manifests {
		own, app := divide(m)
		if own.Invalid == "" {
			out["modules/"+m.Name+".json"] = string(acl.EncodeManifest(own)) + "\n"
		}
		if app.Default != nil || len(app.Sets)+len(app.Permissions) > 0 {
			out["permissions/"+m.Name+"/app.json"] = indented(rulesOnly(app))
		}
	}
	for _, c := range p.Capabilities {
		out["capabilities/"+c.Identifier+".json"] = indented(capabilityObject(c))
	}
	return out
}

// object is a JSON object; members that say nothing are left out.
type object map[string]any

func (o object) list(key string, n int, item func(int) any) {
	if n == 0 {
		return
	}
	list := make([]any, n)
	for i := range list {
		list[i] = item(i)
	}
	o[key] = list
}

func indented(v any) string {
	b, _ := json.MarshalIndent(v, "", "  ") // scope values can all be encoded
	return string(b) + "\n"
}

// appFile is ambit.toml.
func appFile(p authority.Policy) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# for the platform %q\n", p.Platform)
	b.WriteString("[dirs]\n")
	for _, d := range p.Dirs {
		fmt.Fprintf(&b, "%s = %q\n", d, strings.ToLower(d))
	}
	for _, w := range p.Windows {
		fmt.Fprintf(&b, "\n[[window]]\nlabel = %q\n", w)
	}
	for _, m := range p.Manifests {
		fmt.Fprintf(&b, "\n[[module]]\nname = %q\n", m.Name)
		if m.Accepted {
			b.WriteString("trusted = true\n")
		}
		if m.Invalid != "" {
			fmt.Fprintf(&b, "# cannot be used: %q\n", m.Invalid)
		}
	}
	return b.String()
}

// divide tells what a module brings from what the app adds to it.
func divide(m authority.Manifest) (own, app authority.Manifest) {
	own, app = m, authority.Manifest{Name: m.Name}
	own.Sets, own.Permissions = nil, nil
	for _, s := range m.Sets {
		to := &own
		if s.App {
			to = &app
		}
		to.Sets = append(to.Sets, s)
	}
	for _, p := range m.Permissions {
		to := &own
		if p.App {
			to = &app
		}
		to.Permissions = append(to.Permissions, p)
	}
	if m.Default != nil && m.Default.App {
		own.Default, app.Default = nil, m.Default
	}
	return own, app
}

// rulesOnly is a permission file with the sets and permissions of a manifest.
func rulesOnly(m authority.Manifest) any {
	m.ABI = acl.ABI
	var all map[string]json.RawMessage
	_ = json.Unmarshal(acl.EncodeManifest(m), &all) // it is JSON
	delete(all, "module")
	return all
}

func capabilityObject(c authority.Capability) object {
	o := object{"identifier": c.Identifier, "permissions": []any{}}
	pattern := func(list []authority.Pattern) func(int) any {
		return func(i int) any { return list[i].Text }
	}
	o.list("windows", len(c.Windows), pattern(c.Windows))
	o.list("webviews", len(c.Webviews), pattern(c.Webviews))
	o.list("modules", len(c.Modules), pattern(c.Modules))
	o.list("via", len(c.Via), pattern(c.Via))
	o.list("platforms", len(c.Platforms), func(i int) any { return string(c.Platforms[i]) })
	o.list("permissions", len(c.Permissions), func(i int) any { return entryObject(c.Permissions[i]) })
	if len(c.Remote) > 0 {
		remote := object{}
		remote.list("urls", len(c.Remote), pattern(c.Remote))
		o["remote"] = remote
	}
	if !c.Local {
		o["local"] = false
	}
	if c.Observe {
		o["mode"] = "observe"
	}
	if c.Instance != "" {
		o["instance"] = c.Instance
	}
	if c.Expires != 0 {
		o["expires"] = time.Unix(0, c.Expires).UTC().Format(time.RFC3339Nano)
	}
	if c.Limits != (authority.Limits{}) {
		limits := object{}
		if c.Limits.CallsPerSecond > 0 {
			limits["calls_per_second"] = c.Limits.CallsPerSecond
		}
		if c.Limits.Concurrent > 0 {
			limits["concurrent"] = c.Limits.Concurrent
		}
		o["limits"] = limits
	}
	return o
}

func entryObject(e authority.Entry) any {
	if len(e.Scope.Allow)+len(e.Scope.Deny) == 0 {
		return e.Identifier
	}
	o := object{"identifier": e.Identifier}
	o.list("allow", len(e.Scope.Allow), func(i int) any { return e.Scope.Allow[i].Value })
	o.list("deny", len(e.Scope.Deny), func(i int) any { return e.Scope.Deny[i].Value })
	return o
}
