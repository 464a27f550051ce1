// Package kv stores values under keys in the host. What a module stores outlives
// calls and the host; it is the module's own, for all of its callers.
//
// A command needs the power kv.read or kv.write, and scope entries whose "key"
// matches, like { key = "notes/*" }; otherwise errors are [sdk.ErrDenied]. A key
// is 1 to 1 024 bytes of text without NUL. The host bounds the number of keys,
// their bytes and those of a value: beyond that the error is a [*sdk.PowerError]
// with the code "quota" or "too-large", and nothing has changed. What a function
// has changed is on the host's disk when it returns.
//
// Times to live are in milliseconds, since package time makes guests larger.
package kv

import (
	"iter"

	"github.com/ambit-wasm/ambit/sdk"
	"github.com/ambit-wasm/ambit/sdk/internal/abi"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// Get returns the value of a key, and whether there is one.
func Get(key string) (value []byte, ok bool, err error) {
	d, err := sdk.PowerResult(abi.KVGet(keyArgs(1, key)))
	if err != nil || d.Nil() {
		return nil, false, err
	}
	value = d.Bin()
	return value, d.Err() == nil, d.Err()
}

// Set stores a value.
func Set(key string, value []byte) error { return SetFor(key, value, 0) }

// SetFor stores a value that is gone after ttl milliseconds, if that is positive.
func SetFor(key string, value []byte, ttl int64) error {
	b := wire.AppendBin(wire.AppendStr(keyArgs(3, key), "value"), value)
	_, err := sdk.PowerResult(abi.KVSet(wire.AppendInt(wire.AppendStr(b, "ttl"), max(ttl, 0))))
	return err
}

// Delete removes a key, and reports whether there was one.
func Delete(key string) (was bool, err error) {
	d, err := sdk.PowerResult(abi.KVDelete(keyArgs(1, key)))
	if err != nil {
		return false, err
	}
	return d.Bool(), d.Err()
}

// CompareAndSet stores value if the key's is old, and reports whether it was. Nil
// stands for no value, both before and after. It needs both powers on the key.
func CompareAndSet(key string, old, value []byte) (done bool, err error) {
	b := appendOr(wire.AppendStr(keyArgs(3, key), "old"), old)
	d, err := sdk.PowerResult(abi.KVCAS(appendOr(wire.AppendStr(b, "value"), value)))
	if err != nil {
		return false, err
	}
	return d.Bool(), d.Err()
}

// Entry is a key and its value.
type Entry struct {
	Key   string
	Value []byte // nil in a list of keys
}

// List lists the keys that begin with prefix and that the scope shows, with their
// values, in the order of their bytes. It fetches them page by page: what changes
// meanwhile may be seen or not. An error is the last that it yields.
func List(prefix string) iter.Seq2[Entry, error] { return list(prefix, true) }

// Keys is List without values.
func Keys(prefix string) iter.Seq2[Entry, error] { return list(prefix, false) }

func list(prefix string, values bool) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		after := ""
		for more := true; more; {
			var page []Entry
			var err error
			if page, more, err = listPage(prefix, after, values); err != nil {
				yield(Entry{}, err)
				return
			}
			for _, e := range page {
				if after = e.Key; !yield(e, nil) {
					return
				}
			}
			more = more && len(page) > 0
		}
	}
}

// pageSize is how many keys are asked for at a time.
const pageSize = 200

func listPage(prefix, after string, values bool) (page []Entry, more bool, err error) {
	b := wire.AppendStr(wire.AppendStr(wire.AppendMap(nil, 4), "prefix"), prefix)
	b = wire.AppendStr(wire.AppendStr(b, "after"), after)
	b = wire.AppendInt(wire.AppendStr(b, "limit"), pageSize)
	d, err := sdk.PowerResult(abi.KVList(wire.AppendBool(wire.AppendStr(b, "values"), values)))
	if err != nil {
		return nil, false, err
	}
	for range d.Map() {
		switch d.Str() {
		case "entries":
			for range d.Array() {
				if d.Array() == 2 {
					e := Entry{Key: d.Str()}
					if !d.Nil() {
						e.Value = d.Bin()
					}
					page = append(page, e)
				}
			}
		case "more":
			more = d.Bool()
		default:
			d.Skip()
		}
	}
	return page, more, d.Err()
}

// keyArgs begins arguments of n fields with the key.
func keyArgs(n int, key string) []byte {
	return wire.AppendStr(wire.AppendStr(wire.AppendMap(nil, n), "key"), key)
}

func appendOr(b, value []byte) []byte {
	if value == nil {
		return wire.AppendNil(b)
	}
	return wire.AppendBin(b, value)
}
