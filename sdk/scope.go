package sdk

import (
	"reflect"
	"slices"
	"unsafe"

	"github.com/ambit-wasm/ambit/sdk/wire"
)

// ScopeOf is a scope whose entries have been decoded into T.
type ScopeOf[T any] struct {
	Allow, Deny []T
}

// Scope returns the command scope of the call: the entries of all permissions
// that allowed it.
//
// An entry belongs to T, usually a struct, if T has a field for one of its
// keys; others, which serve a power or another command, are left out. An entry
// that belongs but has another key too is an error with the code bad-scope,
// since it may say more than T understands. The key powers is the host's and
// may always be there.
//
// Powers need no check by the module: the host enforces their entries.
func Scope[T any](c *Call) (ScopeOf[T], error) { return decodeScope[T](c.req.Scope) }

// GlobalScope returns, in the same way, the module's global scope: the entries
// of permissions that name no command.
func GlobalScope[T any](c *Call) (ScopeOf[T], error) { return decodeScope[T](c.req.Global) }

// Matches reports whether f holds for an allow entry and for no deny entry. A
// scope without allow entries matches nothing.
func (s ScopeOf[T]) Matches(f func(T) bool) bool {
	for _, e := range s.Deny {
		if f(e) {
			return false
		}
	}
	for _, e := range s.Allow {
		if f(e) {
			return true
		}
	}
	return false
}

func decodeScope[T any](raw wire.Raw) (s ScopeOf[T], err error) {
	r, err := readScope(raw, reflect.TypeFor[T]())
	for err == nil && r.next() {
		var entry T
		var belongs bool
		belongs, err = r.entry(unsafe.Pointer(&entry))
		switch {
		case !belongs:
		case r.deny:
			s.Deny = append(s.Deny, entry)
		default:
			s.Allow = append(s.Allow, entry)
		}
	}
	if err == nil {
		err = r.d.Err()
	}
	if err != nil {
		return ScopeOf[T]{}, &Error{Code: CodeBadScope, Message: "scope: " + err.Error()}
	}
	return s, nil
}

// scopeReader walks over the entries of {allow: […], deny: […]}.
type scopeReader struct {
	plan   *wire.Plan
	fields []string // of a struct
	d      *wire.Dec
	lists  int  // to come
	left   int  // entries of this list to come
	deny   bool // this list is deny
}

func readScope(raw wire.Raw, t reflect.Type) (*scopeReader, error) {
	p, err := wire.PlanOf(t)
	if err != nil {
		return nil, err
	}
	r := &scopeReader{plan: p, fields: p.Fields(), d: wire.NewDec(raw)}
	if len(raw) > 0 {
		r.lists = r.d.Map()
	}
	return r, nil
}

// next reports whether there is another entry.
func (r *scopeReader) next() bool {
	for r.left == 0 && r.lists > 0 {
		r.lists--
		r.deny = r.d.Str() != "allow" // an unknown list may only take away
		r.left = r.d.Array()
	}
	r.left--
	return r.left >= 0
}

// entry decodes the next entry into v, if it belongs to v's type.
func (r *scopeReader) entry(v unsafe.Pointer) (belongs bool, err error) {
	raw := r.d.Raw()
	if r.fields != nil {
		if raw, belongs = r.own(raw); !belongs {
			return false, nil
		}
	}
	err = r.plan.Decode(wire.NewDec(raw), v)
	return err == nil, err
}

// own returns the entry without the key powers, and whether a key of it is a
// field. What is not a map belongs, for the decoder to refuse.
func (r *scopeReader) own(raw wire.Raw) (entry wire.Raw, belongs bool) {
	d := wire.NewDec(raw)
	n := d.Map()
	if d.Err() != nil {
		return raw, true
	}
	var pairs []byte
	kept := 0
	for ; n > 0; n-- {
		name, value := d.Str(), d.Raw()
		known := slices.Contains(r.fields, name)
		belongs = belongs || known
		if known || name != "powers" {
			pairs = append(wire.AppendStr(pairs, name), value...)
			kept++
		}
	}
	return append(wire.AppendMap(nil, kept), pairs...), belongs
}
