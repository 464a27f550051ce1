package authority_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/pattern"
)

func ExampleCapabilityBuilder() {
	live, _ := authority.NewLive(notes())
	chosen := "notes/[draft] *.md" // in a dialog; not a pattern
	id, _ := live.Grant(authority.NewCapability("opened").
		ForWindows("editor-*").
		Permission("fs:allow-read-file", map[string]any{"path": "$APPDATA/" + pattern.Literal(chosen)}).
		Capability(), 0)
	editor := authority.Caller{Window: "editor-1", Webview: "editor-1", Origin: authority.LocalOrigin()}
	d := live.Decide(authority.Request{Caller: editor, Module: "fs", Command: "read_file"})
	if grant, ok := d.Grant(); ok {
		allow, _ := grant.Lend(authority.PowerFSRead)
		fmt.Println(id, "lends", allow[0].Path())
	}
	// Output:
	// opened#1 lends $APPDATA/notes/[[]draft] [*].md
}

// TestBuilder builds what the test's own helpers write as a file would.
func TestBuilder(t *testing.T) {
	b := authority.NewCapability("c").ForWindows("a", "b").ForWebviews("w").ForRemote("https://example.org").ForModules("m").
		Permission("m:allow-go").
		Permission("m:x", map[string]any{"path": "$A/**"}, map[string]any{"path": "$B"}).Except(map[string]any{"path": "$A/x"}).Except(map[string]any{"path": "$A/y"})
	list := func(texts ...string) (out []authority.Pattern) {
		for _, text := range texts {
			out = append(out, authority.Pattern{Text: text})
		}
		return out
	}
	values := func(paths ...string) []authority.ScopeValue {
		out := []authority.ScopeValue{}
		for _, p := range paths {
			out = append(out, authority.ScopeValue{Value: map[string]any{"path": p}})
		}
		return out
	}
	want := authority.Capability{
		Identifier: "c", Local: true, Windows: list("a", "b"), Webviews: list("w"), Remote: list("https://example.org"), Modules: list("m"),
		Permissions: []authority.Entry{
			{Reference: authority.Reference{Identifier: "m:allow-go"}, Scope: authority.ScopeRules{Allow: values()}},
			{Reference: authority.Reference{Identifier: "m:x"}, Scope: authority.ScopeRules{Allow: values("$A/**", "$B"), Deny: values("$A/x", "$A/y")}},
		},
	}
	first := b.Capability()
	if !reflect.DeepEqual(first, want) {
		t.Errorf("built %+v\nwant %+v", first, want)
	}
	b.ForWindows("c").Except(map[string]any{"path": "$A/z"})
	if !reflect.DeepEqual(first, want) {
		t.Error("what was built changed with the builder")
	}
}

// TestBuilderExcept: a deny without a permission that it could belong to makes
// the whole capability void.
func TestBuilderExcept(t *testing.T) {
	l := newLive(t, mod("m", cmds("go:fs.read")))
	deny := map[string]any{"path": "**"}
	lost := authority.NewCapability("c").ForWindows("main").Except(deny).Permission("m:allow-go")
	if id, ps := l.Grant(lost.Capability(), 0); id != "" || ps[0].Code != "bad-identifier" {
		t.Error(id, ps)
	}
	if id, ps := l.Grant(authority.NewCapability("c").ForWindows("main").Permission("m:allow-go").Except(deny).Capability(), 0); id == "" {
		t.Error("control:", ps)
	}
}
