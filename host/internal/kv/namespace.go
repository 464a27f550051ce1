package kv

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"go.etcd.io/bbolt"
)

const (
	maxKey    = 1024 // bytes
	mostSwept = 32   // expired keys that a write removes, unless the quota is used up
)

// Quota is what a namespace may hold.
type Quota struct {
	Keys  int64
	Bytes int64 // of keys and values
	Value int64 // bytes of one value
}

// Namespace is what one module has stored. It is safe for concurrent use.
type Namespace struct {
	s     *Store
	quota Quota
	// Names of buckets: values by key, and keys by when they expire.
	values, expiries, count []byte
}

// Namespace returns that of a module. It is made when something is first stored.
func (s *Store) Namespace(module string, q Quota) *Namespace {
	return &Namespace{s: s, quota: q, values: []byte("v/" + module), expiries: []byte("x/" + module), count: []byte(module)}
}

// counts is the bucket of what namespaces hold.
var counts = []byte("counts")

// A stored value begins with the time when it expires: Unix milliseconds, 0 for
// never.
const expiryBytes = 8

// alive returns the value of what was stored, or nil if it has expired.
func alive(stored []byte, now int64) []byte {
	if len(stored) < expiryBytes {
		return nil
	}
	if at := expiry(stored); at != 0 && at <= now {
		return nil
	}
	return stored[expiryBytes:]
}

func expiry(stored []byte) int64 { return int64(binary.BigEndian.Uint64(stored)) }

func (n *Namespace) now() int64 { return n.s.now().UnixMilli() }

func checkKey(key string) error {
	if key == "" || len(key) > maxKey || strings.Contains(key, "\x00") || !utf8.ValidString(key) {
		return ErrBadKey
	}
	return nil
}

// Get appends the value of a key to dst, and reports whether there is one.
func (n *Namespace) Get(key string, dst []byte) (_ []byte, ok bool, err error) {
	if err := checkKey(key); err != nil {
		return dst, false, err
	}
	err = n.s.view(func(tx *bbolt.Tx) error {
		if b := tx.Bucket(n.values); b != nil {
			if v := alive(b.Get([]byte(key)), n.now()); v != nil {
				dst, ok = append(dst, v...), true
			}
		}
		return nil
	})
	return dst, ok, err
}

// Entry is a key and its value.
type Entry struct {
	Key   string
	Value []byte
}

// Page is a part of a list.
type Page struct {
	Entries []Entry // in the order of their bytes; without values unless they were asked for
	More    bool    // after the last of them
}

// List returns keys that begin with prefix, come after a key and pass the filter:
// at most limit of them, with values of at most most bytes together (but one in
// any case). It looks at all keys until then, however few pass.
func (n *Namespace) List(prefix, after string, limit int, values bool, most int64, filter func(key string) bool) (p Page, err error) {
	err = n.s.view(func(tx *bbolt.Tx) error {
		b := tx.Bucket(n.values)
		if b == nil {
			return nil
		}
		c := b.Cursor()
		now, size := n.now(), int64(0)
		for k, v := c.Seek([]byte(max(prefix, after))); k != nil && bytes.HasPrefix(k, []byte(prefix)); k, v = c.Next() {
			key, value := string(k), alive(v, now)
			if key == after || value == nil || !filter(key) {
				continue
			}
			size += int64(len(value))
			if len(p.Entries) >= limit || values && size > most && len(p.Entries) > 0 {
				p.More = true
				return nil
			}
			e := Entry{Key: key}
			if values {
				e.Value = bytes.Clone(value)
			}
			p.Entries = append(p.Entries, e)
		}
		return nil
	})
	return p, err
}

// Set stores a value, for as long as ttl if that is positive. It is on the disk
// when Set returns.
func (n *Namespace) Set(key string, value []byte, ttl time.Duration) error {
	_, err := n.change(key, value, ttl, func([]byte) bool { return true })
	return err
}

// Delete removes a key, and reports whether there was one.
func (n *Namespace) Delete(key string) (was bool, err error) {
	return n.change(key, nil, 0, func(old []byte) bool { return old != nil })
}

// CompareAndSet stores a value if the key's is old, and reports whether it was.
// Nil stands for no value, both before and after.
func (n *Namespace) CompareAndSet(key string, old, value []byte, ttl time.Duration) (done bool, err error) {
	return n.change(key, value, ttl, func(is []byte) bool {
		return (is == nil) == (old == nil) && bytes.Equal(is, old)
	})
}

// change stores a value, or removes it if it is nil, if the one before fits.
func (n *Namespace) change(key string, value []byte, ttl time.Duration, fits func(old []byte) bool) (done bool, err error) {
	if err := checkKey(key); err != nil {
		return false, err
	}
	if int64(len(value)) > n.quota.Value {
		return false, ErrTooLarge
	}
	err = n.s.write(func(tx *bbolt.Tx) (refused, failed error) {
		w, err := n.writer(tx)
		if err != nil {
			return nil, err
		}
		if err := w.sweep(mostSwept); err != nil {
			return nil, err
		}
		old := w.values.Get([]byte(key))
		if !fits(alive(old, w.now)) {
			return nil, w.keepCount()
		}
		if value != nil && !w.fits(key, old, value) {
			if err := w.sweep(math.MaxInt); err != nil {
				return nil, err
			}
			if old = w.values.Get([]byte(key)); !w.fits(key, old, value) {
				return ErrQuota, w.keepCount()
			}
		}
		done = true
		return nil, w.put(key, old, value, ttl)
	})
	return done && err == nil, err
}

// writer is a namespace in a transaction that changes it.
type writer struct {
	*Namespace
	values, expiries, counts *bbolt.Bucket
	now                      int64
	keys, bytes              int64 // that it holds
}

func (n *Namespace) writer(tx *bbolt.Tx) (*writer, error) {
	w := &writer{Namespace: n, now: n.now()}
	for _, b := range []struct {
		name   []byte
		bucket **bbolt.Bucket
	}{{n.values, &w.values}, {n.expiries, &w.expiries}, {counts, &w.counts}} {
		var err error
		if *b.bucket, err = tx.CreateBucketIfNotExists(b.name); err != nil {
			return nil, err
		}
	}
	if c := w.counts.Get(n.count); len(c) == 16 {
		w.keys, w.bytes = int64(binary.BigEndian.Uint64(c)), int64(binary.BigEndian.Uint64(c[8:]))
	}
	return w, nil
}

func (w *writer) keepCount() error {
	c := binary.BigEndian.AppendUint64(nil, uint64(w.keys))
	return w.counts.Put(w.count, binary.BigEndian.AppendUint64(c, uint64(w.bytes)))
}

// fits reports whether the quota has room for a value in place of what was stored.
func (w *writer) fits(key string, stored, value []byte) bool {
	keys, size := w.keys+1, w.bytes+int64(len(key)+len(value))
	if stored != nil {
		keys, size = w.keys, size-int64(len(key)+len(stored)-expiryBytes)
	}
	return keys <= w.quota.Keys && size <= w.quota.Bytes
}

// put stores a value, or removes it if it is nil.
func (w *writer) put(key string, stored, value []byte, ttl time.Duration) error {
	if stored != nil {
		if err := w.remove([]byte(key), stored); err != nil {
			return err
		}
	}
	if value == nil {
		return w.keepCount()
	}
	at := int64(0)
	if ttl > 0 {
		at = max(w.s.now().Add(ttl).UnixMilli(), 1)
		if err := w.expiries.Put(expiryKey(at, []byte(key)), nil); err != nil {
			return err
		}
	}
	if err := w.values.Put([]byte(key), append(binary.BigEndian.AppendUint64(nil, uint64(at)), value...)); err != nil {
		return err
	}
	w.keys, w.bytes = w.keys+1, w.bytes+int64(len(key)+len(value))
	return w.keepCount()
}

// remove takes out what was stored.
func (w *writer) remove(key, stored []byte) error {
	w.keys, w.bytes = w.keys-1, w.bytes-int64(len(key)+len(stored)-expiryBytes)
	if at := expiry(stored); at != 0 {
		if err := w.expiries.Delete(expiryKey(at, key)); err != nil {
			return err
		}
	}
	return w.values.Delete(key)
}

func expiryKey(at int64, key []byte) []byte {
	return append(binary.BigEndian.AppendUint64(nil, uint64(at)), key...)
}

// sweep removes what has expired, as many keys at most.
func (w *writer) sweep(most int) error {
	var gone [][]byte
	c := w.expiries.Cursor()
	for k, _ := c.First(); len(k) > expiryBytes && len(gone) < most && expiry(k) <= w.now; k, _ = c.Next() {
		gone = append(gone, bytes.Clone(k))
	}
	for _, k := range gone {
		key := k[expiryBytes:]
		if stored := bytes.Clone(w.values.Get(key)); len(stored) >= expiryBytes && expiry(stored) == expiry(k) {
			if err := w.remove(key, stored); err != nil {
				return err
			}
		} else if err := w.expiries.Delete(k); err != nil {
			return err
		}
	}
	return nil
}
