package wire_test

import (
	"math"
	"testing"

	"github.com/ambit-wasm/ambit/sdk/wire"
)

func TestDecReadsAMessage(t *testing.T) {
	b := wire.AppendMap(nil, 8)
	b = wire.AppendStr(wire.AppendStr(b, "s"), "text")
	b = wire.AppendBin(wire.AppendStr(b, "b"), []byte{1, 2})
	b = wire.AppendInt(wire.AppendStr(b, "i"), -300)
	b = wire.AppendUint(wire.AppendStr(b, "u"), math.MaxUint64)
	b = wire.AppendFloat(wire.AppendStr(b, "f"), 0.5)
	b = wire.AppendBool(wire.AppendStr(b, "t"), true)
	b = wire.AppendNil(wire.AppendStr(b, "n"))
	b = append(wire.AppendArray(wire.AppendStr(b, "a"), 2), 1, 2)

	whole := wire.NewDec(b)
	whole.Skip()
	if err := whole.Done(); err != nil {
		t.Errorf("Skip: %v", err)
	}
	d := wire.NewDec(b)
	if n := d.Map(); n != 8 {
		t.Fatalf("Map = %d", n)
	}
	key := func(want string) {
		t.Helper()
		if got := d.Str(); got != want {
			t.Errorf("key %q, want %q", got, want)
		}
	}
	key("s")
	if got := d.Str(); got != "text" {
		t.Errorf("Str = %q", got)
	}
	key("b")
	if got := d.Bin(); string(got) != "\x01\x02" || cap(got) != 2 {
		t.Errorf("Bin = %v with room for %d", got, cap(got))
	}
	key("i")
	if got := d.Int(); got != -300 {
		t.Errorf("Int = %d", got)
	}
	key("u")
	if got := d.Uint(); got != math.MaxUint64 {
		t.Errorf("Uint = %d", got)
	}
	key("f")
	if got := d.Float(); got != 0.5 {
		t.Errorf("Float = %v", got)
	}
	key("t")
	if !d.Bool() {
		t.Error("Bool = false")
	}
	key("n")
	if !d.Nil() || d.Nil() {
		t.Error("Nil does not tell nil from a string")
	}
	key("a")
	if got := d.Raw(); string(got) != "\x92\x01\x02" {
		t.Errorf("Raw = %x", got)
	}
	if err := d.Done(); err != nil {
		t.Error(err)
	}
}

func TestDecStaysAtTheFirstError(t *testing.T) {
	d := wire.NewDec([]byte{0x93, 1, 2, 3})
	d.Array()
	if got := d.Str(); got != "" {
		t.Errorf("Str of an integer = %q", got)
	}
	if d.Int() != 0 || d.Map() != 0 || d.Array() != 0 || d.Bin() != nil || d.Any() != nil || d.Raw() != nil || d.Nil() {
		t.Error("a call after the error returned something")
	}
	err := d.Done().(*wire.Error)
	if err.Text != "expected a string, found an integer" || err.At != 1 {
		t.Errorf("error %+v", err)
	}
}

func TestDecNumbers(t *testing.T) {
	type result struct {
		i   int64
		u   uint64
		f   float64
		err [3]string // of Int, Uint, Float
	}
	const outOfRange, inexact = "integer out of range", "integer is not exact as a float"
	for _, tt := range []struct {
		name string
		b    []byte
		want result
	}{
		{"0", wire.AppendInt(nil, 0), result{}},
		{"-1", wire.AppendInt(nil, -1), result{i: -1, f: -1, err: [3]string{"", outOfRange, ""}}},
		{"max int64", wire.AppendInt(nil, math.MaxInt64), result{i: math.MaxInt64, u: math.MaxInt64, err: [3]string{"", "", inexact}}},
		{"min int64", wire.AppendInt(nil, math.MinInt64), result{i: math.MinInt64, f: math.MinInt64, err: [3]string{"", outOfRange, ""}}},
		{"1<<63", wire.AppendUint(nil, 1<<63), result{u: 1 << 63, f: 1 << 63, err: [3]string{outOfRange, "", ""}}},
		{"max uint64", wire.AppendUint(nil, math.MaxUint64), result{u: math.MaxUint64, err: [3]string{outOfRange, "", inexact}}},
		{"1<<53", wire.AppendUint(nil, 1<<53), result{i: 1 << 53, u: 1 << 53, f: 1 << 53}},
		{"1<<53+1", wire.AppendUint(nil, 1<<53+1), result{i: 1<<53 + 1, u: 1<<53 + 1, err: [3]string{"", "", inexact}}},
		{"1.5", wire.AppendFloat(nil, 1.5), result{f: 1.5, err: [3]string{"expected an integer, found a float", "expected an integer, found a float", ""}}},
		{"2.0", wire.AppendFloat(nil, 2), result{f: 2, err: [3]string{"expected an integer, found a float", "expected an integer, found a float", ""}}},
		{"string", wire.AppendStr(nil, "1"), result{err: [3]string{"expected an integer, found a string", "expected an integer, found a string", "expected a float, found a string"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got result
			for i, read := range []func(d *wire.Dec){
				func(d *wire.Dec) { got.i = d.Int() },
				func(d *wire.Dec) { got.u = d.Uint() },
				func(d *wire.Dec) { got.f = d.Float() },
			} {
				d := wire.NewDec(tt.b)
				read(d)
				if err := d.Done(); err != nil {
					got.err[i] = text(t, err)
				}
			}
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestAnyCopies(t *testing.T) {
	b := encode(t, map[string]any{"key": []any{"text", []byte("data")}})
	got := wire.NewDec(b).Any()
	clear(b)
	if want := (map[string]any{"key": []any{"text", []byte("data")}}); !same(got, want) {
		t.Errorf("after the input changed: %v", got)
	}
}

// Lengths that do not fit must make the message unreadable, never wrong.
func TestAppendOfWhatDoesNotFit(t *testing.T) {
	for name, b := range map[string][]byte{
		"array of 1<<32":    wire.AppendArray(nil, 1<<32),
		"array of -1":       wire.AppendArray(nil, -1),
		"map of 1<<32":      wire.AppendMap(nil, 1<<32),
		"map of -1":         wire.AppendMap(nil, -1),
		"raw that is empty": wire.AppendRaw(nil, nil),
	} {
		want := "\xc1"
		if name == "raw that is empty" {
			want = "\xc0"
		}
		if string(b) != want {
			t.Errorf("%s: %x, want %x", name, b, want)
		}
	}
}
