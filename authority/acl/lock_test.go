package acl_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/authority/schema"
)

var digest = strings.Repeat("0123456789abcdef", 4)

func parseManifest(t *testing.T, text string) authority.Manifest {
	t.Helper()
	m, problems := acl.ParseManifest("modules/m.wasm#ambit", []byte(text))
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	return m
}

// TestLock records manifests, compares the lock and the plain words, and reads
// the lock again.
func TestLock(t *testing.T) {
	scenarios(t, "lock", func(t *testing.T, file string, s scenario) {
		lock := &acl.Lock{}
		var words strings.Builder
		for _, sec := range s.sections {
			if !strings.HasSuffix(sec.name, ".toml") {
				continue
			}
			e := acl.NewLockEntry(parseManifest(t, sec.text), digest)
			lock.Set(e)
			for _, line := range e.Lends() {
				words.WriteString(line + "\n")
			}
		}
		golden(t, file, "words", words.String())
		data := lock.Encode()
		golden(t, file, "ambit.lock", string(data))

		again, problems := acl.ParseLock("ambit.lock", data)
		if problems != nil {
			t.Fatalf("problems:\n%s", printed(problems))
		}
		if got := again.Encode(); string(got) != string(data) {
			t.Errorf("written again:\n%s", got)
		}
		for i := range again.Modules {
			got, want := again.Modules[i], lock.Modules[i]
			if got.Line == 0 {
				t.Errorf("entry %q has no place", got.Name)
			}
			got.Position = authority.Position{}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("read again\n got %+v\nwant %+v", got, want)
			}
		}
	})
}

func TestLockEntries(t *testing.T) {
	var none *acl.Lock
	if _, ok := none.Entry("a"); ok {
		t.Error("a nil lock has an entry")
	}
	l := &acl.Lock{}
	for _, name := range []string{"b", "c", "a"} {
		l.Set(acl.LockEntry{Name: name, SHA256: digest})
	}
	l.Set(acl.LockEntry{Name: "b", SHA256: digest, Version: "2"})
	var names []string
	for _, e := range l.Modules {
		names = append(names, e.Name+e.Version)
	}
	if got := strings.Join(names, " "); got != "a b2 c" {
		t.Errorf("entries are %s", got)
	}
	if !l.Remove("a") || l.Remove("a") || len(l.Modules) != 2 {
		t.Errorf("after removing a: %+v", l.Modules)
	}
	if e, ok := l.Entry("b"); !ok || e.Version != "2" {
		t.Errorf("entry b is %+v, %v", e, ok)
	}
}

// TestLendsBareStrings takes manifests made in Go, where nothing has checked
// what a bare string stands for: with no single key it might be any power.
func TestLendsBareStrings(t *testing.T) {
	text, err := schema.Compile(map[string]any{"type": "object", "properties": map[string]any{"topic": map[string]any{"type": "string"}}})
	if err != nil {
		t.Fatal(err)
	}
	manifest := func(scope *schema.Schema, value any, powers ...authority.Power) authority.Manifest {
		return authority.Manifest{
			Name: "m", Scope: scope,
			Commands: []authority.Command{{Name: "c", Powers: powers}},
			Permissions: []authority.Permission{
				{Identifier: "p", Scope: authority.ScopeRules{Allow: []authority.ScopeValue{{Value: value}}}},
				{Identifier: "q", Allow: []authority.CommandName{{Name: "gone"}}, Scope: authority.ScopeRules{Deny: []authority.ScopeValue{{Value: value}}}},
			},
		}
	}
	for _, c := range []struct {
		name string
		m    authority.Manifest
		want string
	}{
		{"one key", manifest(nil, "$HOME", authority.PowerFSRead), `permission "p" lends fs.read on "$HOME"`},
		{"two keys", manifest(nil, "x", authority.PowerFSRead, authority.PowerHTTP), `permission "p" lends fs.read, http on "x"`},
		{"a schema's key", manifest(text, "x", authority.PowerEmit), `permission "p" lends emit on "x"`},
		{"a schema's key that is no power's", manifest(text, "x", authority.PowerFSRead), ""},
		{"no power", manifest(nil, "x"), ""},
		{"no text", manifest(nil, map[string]any{"path": []any{1, true, nil}}, authority.PowerFSRead), `permission "p" lends fs.read on "[1,true,null]"`},
		{"neither", manifest(nil, int64(1), authority.PowerFSRead), ""},
	} {
		lines := acl.NewLockEntry(c.m, digest).Lends()
		got := ""
		if len(lines) > 0 && strings.HasPrefix(lines[len(lines)-1], "permission") {
			got = lines[len(lines)-1]
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func FuzzLock(f *testing.F) {
	s := parseScenario(f, "testdata/lock/lock.txt")
	text, _ := s.take("ambit.lock")
	f.Add([]byte(text))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, problems := acl.ParseLock("ambit.lock", data)
		for _, e := range l.Modules {
			e.Lends()
		}
		if problems.Err() != nil {
			return
		}
		text := l.Encode()
		again, problems := acl.ParseLock("ambit.lock", text)
		if problems != nil {
			t.Fatalf("%s\nproblems:\n%s", text, printed(problems))
		}
		if got := again.Encode(); string(got) != string(text) {
			t.Fatalf("written\n%s\nand again\n%s", text, got)
		}
	})
}
