package authority_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/schema"
)

// TestDiff goes through all that can widen a policy. The way back is the
// control: what widened one way narrows the other.
func TestDiff(t *testing.T) {
	m := mod("m", cmds("go:fs.read,fs.write", "stop:fs.read"), perm("area", scoped(`[{"path":"$APPDATA/area/**"}]`, `[{"path":"$APPDATA/area/x"}]`)))
	keeps := m
	keeps.Instance = "caller"
	goes := grants("m:allow-go")
	of := func(options ...capOption) authority.Capability {
		return capab("c", append([]capOption{windows("main"), goes}, options...)...)
	}
	scopes := func(allow, deny string) authority.Capability {
		return capab("c", windows("main"), grantsScoped("m:allow-go", allow, deny))
	}
	type parts = []any
	for _, tt := range []struct {
		name          string
		before, after parts
		there, back   string
	}{
		{"a rule", parts{m}, parts{m, of()},
			`+ m.go may be called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5)`,
			`- m.go may no longer be called by the app's own pages in window "main" (was capability "c", capabilities/c.toml:5)`},
		{"several commands", parts{m}, parts{m, of(grants("m:allow-stop")), capab("d", windows("main"), goes)},
			`+ m.go may be called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5)
+ m.go may be called by the app's own pages in window "main" (capability "d", capabilities/d.toml:5)
+ m.stop may be called by the app's own pages in window "main" (capability "c", capabilities/c.toml:6)`, ""},
		{"one entry for several commands", parts{mod("m", cmds("go", "stop"), set("all", "allow-go", "allow-stop"))},
			parts{mod("m", cmds("go", "stop"), set("all", "allow-go", "allow-stop")), capab("c", windows("main"), grants("m:all"))},
			`+ m.go, m.stop may be called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5)`, ""},
		{"a deny", parts{m, of(grants("m:deny-go"))}, parts{m, of()},
			`+ m.go is no longer denied to the app's own pages in window "main" (was capability "c", capabilities/c.toml:6)`,
			`- m.go is denied to the app's own pages in window "main" (capability "c", capabilities/c.toml:6)`},
		{"a deny of several commands", parts{mod("m", cmds("go", "stop"), perm("p", denies("go", "stop"))), capab("c", windows("main"), grants("m:p"))},
			parts{mod("m", cmds("go", "stop"), perm("p", denies("go", "stop")))},
			`+ m.go, m.stop are no longer denied to the app's own pages in window "main" (was capability "c", capabilities/c.toml:5)`, ""},
		{"windows", parts{m, of()}, parts{m, of(windows("side", "big"), webviews("main"))},
			`+ m.go may be called by the app's own pages in windows "big", "side" and webview "main" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`,
			`- m.go may no longer be called by the app's own pages in windows "big", "side" and webview "main" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`},
		{"a wider pattern", parts{m, of()}, parts{m, capab("c", windows("*"), goes)},
			`+ m.go may be called by the app's own pages in window "*" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`,
			`- m.go may no longer be called by the app's own pages in window "*" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`},
		{"another pattern", parts{m, capab("c", windows("a*"), goes)}, parts{m, capab("c", windows("a?"), goes)},
			`+ m.go may be called by the app's own pages in window "a?" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)
- m.go may no longer be called by the app's own pages in window "a*" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`, ""},
		{"a pattern that another matches as if it were a label", parts{m, capab("c", modules("?"), goes)}, parts{m, capab("c", modules("*"), goes)},
			`+ m.go may be called by module "*" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`,
			`- m.go may no longer be called by module "*" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`},
		{"local", parts{m, of(notLocal, remote("https://a.example"))}, parts{m, of(remote("https://a.example"))},
			`+ m.go may be called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`,
			`- m.go may no longer be called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`},
		{"remote, and a window more", parts{m, of()}, parts{m, of(windows("side"), remote("https://a.example", "https://*.b.example"))},
			`+ m.go may be called by the app's own pages in window "side"; pages of "https://*.b.example", "https://a.example" in windows "main", "side" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`, ""},
		{"modules", parts{m, of()}, parts{m, of(modules("m"), via("main"))},
			`+ m.go may be called by module "m" in chains of calls that window "main" began (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`, ""},
		{"via is gone", parts{m, of(modules("m"), via("main"))}, parts{m, of(modules("m"))},
			`+ m.go may be called by module "m" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`,
			`- m.go may no longer be called by module "m" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`},
		{"via any window is not any chain", parts{m, of(modules("m"), via("*"))}, parts{m, of(modules("m"))},
			`+ m.go may be called by module "m" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`, ""},
		{"the same entry again, for all powers", parts{m, scopes(`[{"path":"/a","powers":["fs.read"]}]`, "")},
			parts{m, scopes(`[{"path":"/a","powers":["fs.read"]},{"path":"/a"}]`, "")},
			`+ m.go may use fs.write on {"path":"/a"} when called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`,
			`- m.go may no longer use fs.write on {"path":"/a"} when called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`},
		{"expires later", parts{m, of(expires(1e18))}, parts{m, of(expires(2e18))},
			`+ m.go may be called by the app's own pages in window "main", until 2033-05-18T03:33:20Z (before: until 2001-09-09T01:46:40Z) (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`,
			`- m.go may no longer be called by the app's own pages in window "main", until 2033-05-18T03:33:20Z (now: until 2001-09-09T01:46:40Z) (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`},
		{"expires never", parts{m, of(expires(1e18))}, parts{m, of()},
			`+ m.go may be called by the app's own pages in window "main", without limit (before: until 2001-09-09T01:46:40Z) (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`, ""},
		{"a deny expires", parts{m, of(grants("m:deny-go"))}, parts{m, of(), capab("d", windows("main"), grants("m:deny-go"), expires(1e18))},
			`+ m.go is no longer denied to the app's own pages in window "main" (was capability "c", capabilities/c.toml:6)`, ""},
		{"a deny expires earlier", parts{m, of(grants("m:deny-go"), expires(2e18))}, parts{m, of(grants("m:deny-go"), expires(1e18))},
			`+ m.go is no longer denied to the app's own pages in window "main", until 2033-05-18T03:33:20Z (now: until 2001-09-09T01:46:40Z) (capability "c", capabilities/c.toml:6 → capabilities/c.toml:6)
- m.go may no longer be called by the app's own pages in window "main", until 2033-05-18T03:33:20Z (now: until 2001-09-09T01:46:40Z) (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`, ""},
		{"limits are gone", parts{m, of(limited(3))}, parts{m, of()},
			`+ m.go may be called by the app's own pages in window "main", without limit (before: at most 3 per second) (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`,
			`- m.go may no longer be called by the app's own pages in window "main", without limit (now: at most 3 per second) (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`},
		{"a higher limit", parts{m, of(limited(3))}, parts{m, of(limited(4))},
			`+ m.go may be called by the app's own pages in window "main", at most 4 per second (before: at most 3 per second) (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`, ""},
		{"another limit", parts{m, of(limited(3))}, parts{m, of(func(c *authority.Capability) { c.Limits.Concurrent = 1 })},
			`+ m.go may be called by the app's own pages in window "main", at most 1 at a time (before: at most 3 per second) (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)
- m.go may no longer be called by the app's own pages in window "main", at most 3 per second (now: at most 1 at a time) (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`, ""},
		{"a limit for two", parts{m, of(grants("m:allow-stop"), limited(1))}, parts{m, of(limited(1)), capab("d", windows("main"), grants("m:allow-stop"), limited(1))},
			`+ m.stop may be called by the app's own pages in window "main", at most 1 per second (capability "d", capabilities/d.toml:5)
- m.stop may no longer be called by the app's own pages in window "main", at most 1 per second (was capability "c", capabilities/c.toml:6)`, ""},
		{"limits bind no deny", parts{m, capab("c", windows("main"), grants("m:deny-go"))}, parts{m, capab("c", windows("main"), grants("m:deny-go"), limited(1))}, "", ""},
		{"from observe to enforce", parts{m, of(observing)}, parts{m, of()},
			`+ m.go may be called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5)`, ""},
		{"a deny that only observes", parts{m, of(grants("m:deny-go"))}, parts{m, of(), capab("d", observing, windows("main"), grants("m:deny-go"))},
			`+ m.go is no longer denied to the app's own pages in window "main" (was capability "c", capabilities/c.toml:6)`, ""},
		{"platforms", parts{m, of(capOn(authority.MacOS))}, parts{m, of(capOn(authority.MacOS, authority.Linux))},
			`+ m.go may be called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5)`, ""},
		{"a platform elsewhere", parts{m, of(capOn(authority.MacOS))}, parts{m, of(capOn(authority.MacOS, authority.Windows))}, "", ""},
		{"a scope entry", parts{m, scopes("", "")}, parts{m, scopes(`[{"path":"$APPDATA/a"}]`, "")},
			`+ m.go may use fs.read, fs.write on {"path":"$APPDATA/a"} when called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5)`,
			`- m.go may no longer use fs.read, fs.write on {"path":"$APPDATA/a"} when called by the app's own pages in window "main" (was capability "c", capabilities/c.toml:5)`},
		{"a denied scope entry", parts{m, scopes("", `[{"path":"$APPDATA/a"}]`)}, parts{m, scopes("", "")},
			`+ m.go is no longer kept from fs.read, fs.write on {"path":"$APPDATA/a"} when called by the app's own pages in window "main" (was capability "c", capabilities/c.toml:5)`,
			`- m.go is kept from fs.read, fs.write on {"path":"$APPDATA/a"} when called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5)`},
		{"a denied scope entry goes with the rule", parts{m, scopes("", `[{"path":"$APPDATA/a"}]`), capab("d", windows("side"), goes)}, parts{m, capab("d", windows("side"), goes)},
			`- m.go may no longer be called by the app's own pages in window "main" (was capability "c", capabilities/c.toml:5)`, ""},
		{"a denied scope entry goes, for some who may call", parts{m, capab("c", windows("main", "s*"), webviews("w"), grantsScoped("m:allow-go", "", `[{"path":"$APPDATA/a"}]`)), capab("d", windows("side"), goes)}, parts{m, capab("d", windows("side"), goes)},
			`+ m.go is no longer kept from fs.read, fs.write on {"path":"$APPDATA/a"} when called by the app's own pages in window "s*" and webview "w" (was capability "c", capabilities/c.toml:5)
- m.go may no longer be called by the app's own pages in windows "main", "s*" and webview "w" (was capability "c", capabilities/c.toml:5)`, ""},
		{"a denied scope entry goes, and a pattern may call", parts{m, scopes("", `[{"path":"$APPDATA/a"}]`)}, parts{m, capab("c", windows("?ain"), goes)},
			`+ m.go may be called by the app's own pages in window "?ain" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)
+ m.go is no longer kept from fs.read, fs.write on {"path":"$APPDATA/a"} when called by the app's own pages in window "main" (was capability "c", capabilities/c.toml:5)`, ""},
		{"a denied scope entry goes, of two patterns", parts{m, capab("c", windows("m*"), grantsScoped("m:allow-go", "", `[{"path":"$APPDATA/a"}]`)), capab("d", windows("?ain"), goes)}, parts{m, capab("d", windows("?ain"), goes)},
			`+ m.go is no longer kept from fs.read, fs.write on {"path":"$APPDATA/a"} when called by the app's own pages in window "m*" (was capability "c", capabilities/c.toml:5)
- m.go may no longer be called by the app's own pages in window "m*" (was capability "c", capabilities/c.toml:5)`, ""},
		{"a denied scope entry goes for pages that may not call", parts{m, of(), capab("d", windows("main"), notLocal, remote("https://a.example"), grantsScoped("m:allow-go", "", `[{"path":"$APPDATA/a"}]`))}, parts{m, of()},
			`- m.go may no longer be called by pages of "https://a.example" in window "main" (was capability "d", capabilities/d.toml:5)`, ""},
		{"a denied scope entry goes for modules", parts{m, scopes("", ""), capab("d", modules("m"), via("main"), grantsScoped("m:allow-go", "", `[{"path":"$APPDATA/a"}]`))}, parts{m, scopes("", ""), capab("d", modules("*"), goes)},
			`+ m.go may be called by module "*" (capability "d", capabilities/d.toml:5 → capabilities/d.toml:5)
+ m.go is no longer kept from fs.read, fs.write on {"path":"$APPDATA/a"} when called by module "m" in chains of calls that window "main" began (was capability "d", capabilities/d.toml:5)`, ""},
		{"global scope for who cannot call", parts{m, of()}, parts{m, of(), capab("d", windows("side"), grants("m:area"))}, "", ""},
		{"powers no longer narrowed", parts{m, scopes(`[{"path":"$APPDATA/a","powers":["fs.read"]}]`, "")}, parts{m, scopes(`[{"path":"$APPDATA/a"}]`, "")},
			`+ m.go may use fs.write on {"path":"$APPDATA/a"} when called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`,
			`- m.go may no longer use fs.write on {"path":"$APPDATA/a"} when called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`},
		{"the same narrowed to another power, too", parts{m, scopes(`[{"path":"$APPDATA/a","powers":["fs.read"]}]`, "")},
			parts{m, scopes(`[{"path":"$APPDATA/a","powers":["fs.read"]},{"path":"$APPDATA/a","powers":["fs.write"]}]`, "")},
			`+ m.go may use fs.write on {"path":"$APPDATA/a"} when called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`,
			`- m.go may no longer use fs.write on {"path":"$APPDATA/a"} when called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`},
		{"a deny of one power is gone beside that of another", parts{m, scopes(`["$APPDATA/**"]`, `[{"path":"$APPDATA/a","powers":["fs.read"]},{"path":"$APPDATA/a","powers":["fs.write"]}]`)},
			parts{m, scopes(`["$APPDATA/**"]`, `[{"path":"$APPDATA/a","powers":["fs.read"]}]`)},
			`+ m.go is no longer kept from fs.write on {"path":"$APPDATA/a"} when called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`,
			`- m.go is kept from fs.write on {"path":"$APPDATA/a"} when called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`},
		{"the same powers twice", parts{m, scopes(`[{"path":"$APPDATA/a"}]`, "")}, parts{m, scopes(`[{"path":"$APPDATA/a","powers":["fs.write"]},{"path":"$APPDATA/a","powers":["fs.read"]}]`, "")}, "", ""},
		{"a deny narrowed to a power", parts{m, scopes("", `[{"path":"$APPDATA/a"}]`)}, parts{m, scopes("", `[{"path":"$APPDATA/a","powers":["fs.read"]}]`)},
			`+ m.go is no longer kept from fs.write on {"path":"$APPDATA/a"} when called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5 → capabilities/c.toml:5)`, ""},
		{"narrowed to what the command declares", parts{m, capab("c", windows("main"), grantsScoped("m:allow-stop", `[{"path":"$APPDATA/a"}]`, ""))},
			parts{m, capab("c", windows("main"), grantsScoped("m:allow-stop", `[{"path":"$APPDATA/a","powers":["fs.read"]}]`, ""))}, "", ""},
		{"dotfiles", parts{m, scopes(`[{"path":"$APPDATA/*"}]`, "")}, parts{m, scopes(`[{"path":"$APPDATA/*","dotfiles":true}]`, "")},
			`+ m.go may use fs.read, fs.write on {"dotfiles":true,"path":"$APPDATA/*"} when called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5)
- m.go may no longer use fs.read, fs.write on {"path":"$APPDATA/*"} when called by the app's own pages in window "main" (was capability "c", capabilities/c.toml:5)`, ""},
		{"global scope", parts{m, of()}, parts{m, of(grants("m:area"))},
			`+ module "m" may use fs.read, fs.write on {"path":"$APPDATA/area/**"} when called by the app's own pages in window "main" (capability "c", permissions/m.toml:4)
- module "m" is kept from fs.read, fs.write on {"path":"$APPDATA/area/x"} when called by the app's own pages in window "main" (capability "c", permissions/m.toml:4)`, ""},
		{"scope of the module's own", parts{mod("n", cmds("go"), ownScope(`{"properties":{"own":{"type":"number"}}}`)), capab("c", windows("main"), grants("n:allow-go"))},
			parts{mod("n", cmds("go"), ownScope(`{"properties":{"own":{"type":"number"}}}`)), capab("c", windows("main"), grantsScoped("n:allow-go", `[{"own":1}]`, ""))},
			`+ n.go may use the scope {"own":1.0} when called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5)`, ""},
		{"a key called powers", parts{mod("n", cmds("go:kv.read"), ownScope(`{"properties":{"powers":{"type":"string"}}}`)), capab("c", windows("main"), grantsScoped("n:allow-go", `[{"powers":"a"}]`, ""))},
			parts{mod("n", cmds("go:kv.read"), ownScope(`{"properties":{"powers":{"type":"string"}}}`)), capab("c", windows("main"), grantsScoped("n:allow-go", `[{"powers":"a"},{"powers":"b"}]`, ""))},
			`+ n.go may use the scope {"powers":"b"} when called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5)`, ""},
		{"one instance per caller", parts{m, of()}, parts{keeps, of(perCaller)},
			`+ m.go may keep state between calls by the app's own pages in window "main" (was capability "c", capabilities/c.toml:5)`,
			`- m.go may no longer keep state between calls by the app's own pages in window "main" (capability "c", capabilities/c.toml:5)`},
		{"one capability more that keeps state", parts{keeps, of()}, parts{keeps, of(), capab("d", windows("main"), goes, perCaller)}, "", ""},
		{"one capability less that does not", parts{keeps, of(), capab("d", windows("main"), goes, perCaller)}, parts{keeps, capab("d", windows("main"), goes, perCaller)},
			`+ m.go may keep state between calls by the app's own pages in window "main" (was capability "c", capabilities/c.toml:5)`, ""},
		{"a power", parts{mod("m", cmds("go:fs.read")), scopes(`[{"path":"$APPDATA/a"}]`, "")}, parts{mod("m", cmds("go:fs.read,http")), scopes(`[{"path":"$APPDATA/a"}]`, "")},
			`+ m.go declares the power http, which scope entries with "url" lend it (permissions/m.toml:2 → permissions/m.toml:2)`,
			`- m.go no longer declares the power http, which scope entries with "url" lent it (permissions/m.toml:2 → permissions/m.toml:2)`},
		{"a permission allows more", parts{mod("m", cmds("go", "stop"), perm("p", allows("go"))), capab("c", windows("main"), grants("m:p"))},
			parts{mod("m", cmds("go", "stop"), perm("p", allows("go", "stop"))), capab("c", windows("main"), grants("m:p"))},
			`+ m.stop may be called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5)`, ""},
		{"the generated permission is replaced", parts{mod("m", cmds("go")), of()}, parts{mod("m", cmds("go"), perm("allow-go", denies("go"))), of()},
			`- m.go may no longer be called by the app's own pages in window "main" (was capability "c", capabilities/c.toml:5)
- m.go is denied to the app's own pages in window "main" (capability "c", capabilities/c.toml:5)`, ""},
		{"the default grows", parts{mod("m", cmds("go"), deflt()), capab("c", windows("main"), grants("m:default"))},
			parts{mod("m", cmds("go"), deflt("allow-go")), capab("c", windows("main"), grants("m:default"))},
			`+ m.go may be called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5)`, ""},
		{"a command", parts{mod("m", cmds("stop:kv.read")), capab("c", windows("main"), grantsScoped("m:allow-stop", `[{"key":"k"}]`, ""))},
			parts{mod("m", cmds("go:kv.read", "stop:kv.read"), set("s", "allow-go", "allow-stop")), capab("c", windows("main"), grantsScoped("m:s", `[{"key":"k"}]`, ""))},
			`+ m.go may be called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5)
+ m.go may use kv.read on {"key":"k"} when called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5)`, ""},
		{"trust", parts{mod("m", cmds("go"), untrusted)}, parts{mod("m", cmds("go"))},
			`+ module "m" is trusted now: what its own manifest lends counts (permissions/m.toml:1 → permissions/m.toml:1)`,
			`- module "m" is no longer trusted: what its own manifest lends does not count (permissions/m.toml:1 → permissions/m.toml:1)`},
		{"a module", parts{}, parts{mod("m", cmds("go"))},
			`+ module "m" is new (permissions/m.toml:1)`, `- module "m" is gone (was permissions/m.toml:1)`},
		{"a module that could not be used", parts{mod("m", broken("no")), of()}, parts{m, of()},
			`+ m.go may be called by the app's own pages in window "main" (capability "c", capabilities/c.toml:5)
+ module "m" can be used now (permissions/m.toml:1 → permissions/m.toml:1)`,
			`- m.go may no longer be called by the app's own pages in window "main" (was capability "c", capabilities/c.toml:5)
- module "m" can no longer be used (permissions/m.toml:1 → permissions/m.toml:1)`},
		{"a module that cannot be used", parts{}, parts{mod("m", broken("no"))}, "", ""},
		{"the same by another name", parts{m, of()}, parts{m, capab("d", windows("main"), goes)}, "", ""},
		{"the same in two", parts{m, of(windows("side"))}, parts{m, of(), capab("d", windows("side"), goes)}, "", ""},
		{"the same through a set", parts{m, of()}, parts{mod("m", cmds("go:fs.read,fs.write", "stop:fs.read"), set("s", "allow-go")), capab("c", windows("main"), grants("m:s"))}, "", ""},
		{"a label that a pattern matches", parts{m, capab("c", windows("*"), goes)}, parts{m, capab("c", windows("*", "main"), webviews("x"), goes)}, "", ""},
		{"without modules", parts{lenient, mod("m", perm("p", allows("go"), scoped(`["a",{"path":"/x","powers":["fs.read"]}]`, ""))), capab("c", windows("main"), grants("m:p"))},
			parts{lenient, mod("m", perm("p", allows("go"), scoped(`["a",{"path":"/x"}]`, ""))), capab("c", windows("main"), grants("m:p"))},
			`+ m.go may use fs.write on {"path":"/x"} when called by the app's own pages in window "main" (capability "c", permissions/m.toml:2 → permissions/m.toml:2)`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before, after := compile(t, tt.before...), compile(t, tt.after...)
			if got := strings.TrimSpace(authority.Diff(before, after).String()); got != tt.there {
				t.Errorf("there\n%s\nwant\n%s", got, tt.there)
			}
			back := authority.Diff(after, before)
			if got := strings.TrimSpace(back.String()); tt.back != "" && got != tt.back {
				t.Errorf("back\n%s\nwant\n%s", got, tt.back)
			}
			if tt.there == "" && len(back) > 0 && !strings.HasPrefix(tt.name, "one capability") {
				t.Errorf("back\n%s\nwant nothing", back)
			}
			if again := authority.Diff(after, compile(t, tt.after...)); again != nil {
				t.Errorf("control: to itself\n%s", again)
			}
		})
	}
}

func schemaOf(t *testing.T, text string) *schema.Schema {
	t.Helper()
	s, err := schema.Compile(fromJSON(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDiffCommands(t *testing.T) {
	number, text := schemaOf(t, `{"type":"number"}`), schemaOf(t, `{"type":"string"}`)
	for _, tt := range []struct {
		name        string
		was, is     authority.Command
		there, back string
	}{
		{"no schema", authority.Command{Args: number}, authority.Command{},
			`+ m.go takes any arguments, with no schema to check them`, `- m.go has a schema for its arguments, which were not checked`},
		{"another schema", authority.Command{Args: number}, authority.Command{Args: text},
			`+ m.go has another schema for its arguments, which may take more`, `+ m.go has another schema for its arguments, which may take more`},
		{"a longer time", authority.Command{Timeout: 10}, authority.Command{Timeout: 20},
			`+ m.go may run 20 ms, not just 10 ms`, `- m.go may run 10 ms, not 20 ms`},
		{"no timeout", authority.Command{Timeout: 10}, authority.Command{},
			`+ m.go may run as long as the host lets it, not just 10 ms`, `- m.go may run 10 ms, not as long as the host lets it`},
		{"control", authority.Command{Args: number, Timeout: 10}, authority.Command{Args: schemaOf(t, `{"type":"number"}`), Timeout: 10, Description: "other"}, "", ""},
	} {
		of := func(c authority.Command) *authority.Authority {
			c.Name = "go"
			return compile(t, authority.Manifest{Name: "m", ABI: 1, Commands: []authority.Command{c}})
		}
		before, after := of(tt.was), of(tt.is)
		if got := strings.TrimSpace(authority.Diff(before, after).String()); got != tt.there {
			t.Errorf("%s there: %s", tt.name, got)
		}
		if got := strings.TrimSpace(authority.Diff(after, before).String()); got != tt.back {
			t.Errorf("%s back: %s", tt.name, got)
		}
	}
}

// TestDiffNothing: a nil authority lets nobody do anything.
func TestDiffNothing(t *testing.T) {
	a := compile(t, mod("m", cmds("go")), capab("c", windows("main"), grants("m:allow-go")))
	if cs := authority.Diff(nil, nil); cs != nil {
		t.Errorf("nothing and nothing: %s", cs)
	}
	gained, lost := authority.Diff(nil, a), authority.Diff(a, nil)
	if len(gained) != 2 || gained.Count(authority.Widened) != 2 {
		t.Errorf("gained %s", gained)
	}
	if len(lost) != 2 || lost.Count(authority.Narrowed) != 2 {
		t.Errorf("lost %s", lost)
	}
}

// TestDiffLarge: what is too much to compare has widened, unless it is the same.
func TestDiffLarge(t *testing.T) {
	names, entries := make([]string, 520), make([]string, 520)
	for i := range names {
		names[i], entries[i] = fmt.Sprintf("c%d", i), fmt.Sprintf(`{"own":%d}`, i)
	}
	large := func(id string) *authority.Authority {
		return compile(t, mod("m", cmds(names...), ownScope(`{"properties":{"own":{"type":"number"}}}`),
			perm("p", allows(names...), scoped("["+strings.Join(entries, ",")+"]", ""))), capab(id, windows("main"), grants("m:p")))
	}
	const told = "+ the policies are too large to compare all of their rules\n"
	if cs := authority.Diff(large("c"), large("d")); cs.String() != told || cs[0].Direction != authority.Widened {
		t.Errorf("%s", cs)
	}
	if cs := authority.Diff(large("c"), large("c")); cs != nil {
		t.Errorf("control: %s", cs)
	}
}

// TestDiffCostly: what takes too long to compare is held to differ, and is not
// compared to the end.
func TestDiffCostly(t *testing.T) {
	const told = "the policies are too large to compare all of their rules"
	labels := func(suffix string, n int) capOption {
		return func(c *authority.Capability) {
			for i := range n {
				windows(fmt.Sprintf("w%d%s", i, suffix))(c)
			}
		}
	}
	m := mod("m", cmds("go"))
	of := func(extra string, n int) *authority.Authority {
		return compile(t, m, capab("c", labels("*", n), windows(extra), grants("m:allow-go")))
	}
	if cs := authority.Diff(of("x", 100), of("y", 100)); strings.Contains(cs.String(), "w1*") || strings.Contains(cs.String(), told) {
		t.Errorf("control: %s", cs)
	}
	if cs := authority.Diff(of("x", 20_000), of("y", 20_000)); !strings.Contains(cs.String(), `"w19999*"`) || cs[0].Text != told || cs[0].Direction != authority.Widened {
		t.Errorf("%d changes, the first: %s", len(cs), cs[0])
	}

	// Callers and commands multiply, in what is compared and in what is said.
	var names, urls []string
	for i := range 2000 {
		names, urls = append(names, fmt.Sprintf("c%d", i)), append(urls, fmt.Sprintf("https://h%d.example", i))
	}
	wide := func(id string, options ...capOption) *authority.Authority {
		return compile(t, mod("m", cmds(names...), perm("p", allows(names...))), capab(id, append(options, grants("m:p"))...))
	}
	before, after := wide("c", labels("*", 2000), remote(urls...)), wide("c", labels("?", 2000), remote(urls...))
	start := time.Now()
	cs := authority.Diff(before, after)
	if took := time.Since(start); took > hang || cs[0].Text != told {
		t.Errorf("it took %v to find %d changes", took, len(cs))
	}
}

func TestChangeJSON(t *testing.T) {
	m := mod("m", cmds("go"))
	cs := authority.Diff(compile(t, m), compile(t, m, capab("c", windows("main"), grants("m:allow-go"))))
	text, err := json.Marshal(cs)
	const want = `[{"direction":"widened","kind":"allow","module":"m","commands":["go"],"text":"m.go may be called by the app's own pages in window \"main\"","new":{"capability":"c","source":"capabilities/c.toml:5"}}]`
	if err != nil || string(text) != want {
		t.Errorf("%s %v", text, err)
	}
}

func TestChangeString(t *testing.T) {
	side := func(capability, source string) authority.Side {
		return authority.Side{Capability: capability, Source: source}
	}
	if a, b := authority.Widened.String(), authority.Narrowed.String(); a != "widened" || b != "narrowed" {
		t.Errorf("%s, %s", a, b)
	}
	for _, tt := range []struct {
		c    authority.Change
		want string
	}{
		{authority.Change{Text: "x"}, "+ x"},
		{authority.Change{Text: "x", Direction: authority.Narrowed, Old: side("", "f:1")}, "- x (was f:1)"},
		{authority.Change{Text: "x", New: side("c", "")}, `+ x (capability "c")`},
		{authority.Change{Text: "x", Old: side("c", "f:1"), New: side("c", "f:2")}, `+ x (capability "c", f:1 → f:2)`},
		{authority.Change{Text: "x", Old: side("c", "f:1"), New: side("d", "f:2")}, `+ x (capability "c", f:1 → capability "d", f:2)`},
		{authority.Change{Text: "x", Old: side("c", ""), New: side("c", "")}, `+ x (capability "c" → capability "c")`},
		{authority.Change{Text: "x", New: side("", "a\nb")}, `+ x ("a\nb")`},
	} {
		if got := tt.c.String(); got != tt.want {
			t.Errorf("%s, want %s", got, tt.want)
		}
	}
}
