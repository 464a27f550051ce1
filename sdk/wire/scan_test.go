package wire_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/sdk/wire"
)

// ordinary is a message as commands exchange them.
func ordinary(tb testing.TB) []byte {
	tb.Helper()
	entries := []any{}
	for i := range 10 {
		entries = append(entries, map[string]any{
			"name": fmt.Sprintf("note %d.md", i), "isFile": true, "isDirectory": false, "size": 1000 * i, "zeta": 1.5, "data": []byte{1, 2},
		})
	}
	return encode(tb, map[string]any{"path": "$APPDATA/notes", "entries": entries, "next": nil})
}

func TestScanDoesNotAllocate(t *testing.T) {
	unsorted := wire.AppendMap(nil, 12)
	for i := range 12 {
		unsorted = wire.AppendInt(wire.AppendStr(unsorted, string(rune('z'-i))), 1)
	}
	for name, b := range map[string][]byte{
		"ordinary":      ordinary(t),
		"unsorted keys": unsorted,
		"4 KiB string":  wire.AppendStr(nil, strings.Repeat("é", 2<<10)),
		"64 KiB bytes":  wire.AppendBin(nil, make([]byte, 64<<10)),
		"10000 ints":    encode(t, make([]int, 10000)),
		"32 deep":       append(bytes.Repeat([]byte{0x81, 0xa1, 'k'}, 32), 0xc0),
	} {
		t.Run(name, func(t *testing.T) {
			n := testing.AllocsPerRun(10, func() {
				if err := wire.Scan(b, wire.Limits{}); err != nil {
					t.Fatal(err)
				}
			})
			if n != 0 {
				t.Errorf("%v allocations, want none", n)
			}
		})
	}
}

// A false count must cost nothing, wherever it stands and whoever reads.
func TestClaimedCountsCostNothing(t *testing.T) {
	type wide struct{ A, B, C, D, E, F, G, H [64]int }
	heads := map[string][]byte{
		"array": {0xdd, 0, 0x10, 0, 0}, "map": {0xdf, 0, 0x10, 0, 0},
		"str": {0xdb, 0xff, 0xff, 0xff, 0xff}, "bin": {0xc6, 0xff, 0xff, 0xff, 0xff},
	}
	for name, head := range heads {
		// Enough bytes for the count, but the first element is wrong.
		b := append(append(head, 0xc1), make([]byte, 3<<20)...)
		for reader, read := range map[string]func() error{
			"Scan": func() error { return wire.Scan(b, wire.Limits{Elements: 1 << 30}) },
			"Any":  func() error { d := wire.NewDec(b); d.Any(); return d.Done() },
			"[]string": func() error {
				var v []string
				return wire.Unmarshal(b, &v)
			},
			"[]wide": func() error {
				var v []wide
				return wire.Unmarshal(b, &v)
			},
			"map[string]wide": func() error {
				var v map[string]wide
				return wire.Unmarshal(b, &v)
			},
		} {
			t.Run(name+"/"+reader, func(t *testing.T) {
				r := testing.Benchmark(func(tb *testing.B) {
					for range min(tb.N, 10) {
						if read() == nil {
							tb.Fatal("accepted")
						}
					}
				})
				if got := r.AllocedBytesPerOp(); got > 64<<10 {
					t.Errorf("%d bytes allocated", got)
				}
			})
		}
	}
}

func TestScanLimits(t *testing.T) {
	deep := func(n int) []byte { return append(bytes.Repeat([]byte{0x91}, n), 0xc0) }
	list := func(n int) []byte { return append(wire.AppendArray(nil, n), make([]byte, n)...) }
	pairs := func(n int) []byte {
		b := wire.AppendMap(nil, n)
		for i := range n {
			b = wire.AppendNil(wire.AppendStr(b, fmt.Sprintf("%06d", i)))
		}
		return b
	}
	elements, size := wire.DefaultLimits().Elements, wire.DefaultLimits().Bytes
	tests := []struct {
		name   string
		b      []byte
		limits wire.Limits
		want   string
	}{
		{"depth at the default", deep(32), wire.Limits{}, ""},
		{"depth above the default", deep(33), wire.Limits{}, "nested too deep"},
		{"depth at a limit", deep(3), wire.Limits{Depth: 3}, ""},
		{"depth above a limit", deep(4), wire.Limits{Depth: 3}, "nested too deep"},
		{"depth cannot be raised", deep(33), wire.Limits{Depth: 1000}, "nested too deep"},
		{"elements at the default", list(elements), wire.Limits{}, ""},
		{"elements above the default", list(elements + 1), wire.Limits{}, "too many elements"},
		{"keys and values count", pairs(5), wire.Limits{Elements: 10}, ""},
		{"keys and values count, above", pairs(5), wire.Limits{Elements: 9}, "too many elements"},
		{"elements of all containers together", []byte{0x92, 0x92, 0, 0, 0x91, 0}, wire.Limits{Elements: 4}, "too many elements"},
		{"many pairs", pairs(elements / 2), wire.Limits{}, ""},
		{"bytes at the default", wire.AppendBin(nil, make([]byte, size-5)), wire.Limits{}, ""},
		{"bytes above the default", wire.AppendBin(nil, make([]byte, size-4)), wire.Limits{}, "message too large"},
		{"bytes at a limit", list(9), wire.Limits{Bytes: 10}, ""},
		{"bytes above a limit", list(10), wire.Limits{Bytes: 10}, "message too large"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := wire.Scan(tt.b, tt.limits)
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if got := text(t, err); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// Maps of every size and order of keys, with and without one key twice, around
// the size where the way of looking for duplicates changes.
func TestScanDuplicateKeys(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 2, 15, 16, 17, 64, 65, 1000} {
		for _, order := range []string{"ascending", "descending", "random"} {
			keys := make([]string, n)
			for i := range keys {
				keys[i] = fmt.Sprintf("key %05d", i)
			}
			switch order {
			case "descending":
				for i := range n / 2 {
					keys[i], keys[n-1-i] = keys[n-1-i], keys[i]
				}
			case "random":
				r.Shuffle(n, func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
			}
			build := func(keys []string) []byte {
				b := wire.AppendMap(wire.AppendArray(nil, 1), len(keys))
				for _, k := range keys {
					b = append(wire.AppendStr(b, k), 0x81, 0xa1, 'k', 0xc0) // maps inside
				}
				return b
			}
			if err := wire.Scan(build(keys), wire.Limits{}); err != nil {
				t.Errorf("%d keys, %s: %v", n, order, err)
			}
			for range 5 {
				at := r.IntN(n + 1)
				twice := append(append(append([]string{}, keys[:at]...), keys[r.IntN(n)]), keys[at:]...)
				if err := wire.Scan(build(twice), wire.Limits{}); err == nil || text(t, err) != "duplicate key" {
					t.Errorf("%d keys, %s, one twice: %v", n, order, err)
				}
			}
		}
	}
}

func TestErrorText(t *testing.T) {
	for _, tt := range []struct {
		err  wire.Error
		want string
	}{
		{wire.Error{Text: "truncated", At: 7}, "truncated (byte 7)"},
		{wire.Error{Text: "truncated", Path: "a.b[2]", At: 0}, "a.b[2]: truncated (byte 0)"},
		{wire.Error{Text: "type chan int cannot travel", At: -1}, "type chan int cannot travel"},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}
