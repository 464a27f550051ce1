package acl_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
)

// dump prints an app and its policy, one thing a line, each with its place.
func dump(app *acl.App, p authority.Policy) string {
	var b strings.Builder
	fmt.Fprintf(&b, "app %q profile %q partial %v\n", app.Name, app.Profile, app.Partial)
	if app.Dirs != nil {
		fmt.Fprintf(&b, "dirs %v declared %q at %v\n", app.Dirs, p.Dirs, app.DirPositions)
	}
	for _, w := range app.Windows {
		fmt.Fprintf(&b, "window %q host %q assets %q remote %q  %s\n", w.Label, w.Host, w.Assets, w.Remote, w.Position)
	}
	for _, m := range app.Modules {
		fmt.Fprintf(&b, "module %q file %q trusted %v  %s\n", m.Name, m.File, m.Trusted, m.Position)
		if m.Limits != (acl.Limits{}) {
			fmt.Fprintf(&b, "  limits %+v\n", m.Limits)
		}
	}
	if app.Limits != (acl.Limits{}) {
		fmt.Fprintf(&b, "limits %+v\n", app.Limits)
	}
	for _, code := range slices.Sorted(maps.Keys(app.Lint.Severity)) {
		fmt.Fprintf(&b, "lint %s %s\n", code, app.Lint.Severity[code])
	}
	for _, code := range slices.Sorted(maps.Keys(app.Lint.Off)) {
		fmt.Fprintf(&b, "lint %s off\n", code)
	}
	for _, s := range app.Lint.Silences {
		fmt.Fprintf(&b, "silence %q of %q permission %q about %q reason %q  %s\n", s.Code, s.Capability, s.Permission, s.About, s.Reason, s.Position)
	}
	for _, c := range p.Capabilities {
		dumpCapability(&b, "capability", c)
	}
	for _, c := range app.Unselected {
		dumpCapability(&b, "unselected", c)
	}
	for _, m := range p.Manifests {
		dumpManifest(&b, m)
	}
	for _, name := range slices.Sorted(maps.Keys(app.Permissions)) {
		for _, c := range app.Permissions[name].Commands {
			fmt.Fprintf(&b, "listed %q of %q  %s\n", c.Name, name, c.Position)
		}
	}
	return b.String()
}

func dumpCapability(b *strings.Builder, what string, c authority.Capability) {
	fmt.Fprintf(b, "%s %q %q local %v", what, c.Identifier, c.Description, c.Local)
	for _, list := range []struct {
		name     string
		patterns []authority.Pattern
	}{{"remote", c.Remote}, {"windows", c.Windows}, {"webviews", c.Webviews}, {"modules", c.Modules}, {"via", c.Via}} {
		for _, p := range list.patterns {
			fmt.Fprintf(b, " %s %q@%d:%d", list.name, p.Text, p.Line, p.Column)
		}
	}
	fmt.Fprintf(b, " platforms %v expires %d observe %v instance %q limits %v  %s\n", c.Platforms, c.Expires, c.Observe, c.Instance, c.Limits, c.Position)
	for _, e := range c.Permissions {
		fmt.Fprintf(b, "  %q  %s\n", e.Identifier, e.Position)
		dumpScope(b, e.Scope)
	}
}

func dumpScope(b *strings.Builder, s authority.ScopeRules) {
	for _, v := range s.Allow {
		fmt.Fprintf(b, "    allow %#v  %s\n", v.Value, v.Position)
	}
	for _, v := range s.Deny {
		fmt.Fprintf(b, "    deny %#v  %s\n", v.Value, v.Position)
	}
}

func dumpManifest(b *strings.Builder, m authority.Manifest) {
	fmt.Fprintf(b, "manifest %q version %q %q abi %d instance %q nofreeze %v accepted %v invalid %q  %s\n",
		m.Name, m.Version, m.Description, m.ABI, m.Instance, m.NoFreeze, m.Accepted, m.Invalid, m.Position)
	for _, c := range m.Commands {
		fmt.Fprintf(b, "  command %q %q powers %v timeout %d args %s  %s\n", c.Name, c.Description, c.Powers, c.Timeout, c.Args.JSON(), c.Position)
	}
	if m.Scope != nil {
		fmt.Fprintf(b, "  scope %s\n", m.Scope.JSON())
	}
	if m.Default != nil {
		dumpSet(b, *m.Default)
	}
	for _, s := range m.Sets {
		dumpSet(b, s)
	}
	for _, p := range m.Permissions {
		fmt.Fprintf(b, "  permission %q %q allow", p.Identifier, p.Description)
		for _, c := range p.Allow {
			fmt.Fprintf(b, " %q@%d:%d", c.Name, c.Line, c.Column)
		}
		fmt.Fprint(b, " deny")
		for _, c := range p.Deny {
			fmt.Fprintf(b, " %q@%d:%d", c.Name, c.Line, c.Column)
		}
		fmt.Fprintf(b, " platforms %v app %v  %s\n", p.Platforms, p.App, p.Position)
		dumpScope(b, p.Scope)
	}
}

func dumpSet(b *strings.Builder, s authority.Set) {
	fmt.Fprintf(b, "  set %q %q", s.Identifier, s.Description)
	for _, m := range s.Members {
		fmt.Fprintf(b, " %q@%d:%d", m.Identifier, m.Line, m.Column)
	}
	fmt.Fprintf(b, " app %v  %s\n", s.App, s.Position)
}
