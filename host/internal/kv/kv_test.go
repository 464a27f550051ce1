package kv

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var quota = Quota{Keys: 100, Bytes: 10_000, Value: 1000}

func openStore(t testing.TB, file string) *Store {
	t.Helper()
	s, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func all(string) bool { return true }

func TestStore(t *testing.T) {
	file := filepath.Join(t.TempDir(), "data", "kv.db")
	s := openStore(t, file)
	a, b := s.Namespace("a", quota), s.Namespace("b", quota)
	if _, ok, err := a.Get("k", nil); ok || err != nil {
		t.Errorf("an empty store has it: %v", err)
	}
	if p, err := a.List("", "", 10, true, 100, all); len(p.Entries) != 0 || p.More || err != nil {
		t.Errorf("list %v, %v", p, err)
	}
	if err := errors.Join(a.Set("k", []byte("1"), 0), b.Set("k", []byte("2"), 0), a.Set("k", []byte("3"), 0), a.Set("empty", []byte{}, 0)); err != nil {
		t.Fatal(err)
	}
	if v, ok, err := a.Get("k", []byte("x")); string(v) != "x3" || !ok || err != nil {
		t.Errorf("%q, %t, %v", v, ok, err)
	}
	if v, ok, err := a.Get("empty", nil); len(v) != 0 || !ok || err != nil {
		t.Errorf("%q, %t, %v", v, ok, err)
	}
	if was, err := a.Delete("k"); !was || err != nil {
		t.Errorf("%t, %v", was, err)
	}
	if was, err := a.Delete("k"); was || err != nil {
		t.Errorf("%t, %v", was, err)
	}
	if v, ok, _ := b.Get("k", nil); string(v) != "2" || !ok {
		t.Errorf("b has %q", v)
	}
	for _, key := range []string{"", "a\x00", "\xff", strings.Repeat("k", 1025)} {
		if _, _, err := a.Get(key, nil); !errors.Is(err, ErrBadKey) {
			t.Errorf("key %q: %v", key, err)
		}
		if err := a.Set(key, nil, 0); !errors.Is(err, ErrBadKey) {
			t.Errorf("key %q: %v", key, err)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if _, err := Open(file); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("opened twice: %v", err)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Error(err)
	}
	if _, _, err := a.Get("k", nil); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	if err := a.Set("k", nil, 0); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	again := openStore(t, file)
	if v, ok, _ := again.Namespace("b", quota).Get("k", nil); string(v) != "2" || !ok {
		t.Errorf("after opening again, b has %q", v)
	}
}

func TestCompareAndSet(t *testing.T) {
	n := openStore(t, filepath.Join(t.TempDir(), "kv.db")).Namespace("m", quota)
	for i, tt := range []struct {
		old, value string // "-": none
		done       bool
		is         string
	}{
		{"x", "y", false, "-"}, {"-", "-", true, "-"}, {"-", "a", true, "a"}, {"-", "b", false, "a"}, {"b", "c", false, "a"}, {"a", "b", true, "b"},
		{"b", "", true, ""}, {"-", "x", false, ""}, {"", "c", true, "c"}, {"c", "-", true, "-"},
	} {
		value := func(s string) []byte {
			if s == "-" {
				return nil
			}
			return []byte(s)
		}
		done, err := n.CompareAndSet("k", value(tt.old), value(tt.value), 0)
		is, ok, _ := n.Get("k", nil)
		if done != tt.done || err != nil || ok != (tt.is != "-") || ok && string(is) != tt.is {
			t.Errorf("%d: %t, %v, is %q", i, done, err, is)
		}
	}
}

func TestList(t *testing.T) {
	n := openStore(t, filepath.Join(t.TempDir(), "kv.db")).Namespace("m", quota)
	for _, k := range []string{"a", "b/1", "b/2", "b/3", "b/4", "b0", "c"} {
		if err := n.Set(k, []byte("value"), 0); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		prefix, after string
		limit         int
		most          int64
		want          string
		more          bool
	}{
		{"", "", 10, 100, "a b/1 b/2 b/3 b/4 b0 c", false},
		{"b/", "", 10, 100, "b/1 b/2 b/3 b/4", false},
		{"b/", "", 2, 100, "b/1 b/2", true},
		{"b/", "b/2", 2, 100, "b/3 b/4", false},
		{"b/", "b/4", 2, 100, "", false},
		{"b/", "z", 2, 100, "", false},
		{"b/", "a", 2, 100, "b/1 b/2", true},
		{"x", "", 10, 100, "", false},
		{"", "", 0, 100, "", true},
		{"", "", 10, 1, "a", true},
		{"", "", 10, 10, "a b/1", true},
	} {
		p, err := n.List(tt.prefix, tt.after, tt.limit, true, tt.most, all)
		var keys []string
		for _, e := range p.Entries {
			keys = append(keys, e.Key)
			if string(e.Value) != "value" {
				t.Errorf("%s is %q", e.Key, e.Value)
			}
		}
		if got := strings.Join(keys, " "); got != tt.want || p.More != tt.more || err != nil {
			t.Errorf("%+v: %q, more %t, %v", tt, got, p.More, err)
		}
	}
	p, err := n.List("", "", 3, false, 0, func(key string) bool { return strings.HasSuffix(key, "4") || key == "c" })
	if err != nil || len(p.Entries) != 2 || p.More || p.Entries[0].Value != nil {
		t.Errorf("filtered: %v, %v", p, err)
	}
}

// TestQuota: what is refused changes nothing, and what has expired gives room.
func TestQuota(t *testing.T) {
	now := time.UnixMilli(1_000_000)
	s, err := open(filepath.Join(t.TempDir(), "kv.db"), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	n := s.Namespace("m", Quota{Keys: 100, Bytes: 1000, Value: 100})
	if err := n.Set("k", make([]byte, 101), 0); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	for i := range 100 {
		if err := n.Set(fmt.Sprintf("%03d", i), make([]byte, 7), time.Second); err != nil {
			t.Fatal(i, err)
		}
	}
	if err := n.Set("more", nil, 0); err != nil { // nil is nothing to store
		t.Error(err)
	}
	if err := n.Set("more", []byte{}, 0); !errors.Is(err, ErrQuota) {
		t.Errorf("keys: %v", err)
	}
	if err := n.Set("000", make([]byte, 8), 0); !errors.Is(err, ErrQuota) {
		t.Errorf("bytes: %v", err)
	}
	if v, ok, _ := n.Get("000", nil); !ok || len(v) != 7 {
		t.Errorf("a refused change changed it: %v", v)
	}
	if err := n.Set("000", make([]byte, 7), 0); err != nil {
		t.Errorf("as large as before: %v", err)
	}
	if err := s.Namespace("other", quota).Set("k", make([]byte, 100), 0); err != nil {
		t.Errorf("the quota of another module: %v", err)
	}
	now = now.Add(time.Second)
	if p, err := n.List("", "", 200, false, 0, all); err != nil || len(p.Entries) != 1 || p.Entries[0].Key != "000" {
		t.Errorf("expired keys are listed: %v, %v", p, err)
	}
	if _, ok, _ := n.Get("001", nil); ok {
		t.Error("an expired key is there")
	}
	if was, err := n.Delete("001"); was || err != nil {
		t.Errorf("an expired key was deleted: %t, %v", was, err)
	}
	for i := range 12 { // needs the room of more than one sweep
		if err := n.Set(fmt.Sprintf("new%02d", i), make([]byte, 77), 0); err != nil {
			t.Fatal(i, err)
		}
	}
	if err := n.Set("000", make([]byte, 45), 0); !errors.Is(err, ErrQuota) { // 3 + 7 + 12 × 82 = 994
		t.Error(err)
	}
	if err := n.Set("000", make([]byte, 13), 0); err != nil {
		t.Error(err)
	}
}

// TestAgainstMap compares the store with a map, by random changes, and opens it
// again and again.
func TestAgainstMap(t *testing.T) {
	type stored struct {
		value string
		until int64
	}
	file := filepath.Join(t.TempDir(), "kv.db")
	now := time.UnixMilli(1_000_000)
	rnd := rand.New(rand.NewPCG(1, 2))
	model := map[string]stored{}
	live := func(k string) (stored, bool) {
		v, ok := model[k]
		return v, ok && (v.until == 0 || v.until > now.UnixMilli())
	}
	for range 5 {
		s, err := open(file, func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		n := s.Namespace("m", Quota{Keys: 1000, Bytes: 1 << 20, Value: 100})
		for range 150 {
			now = now.Add(time.Duration(rnd.IntN(20)) * time.Millisecond)
			k, v := fmt.Sprint("k", rnd.IntN(30)), strings.Repeat("v", rnd.IntN(50))
			ttl := time.Duration(rnd.IntN(3)*rnd.IntN(200)) * time.Millisecond
			next := stored{v, 0}
			if ttl > 0 {
				next.until = now.Add(ttl).UnixMilli()
			}
			is, ok := live(k)
			switch rnd.IntN(5) {
			case 0:
				if was, err := n.Delete(k); was != ok || err != nil {
					t.Fatalf("delete %s: %t, %v; want %t", k, was, err, ok)
				}
				delete(model, k)
			case 1:
				old := []byte(is.value)
				if !ok {
					old = nil
				}
				if done, err := n.CompareAndSet(k, old, []byte(v), ttl); !done || err != nil {
					t.Fatalf("compare and set %s: %t, %v", k, done, err)
				}
				model[k] = next
			case 2:
				got, found, err := n.Get(k, nil)
				if found != ok || err != nil || ok && string(got) != is.value {
					t.Fatalf("get %s: %q, %t, %v; want %q, %t", k, got, found, err, is.value, ok)
				}
			default:
				if err := n.Set(k, []byte(v), ttl); err != nil {
					t.Fatal(err)
				}
				model[k] = next
			}
		}
		maps.DeleteFunc(model, func(k string, _ stored) bool { _, ok := live(k); return !ok })
		p, err := n.List("", "", 1000, true, 1<<20, all)
		if err != nil || len(p.Entries) != len(model) || !slices.IsSortedFunc(p.Entries, func(a, b Entry) int { return cmp.Compare(a.Key, b.Key) }) {
			t.Fatalf("list %d of %d, %v", len(p.Entries), len(model), err)
		}
		for _, e := range p.Entries {
			if model[e.Key].value != string(e.Value) {
				t.Errorf("%s is %q, want %q", e.Key, e.Value, model[e.Key].value)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWriters: many write at once, and each finds what it wrote.
func TestWriters(t *testing.T) {
	s := openStore(t, filepath.Join(t.TempDir(), "kv.db"))
	n := s.Namespace("m", Quota{Keys: 10_000, Bytes: 1 << 20, Value: 100})
	if err := n.Set("count", []byte{0}, 0); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 25 {
				key := fmt.Sprintf("%d/%d", w, i)
				if err := n.Set(key, []byte(key), 0); err != nil {
					t.Error(err)
				}
				if v, _, err := n.Get(key, nil); string(v) != key || err != nil {
					t.Errorf("%s is %q, %v", key, v, err)
				}
				for {
					old, _, _ := n.Get("count", nil)
					if done, err := n.CompareAndSet("count", old, []byte{old[0] + 1}, 0); err != nil || done {
						break
					}
				}
			}
		})
	}
	wg.Wait()
	if v, _, _ := n.Get("count", nil); !bytes.Equal(v, []byte{200}) {
		t.Errorf("count %v", v)
	}
}

func BenchmarkGet(b *testing.B) {
	n := openStore(b, filepath.Join(b.TempDir(), "kv.db")).Namespace("m", Quota{Keys: 10_000, Bytes: 1 << 20, Value: 100})
	for i := range 1000 {
		if err := n.Set(fmt.Sprint("key/", i), make([]byte, 20), 0); err != nil {
			b.Fatal(err)
		}
		if i == 100 && testing.Short() {
			break
		}
	}
	b.ReportAllocs()
	var buf [64]byte
	for b.Loop() {
		if _, ok, err := n.Get("key/77", buf[:0]); !ok || err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSet(b *testing.B) {
	n := openStore(b, filepath.Join(b.TempDir(), "kv.db")).Namespace("m", Quota{Keys: 10_000, Bytes: 1 << 20, Value: 100})
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := n.Set("k", make([]byte, 20), 0); err != nil {
				b.Error(err)
			}
		}
	})
}
