package power

import (
	"errors"
	"strings"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/kv"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// mostListed is how many keys a page of a list has at most.
const mostListed = 1000

// maxTTL is the longest time to live, in milliseconds: a hundred years.
const maxTTL = 100 * 365 * 24 * 3600 * 1000

// kvGet is {key: string} -> bin, or nil if there is none.
func kvGet(s *Session, a *args, out []byte) ([]byte, *Error) {
	key := a.str("key")
	n, refused := s.namespace(a, authority.PowerKVRead, key)
	if refused != nil {
		return nil, refused
	}
	s.value = s.value[:0]
	var ok bool
	var err error
	s.value, ok, err = n.Get(key, s.value)
	switch {
	case err != nil:
		return nil, s.kvError(authority.PowerKVRead, key, err)
	case !ok:
		return wire.AppendNil(out), nil
	}
	return wire.AppendBin(out, s.value), nil
}

// kvList is {prefix, after: string?, limit: int?, values: bool?} -> {entries:
// [[key, value]…], more: bool}: keys that the scope shows, in the order of their
// bytes, and their values or nil. The next page comes after the last key.
func kvList(s *Session, a *args, out []byte) ([]byte, *Error) {
	prefix, after := a.strOr("prefix"), a.strOr("after")
	limit := a.numberOr("limit", 100, mostListed)
	values := a.flag("values")
	if err := a.done(); err != nil {
		return nil, err
	}
	if s.grant.Reach(authority.PowerKVRead, "") == authority.CodeScopeEmpty {
		return nil, s.Refuse(authority.PowerKVRead, authority.CodeScopeEmpty, prefix, "key", prefix+"*")
	}
	n, err := s.open()
	if err != nil {
		return nil, s.kvError(authority.PowerKVRead, prefix, err)
	}
	page, err := n.List(prefix, after, int(limit), values, s.means.Reply/2, func(key string) bool {
		return s.grant.Reach(authority.PowerKVRead, key) == authority.CodeAllowed
	})
	if err != nil {
		return nil, s.kvError(authority.PowerKVRead, prefix, err)
	}
	out = wire.AppendArray(wire.AppendStr(wire.AppendMap(out, 2), "entries"), len(page.Entries))
	for _, e := range page.Entries {
		out = wire.AppendStr(wire.AppendArray(out, 2), e.Key)
		if values {
			out = wire.AppendBin(out, e.Value)
		} else {
			out = wire.AppendNil(out)
		}
	}
	return wire.AppendBool(wire.AppendStr(out, "more"), page.More), nil
}

// kvSet is {key: string, value: bin, ttl: ms?} -> nil, when it is on the disk.
func kvSet(s *Session, a *args, out []byte) ([]byte, *Error) {
	key, value, ttl := a.str("key"), a.bin("value"), a.numberOr("ttl", 0, maxTTL)
	n, refused := s.namespace(a, authority.PowerKVWrite, key)
	if refused != nil {
		return nil, refused
	}
	if err := s.countWritten(len(key) + len(value)); err != nil {
		return nil, err
	}
	if err := n.Set(key, notNil(value), time.Duration(ttl)*time.Millisecond); err != nil {
		return nil, s.kvError(authority.PowerKVWrite, key, err)
	}
	return wire.AppendNil(out), nil
}

// kvDelete is {key: string} -> whether there was one.
func kvDelete(s *Session, a *args, out []byte) ([]byte, *Error) {
	key := a.str("key")
	n, refused := s.namespace(a, authority.PowerKVWrite, key)
	if refused != nil {
		return nil, refused
	}
	was, err := n.Delete(key)
	if err != nil {
		return nil, s.kvError(authority.PowerKVWrite, key, err)
	}
	return wire.AppendBool(out, was), nil
}

// kvCAS is {key: string, old, value: bin?, ttl: ms?} -> whether the value was old,
// and is value now. Nil stands for no value. Since it tells what the value is to
// who guesses it, it takes kv.read on the key, too.
func kvCAS(s *Session, a *args, out []byte) ([]byte, *Error) {
	key, ttl := a.str("key"), a.numberOr("ttl", 0, maxTTL)
	old, was := a.binOr("old")
	value, is := a.binOr("value")
	n, refused := s.namespace(a, authority.PowerKVWrite, key)
	if refused == nil {
		refused = s.reach(authority.PowerKVRead, key)
	}
	if refused != nil {
		return nil, refused
	}
	if was {
		old = notNil(old)
	}
	if is {
		value = notNil(value)
	}
	if err := s.countWritten(len(key) + len(value)); err != nil {
		return nil, err
	}
	done, err := n.CompareAndSet(key, old, value, time.Duration(ttl)*time.Millisecond)
	if err != nil {
		return nil, s.kvError(authority.PowerKVWrite, key, err)
	}
	return wire.AppendBool(out, done), nil
}

// countWritten counts what the session stores: each write is on the disk when it
// returns, so that many of them are dear for everybody.
func (s *Session) countWritten(n int) *Error {
	if s.written+int64(n) > s.means.Write {
		return &Error{authority.CodeQuota, "the call has written as much as it may"}
	}
	s.written += int64(n)
	return nil
}

// notNil keeps an empty value from standing for none.
func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// namespace is that of the module, if the call is lent the power on the key.
func (s *Session) namespace(a *args, p authority.Power, key string) (*kv.Namespace, *Error) {
	if err := a.done(); err != nil {
		return nil, err
	}
	if err := s.reach(p, key); err != nil {
		return nil, err
	}
	n, err := s.open()
	if err != nil {
		return nil, s.kvError(p, key, err)
	}
	return n, nil
}

func (s *Session) open() (*kv.Namespace, error) {
	if s.means.KV == nil {
		return nil, errors.New("the host keeps no keys")
	}
	return s.means.KV()
}

func (s *Session) kvError(p authority.Power, key string, err error) *Error {
	switch {
	case errors.Is(err, kv.ErrBadKey):
		return &Error{authority.CodeBadArgs, strings.TrimPrefix(err.Error(), "kv: ")}
	case errors.Is(err, kv.ErrTooLarge):
		return &Error{authority.CodeTooLarge, strings.TrimPrefix(err.Error(), "kv: ")}
	case errors.Is(err, kv.ErrQuota):
		return &Error{authority.CodeQuota, strings.TrimPrefix(err.Error(), "kv: ")}
	}
	s.failed(p, key, err)
	return &Error{authority.CodeHostError, "the host's store failed"}
}
