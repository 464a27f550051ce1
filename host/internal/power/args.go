package power

import (
	"errors"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// maxArgs is how many arguments a function has.
const maxArgs = 12

// args are the arguments of a function, a map with string keys. What is taken
// out of it with the wrong type, or not at all, is noted, and so is what is left:
// [args.done] says so. Texts and bytes alias the message, which the session uses
// again: who keeps them copies.
type args struct {
	fields [maxArgs]field
	n      int
	wrong  string // the first key that is
}

type field struct {
	key   string
	value wire.Raw
	taken bool
}

// readArgs checks a message and finds its fields. Keys that no function has are
// dealt with by done.
func readArgs(b []byte, limit int) (a args, err error) {
	if err := wire.Scan(b, wire.Limits{Bytes: limit}); err != nil {
		return a, err
	}
	d := wire.NewDec(b)
	n := d.Map()
	if d.Err() != nil {
		return a, errors.New("they are no map")
	}
	for i := range n {
		f := field{key: d.Str(), value: d.Raw()}
		if i < maxArgs {
			a.fields[i] = f
			a.n++
		} else {
			a.fail(f.key)
		}
	}
	return a, d.Done()
}

// take finds a value. It is false if there is none, or nil in its place.
func (a *args) take(key string) (wire.Raw, bool) {
	for i := range a.fields[:a.n] {
		if f := &a.fields[i]; f.key == key {
			f.taken = true
			return f.value, !wire.NewDec(f.value).Nil()
		}
	}
	return nil, false
}

// scalar reads a value with one of the methods of [wire.Dec]. One that is
// missing is wrong unless it is optional.
func scalar[T any](a *args, key string, optional bool, read func(*wire.Dec) T) (v T) {
	raw, ok := a.take(key)
	if !ok {
		if !optional {
			a.fail(key)
		}
		return v
	}
	d := wire.NewDec(raw)
	v = read(d)
	if d.Done() != nil {
		a.fail(key)
	}
	return v
}

// str takes a text.
func (a *args) str(key string) string { return scalar(a, key, false, (*wire.Dec).Str) }

// strOr takes a text that may be missing.
func (a *args) strOr(key string) string { return scalar(a, key, true, (*wire.Dec).Str) }

// bin takes bytes.
func (a *args) bin(key string) []byte { return scalar(a, key, false, (*wire.Dec).Bin) }

// binOr takes bytes that may be missing, and says whether they are there.
func (a *args) binOr(key string) ([]byte, bool) {
	_, ok := a.take(key)
	return scalar(a, key, true, (*wire.Dec).Bin), ok
}

// flag takes a bool, which is false if it is missing.
func (a *args) flag(key string) bool { return scalar(a, key, true, (*wire.Dec).Bool) }

// number takes an integer that is not negative.
func (a *args) number(key string) uint64 { return scalar(a, key, false, (*wire.Dec).Uint) }

// numberOr takes an integer that is not negative and may be missing, cut to most.
func (a *args) numberOr(key string, without, most uint64) uint64 {
	if _, ok := a.take(key); !ok {
		return without
	}
	return min(a.number(key), most)
}

// raw takes any value; one that is missing is nil.
func (a *args) raw(key string) wire.Raw {
	v, ok := a.take(key)
	if !ok {
		return wire.AppendNil(nil)
	}
	return v
}

// list takes a list, read by each, of at most most elements. It may be missing.
func (a *args) list(key string, most int, each func(*wire.Dec)) {
	raw, ok := a.take(key)
	if !ok {
		return
	}
	d := wire.NewDec(raw)
	n := d.Array()
	if n > most {
		a.fail(key)
		return
	}
	for range n {
		each(d)
	}
	if d.Done() != nil {
		a.fail(key)
	}
}

// strs takes a list of texts.
func (a *args) strs(key string, most int) (out []string) {
	a.list(key, most, func(d *wire.Dec) { out = append(out, d.Str()) })
	return out
}

func (a *args) fail(key string) {
	if a.wrong == "" {
		a.wrong = key
	}
}

// done reports what was wrong, or left. It is asked before anything is done.
func (a *args) done() *Error {
	for _, f := range a.fields[:a.n] {
		if !f.taken {
			a.fail(f.key)
		}
	}
	if a.wrong != "" {
		return &Error{authority.CodeBadArgs, "a power's argument is missing, of another type, or unknown: " + printable.Cut(a.wrong, maxAsked)}
	}
	return nil
}
