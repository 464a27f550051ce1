//go:build !wasip1

package sdk_test

import (
	"reflect"
	"testing"

	"github.com/ambit-wasm/ambit/sdk"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
)

type folder struct {
	Folder string `json:"folder"`
	Deep   bool   `json:"deep"`
}

type scopes struct {
	Command sdk.ScopeOf[folder]
	Global  sdk.ScopeOf[folder]
}

func init() {
	sdk.Handle("scope", func(c *sdk.Call, _ struct{}) (s scopes, err error) {
		if s.Command, err = sdk.Scope[folder](c); err != nil {
			return s, err
		}
		s.Global, err = sdk.GlobalScope[folder](c)
		return s, err
	})
	sdk.Handle("scope_of_strings", func(c *sdk.Call, _ struct{}) (sdk.ScopeOf[string], error) { return sdk.Scope[string](c) })
	sdk.Handle("scope_of_any", func(c *sdk.Call, _ struct{}) (sdk.ScopeOf[any], error) { return sdk.Scope[any](c) })
	sdk.Handle("scope_of_channels", func(c *sdk.Call, _ struct{}) (any, error) { return sdk.Scope[chan int](c) })
}

type entry = map[string]any

func TestScope(t *testing.T) {
	h := sdktest.New(t, sdktest.Options{
		Scope: sdktest.Scope{
			Allow: []any{
				entry{"folder": "notes"},
				entry{"path": "$APPDATA/**"}, // serves the power fs.read
				folder{"drafts", true},
				entry{"folder": "x", "powers": []string{"fs.read"}},
				entry{"powers": []string{"fs.read"}},
				entry{},
			},
			Deny: []any{entry{"folder": "notes/secret"}, entry{"url": "https://*"}},
		},
		Global: sdktest.Scope{Deny: []any{entry{"deep": true}}},
	})
	got, err := sdktest.Call[scopes](h, "scope", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := scopes{
		Command: sdk.ScopeOf[folder]{Allow: []folder{{"notes", false}, {"drafts", true}, {"x", false}}, Deny: []folder{{"notes/secret", false}}},
		Global:  sdk.ScopeOf[folder]{Allow: []folder{}, Deny: []folder{{"", true}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestScopeRefuses(t *testing.T) {
	for want, s := range map[string]sdktest.Scope{
		`scope: unknown field "mode" (byte 10)`:                       {Allow: []any{entry{"folder": "f", "mode": 1}}},
		`scope: unknown field "also" (byte 1)`:                        {Deny: []any{entry{"also": 1, "folder": "f"}}},
		"scope: folder: expected a string, found an integer (byte 8)": {Allow: []any{entry{"folder": 1}}},
		"scope: expected a map, found a string (byte 0)":              {Allow: []any{"notes"}},
	} {
		err := sdktest.New(t, sdktest.Options{Scope: s}).Invoke("scope", nil, nil)
		if e, ok := err.(*sdk.Error); !ok || e.Code != "bad-scope" || e.Message != want {
			t.Errorf("%v: %#v, want %q", s, err, want)
		}
	}
	err := sdktest.New(t, sdktest.Options{}).Invoke("scope_of_channels", nil, nil)
	if e, ok := err.(*sdk.Error); !ok || e.Message != "scope: type chan int cannot travel" {
		t.Errorf("%#v", err)
	}
}

func TestScopeOfOtherTypes(t *testing.T) {
	h := sdktest.New(t, sdktest.Options{Scope: sdktest.Scope{Allow: []any{"a", "b"}}})
	if got, err := sdktest.Call[sdk.ScopeOf[string]](h, "scope_of_strings", nil); err != nil || !reflect.DeepEqual(got.Allow, []string{"a", "b"}) {
		t.Errorf("%v, %v", got, err)
	}
	h = sdktest.New(t, sdktest.Options{Scope: sdktest.Scope{Allow: []any{"a", entry{"b": 1}}}})
	if got, err := sdktest.Call[sdk.ScopeOf[any]](h, "scope_of_any", nil); err != nil || !reflect.DeepEqual(got.Allow, []any{"a", entry{"b": int64(1)}}) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestScopeMatches(t *testing.T) {
	is := func(want string) func(string) bool { return func(s string) bool { return s == want || s == "*" } }
	for _, tt := range []struct {
		name string
		s    sdk.ScopeOf[string]
		want bool
	}{
		{"nothing allowed", sdk.ScopeOf[string]{}, false},
		{"only denied", sdk.ScopeOf[string]{Deny: []string{"b"}}, false},
		{"allowed", sdk.ScopeOf[string]{Allow: []string{"b", "a"}}, true},
		{"another allowed", sdk.ScopeOf[string]{Allow: []string{"b"}}, false},
		{"denied too", sdk.ScopeOf[string]{Allow: []string{"a"}, Deny: []string{"a"}}, false},
		{"denied by another pattern", sdk.ScopeOf[string]{Allow: []string{"a"}, Deny: []string{"*"}}, false},
		{"another denied", sdk.ScopeOf[string]{Allow: []string{"*"}, Deny: []string{"b"}}, true},
	} {
		if got := tt.s.Matches(is("a")); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
