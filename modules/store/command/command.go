// Package command holds the commands of the store module, over package sdk/kv. A
// value is any that can travel, kept as msgpack.
//
// Errors are [*sdk.Error] with one of these codes:
//
//	forbidden  the scope does not show the key
//	bad-args   a store's name or a key that cannot be
//	quota      the module has stored as much as it may
//	too-large  a value is larger than the host takes
package command

import (
	"strings"

	"github.com/ambit-wasm/ambit/sdk"
	"github.com/ambit-wasm/ambit/sdk/kv"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// Register registers the commands with the SDK and returns their names.
func Register() []string {
	return []string{
		handle("get", get), handle("set", set), handle("has", has), handle("delete", remove), handle("clear", clearAll),
		handle("keys", keys), handle("values", values), handle("entries", entries), handle("length", length),
	}
}

func handle[A, R any](name string, f func(A) (R, error)) string {
	sdk.Handle(name, func(_ *sdk.Call, a A) (r R, err error) {
		if r, err = f(a); err != nil {
			return r, sdk.Coded(err)
		}
		return r, nil
	})
	return name
}

// storeArgs are the arguments of most commands. As in those below, what is nil is
// left out.
type storeArgs struct {
	Store *string `json:"store"`
}

type keyArgs struct {
	Store *string `json:"store"`
	Key   string  `json:"key"`
}

type setArgs struct {
	Store *string  `json:"store"`
	Key   string   `json:"key"`
	Value wire.Raw `json:"value"`
	TTL   *int64   `json:"ttl"` // milliseconds; 0: for good, as by default
}

// defaultStore is the store of callers that name none.
const defaultStore = "default"

// prefix is what the keys of a store begin with: "<store>/".
func prefix(store *string) (string, error) {
	name := defaultStore
	if store != nil && *store != "" {
		name = *store
	}
	if strings.ContainsAny(name, "/\x00") || len(name) > 128 {
		return "", sdk.NewError("bad-args", "a store's name is 1 to 128 bytes without a slash")
	}
	return name + "/", nil
}

func keyOf(store *string, key string) (string, error) {
	p, err := prefix(store)
	if err == nil && key == "" {
		err = sdk.NewError("bad-args", "the key is empty")
	}
	return p + key, err
}

// found is a value and whether there is one; Tauri's get returns the same pair.
type found struct {
	Value  wire.Raw `json:"value"`
	Exists bool     `json:"exists"`
}

func get(a keyArgs) (found, error) {
	key, err := keyOf(a.Store, a.Key)
	if err != nil {
		return found{}, err
	}
	value, ok, err := kv.Get(key)
	return found{value, ok}, err
}

func set(a setArgs) (*struct{}, error) {
	key, err := keyOf(a.Store, a.Key)
	if err != nil {
		return nil, err
	}
	value := a.Value
	if len(value) == 0 {
		value = wire.AppendNil(nil)
	}
	if a.TTL == nil {
		return nil, kv.Set(key, value)
	}
	return nil, kv.SetFor(key, value, *a.TTL)
}

func has(a keyArgs) (bool, error) {
	f, err := get(a)
	return f.Exists, err
}

func remove(a keyArgs) (bool, error) {
	key, err := keyOf(a.Store, a.Key)
	if err != nil {
		return false, err
	}
	return kv.Delete(key)
}

// each calls f for what the scope shows of a store.
func each(store *string, values bool, f func(key string, value wire.Raw) error) error {
	p, err := prefix(store)
	if err != nil {
		return err
	}
	list := kv.Keys
	if values {
		list = kv.List
	}
	for e, err := range list(p) {
		if err != nil {
			return err
		}
		if err := f(strings.TrimPrefix(e.Key, p), e.Value); err != nil {
			return err
		}
	}
	return nil
}

// clearAll removes what the scope shows and lets be changed. Each key is removed
// by itself: a call that ends early has removed some.
func clearAll(a storeArgs) (n int, err error) {
	p, err := prefix(a.Store)
	if err != nil {
		return 0, err
	}
	err = each(a.Store, false, func(key string, _ wire.Raw) error {
		was, err := kv.Delete(p + key)
		if was {
			n++
		}
		return err
	})
	return n, err
}

func keys(a storeArgs) (out []string, err error) {
	out = []string{}
	err = each(a.Store, false, func(key string, _ wire.Raw) error { out = append(out, key); return nil })
	return out, err
}

func values(a storeArgs) (out []wire.Raw, err error) {
	out = []wire.Raw{}
	err = each(a.Store, true, func(_ string, value wire.Raw) error { out = append(out, value); return nil })
	return out, err
}

// entries are pairs of key and value.
func entries(a storeArgs) (out [][]any, err error) {
	out = [][]any{}
	err = each(a.Store, true, func(key string, value wire.Raw) error {
		out = append(out, []any{key, wire.NewDec(value).Any()})
		return nil
	})
	return out, err
}

func length(a storeArgs) (n int, err error) {
	err = each(a.Store, false, func(string, wire.Raw) error { n++; return nil })
	return n, err
}
