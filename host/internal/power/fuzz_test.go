package power

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/egress"
	"github.com/ambit-wasm/ambit/host/internal/kv"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// fakeCall is the call of a session; nobody is invoked and nobody listens.
type fakeCall struct{ ctx context.Context }

func (c fakeCall) Blocking() context.Context { return c.ctx }
func (c fakeCall) Invoke(out []byte, _ string, args wire.Raw) ([]byte, *Error) {
	return wire.AppendOK(out, args), nil
}
func (c fakeCall) Emit(string, wire.Raw) bool { return false }

// grantOf lends all powers, with these entries.
func grantOf(t testing.TB, entries string) *authority.Grant {
	t.Helper()
	var values []any
	if err := json.Unmarshal([]byte(entries), &values); err != nil {
		t.Fatal(err)
	}
	var rules authority.ScopeRules
	for _, v := range values {
		rules.Allow = append(rules.Allow, authority.ScopeValue{Value: v})
	}
	a, problems := authority.New(authority.Policy{
		Platform:  authority.Linux,
		Manifests: []authority.Manifest{{Name: "m", Commands: []authority.Command{{Name: "c", Powers: authority.Powers()}}}},
		Capabilities: []authority.Capability{{
			Identifier: "c", Local: true, Windows: []authority.Pattern{{Text: "w"}},
			Permissions: []authority.Entry{{Reference: authority.Reference{Identifier: "m:allow-c"}, Scope: rules}},
		}},
	})
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	g, ok := a.Decide(authority.Request{Caller: authority.Caller{Window: "w", Origin: authority.LocalOrigin()}, Module: "m", Command: "c"}).Grant()
	if !ok {
		t.Fatal("not allowed")
	}
	return g
}

// newMeans has a little of everything that touches nothing outside.
func newMeans(t testing.TB) *Means {
	t.Helper()
	s, err := kv.Open(t.TempDir() + "/kv.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	n := s.Namespace("m", kv.Quota{Keys: 100, Bytes: 10_000, Value: 1000})
	return &Means{
		Events: Events{Rate: 1000, Size: 1000},
		Env:    map[string]string{"A": "b"}, Write: 1 << 16, Request: 1 << 16, Reply: 1 << 16, KV: func() (*kv.Namespace, error) { return n, nil },
		HTTP: HTTP{Client: egress.NewClient(egress.Options{}), Enter: func() bool { return true }, Leave: func() {}, Bytes: 1 << 16},
		Exec: Exec{Programs: 2, Output: 1 << 16},
	}
}

// FuzzFunctions: whatever a guest hands to the power functions, one after the
// other, each answers with a reply, or says that it was no envelope.
func FuzzFunctions(f *testing.F) {
	var all []Function
	modules := Modules()
	for _, module := range slices.Sorted(func(yield func(string) bool) {
		for m := range modules {
			if !yield(m) {
				return
			}
		}
	}) {
		slices.Sort(modules[module])
		for _, name := range modules[module] {
			do, p := Lookup(module, name)
			if do == nil || p == "" {
				f.Fatal(module, name)
			}
			all = append(all, do)
		}
	}
	encode := func(v any) []byte {
		b, err := wire.AppendAny(nil, v)
		if err != nil {
			f.Fatal(err)
		}
		return b
	}
	type m = map[string]any
	for i := range all {
		for _, v := range []any{
			m{"key": "a", "value": []byte("v"), "ttl": 5}, m{"key": "a"}, m{"key": "a", "old": nil, "value": []byte{}}, m{"prefix": "a", "values": true, "limit": 3}, m{"var": "A"},
			m{"method": "GET", "url": "http://127.0.0.1:1/", "headers": []any{[]any{"a", "b"}}, "timeout": 1}, m{"method": "POST", "url": "http://127.0.0.1:1/", "stream": true},
			m{"id": 1, "data": []byte("x"), "end": true}, m{"id": 1, "max": 10}, m{"id": 1}, m{"program": "true", "args": []any{"x"}}, m{"command": "a.b", "args": m{"x": 1}}, m{"topic": "t", "payload": nil}, m{},
		} {
			f.Add(byte(i), encode(v), encode(m{"id": 1}))
		}
	}
	means := newMeans(f)
	g := grantOf(f, `[{"key":"*"},{"var":"*"},{"url":"http://127.0.0.1:1/*"},{"invoke":"*"},{"topic":"*"}]`)
	f.Fuzz(func(t *testing.T, which byte, first, second []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var s Session
		s.Open(fakeCall{ctx}, g, means)
		defer s.Close()
		for i, args := range [][]byte{first, second} {
			if err := s.Do(all[(int(which)+i)%len(all)], args); err != nil {
				if scan := wire.Scan(args, wire.Limits{Bytes: int(means.Request)}); scan == nil && !errors.Is(err, ErrTooLarge) && len(args) > 0 && args[0]&0xf0 == 0x80 {
					t.Fatalf("%x: %v", args, err)
				}
				continue
			}
			result, ok := s.Result()
			if _, err := wire.ParseReply(result, wire.Limits{}); err != nil || !ok {
				t.Fatalf("result %x: %v", result, err)
			}
		}
	})
}

// TestZeroSession: nothing is lent by what was not given anything.
func TestZeroSession(t *testing.T) {
	for module, names := range Modules() {
		for _, name := range names {
			f, _ := Lookup(module, name)
			var s Session
			s.Open(fakeCall{t.Context()}, nil, &Means{Request: 1000, Reply: 1000})
			for _, v := range []map[string]any{
				{"key": "a"}, {"key": "a", "value": []byte{}}, {"prefix": ""}, {"var": "PATH"}, {"method": "GET", "url": "http://127.0.0.1:1/"}, {"program": "true"},
				{"command": "a.b"}, {"topic": "t"}, {"id": 1}, {"id": 1, "data": []byte{}},
			} {
				b, err := wire.AppendAny(nil, v)
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Do(f, b); err != nil {
					t.Errorf("%s.%s: %v", module, name, err)
				}
				result, _ := s.Result()
				r, err := wire.ParseReply(result, wire.Limits{})
				if err != nil || r.Err == nil && name != "close" {
					t.Errorf("%s.%s %v: %x, %v", module, name, v, result, err)
				}
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if f, p := Lookup("ambit_kv", "none"); f != nil || p != "" {
		t.Error("there is a function that is not there")
	}
}

// TestRefusals: the first few are kept, all are counted.
func TestRefusals(t *testing.T) {
	var s Session
	s.Open(fakeCall{t.Context()}, grantOf(t, `[{"key":"a"}]`), newMeans(t))
	for range 20 {
		b, _ := wire.AppendAny(nil, map[string]any{"key": "b\n"})
		if err := s.Do(kvGet, b); err != nil {
			t.Fatal(err)
		}
	}
	kept, all := s.Refusals()
	if len(kept) != maxRefusals || all != 20 || kept[0] != (Refusal{authority.PowerKVRead, authority.CodeScopeMismatch, `b\n`, `{ key = "b\\n" }`}) {
		t.Errorf("%d of %d, %+v", len(kept), all, kept[0])
	}
}

// TestWritten: a session stores as much as it may, and no more.
func TestWritten(t *testing.T) {
	means := newMeans(t)
	means.Write = 20
	var s Session
	s.Open(fakeCall{t.Context()}, grantOf(t, `[{"key":"*"}]`), means)
	for i, wantErr := range []bool{false, false, true} { // 9 bytes each
		b, _ := wire.AppendAny(nil, map[string]any{"key": "a", "value": make([]byte, 8)})
		if err := s.Do(kvSet, b); err != nil {
			t.Fatal(err)
		}
		result, _ := s.Result()
		if r, err := wire.ParseReply(result, wire.Limits{}); err != nil || (r.Err != nil) != wantErr || wantErr && r.Err.Code != "quota" {
			t.Errorf("write %d: %x, %v", i, result, err)
		}
	}
}

// TestFailures: the operator reads the first failures of a call, not all.
func TestFailures(t *testing.T) {
	means, told := newMeans(t), 0
	means.KV = func() (*kv.Namespace, error) { return nil, errors.New("the disk is gone") }
	means.Failed = func(p authority.Power, asked string, err error) {
		if told++; p != authority.PowerKVRead || asked == "" || err.Error() != "the disk is gone" {
			t.Errorf("%s, %q, %v", p, asked, err)
		}
	}
	var s Session
	s.Open(fakeCall{t.Context()}, grantOf(t, `[{"key":"*"}]`), means)
	for range 100 {
		b, _ := wire.AppendAny(nil, map[string]any{"key": "a"})
		if err := s.Do(kvGet, b); err != nil {
			t.Fatal(err)
		}
		result, _ := s.Result()
		if r, err := wire.ParseReply(result, wire.Limits{}); err != nil || r.Err == nil || r.Err.Code != "host-error" || strings.Contains(r.Err.Message, "disk") {
			t.Fatalf("%x, %v", result, err)
		}
	}
	if told != maxRefusals {
		t.Errorf("told %d times", told)
	}
}

// TestArgs: what is missing, of another type, unknown, or too many.
func TestArgs(t *testing.T) {
	type m = map[string]any
	for _, v := range []m{{}, {"key": 1}, {"key": nil}, {"key": "a", "more": 1}, {"kez": "a"}, {"key": []byte("a")},
		{"key": "a", "1": 1, "2": 1, "3": 1, "4": 1, "5": 1, "6": 1, "7": 1, "8": 1, "9": 1, "10": 1, "11": 1, "12": 1}} {
		var s Session
		s.Open(fakeCall{t.Context()}, grantOf(t, `[{"key":"a"}]`), newMeans(t))
		b, _ := wire.AppendAny(nil, v)
		if err := s.Do(kvGet, b); err != nil {
			t.Fatal(err)
		}
		result, _ := s.Result()
		if r, err := wire.ParseReply(result, wire.Limits{}); err != nil || r.Err == nil || r.Err.Code != "bad-args" {
			t.Errorf("%v: %x, %v", v, result, err)
		}
	}
}

func BenchmarkKVGet(b *testing.B) {
	means := newMeans(b)
	n, _ := means.KV()
	if err := n.Set("notes/a", []byte("a small value"), 0); err != nil {
		b.Fatal(err)
	}
	args, _ := wire.AppendAny(nil, map[string]any{"key": "notes/a"})
	var s Session
	s.Open(fakeCall{b.Context()}, grantOf(b, `[{"key":"notes/*"}]`), means)
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Do(kvGet, args); err != nil {
			b.Fatal(err)
		}
	}
}

// keeper is a call that keeps the names that it gets.
type keeper struct {
	fakeCall
	names *[]string
}

func (k keeper) Invoke(out []byte, command string, _ wire.Raw) ([]byte, *Error) {
	*k.names = append(*k.names, command)
	return wire.AppendNil(out), nil
}

func (k keeper) Emit(topic string, _ wire.Raw) bool {
	*k.names = append(*k.names, topic)
	return true
}

// What a session hands on or writes down stays as it was, whatever is asked for next:
// arguments are in a buffer that is used again.
func TestNamesStay(t *testing.T) {
	var s Session
	var kept []string
	s.Open(keeper{fakeCall{t.Context()}, &kept}, grantOf(t, `[{"key":"a"},{"topic":"*"},{"invoke":"*"}]`), newMeans(t))
	texts := []string{"stolen.a", "forged.x", "others.b"}
	for _, f := range []struct{ module, name, key string }{{"ambit_kv", "get", "key"}, {"ambit_emit", "emit", "topic"}, {"ambit_call", "invoke", "command"}} {
		do, _ := Lookup(f.module, f.name)
		for _, text := range texts {
			args, err := wire.AppendAny(nil, map[string]any{f.key: text})
			if err != nil || s.Do(do, args) != nil {
				t.Fatal(err)
			}
		}
	}
	if want := append(texts, texts...); !slices.Equal(kept, want) {
		t.Errorf("handed on %q, want %q", kept, want)
	}
	refused, _ := s.Refusals()
	for i, want := range texts {
		if refused[i].Asked != want {
			t.Errorf("refusal %d is of %q, want %q", i, refused[i].Asked, want)
		}
	}
}
