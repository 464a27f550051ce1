package wire

import (
	"math"
	"slices"
)

// Version is the version of the ABI, which every request carries.
const Version = 1

// Request is what the host asks of a guest.
type Request struct {
	V        uint   // [Version]
	ID       uint64 // of the call, for logs
	Command  string // without the module's name
	Args     Raw    // one value; nil if the caller gave none
	Scope    Raw    // {allow: […], deny: […]}: the command scope, as [AppendScope] makes it
	Global   Raw    // the same for the global scope
	Caller   Caller
	Deadline int64 // milliseconds that the call has left; 0 means not told
	Seed     [16]byte
}

// Caller is who invoked the command.
type Caller struct {
	Window  string // label; empty if a module called
	Webview string // label
	Origin  string // "local", a URL, or "module:<name>"
	// Chain holds the callers before this one, the root first. Theirs is empty.
	Chain []Caller
}

// AppendScope appends {allow, deny} with the entries of a scope.
func AppendScope(b []byte, allow, deny []any) ([]byte, error) {
	var e encoder
	b = AppendMap(b, 2)
	b = e.anySlice(AppendStr(b, "allow"), allow, 1)
	b = e.anySlice(AppendStr(b, "deny"), deny, 1)
	return b, e.result()
}

// AppendRequest appends r. A Scope or Global that is nil becomes one without
// entries. The raw parts are copied unchecked.
func AppendRequest(b []byte, r *Request) []byte {
	b = AppendMap(b, 9)
	b = AppendUint(AppendStr(b, "v"), uint64(r.V))
	b = AppendUint(AppendStr(b, "id"), r.ID)
	b = AppendStr(AppendStr(b, "command"), r.Command)
	b = AppendRaw(AppendStr(b, "args"), r.Args)
	b = appendScope(AppendStr(b, "scope"), r.Scope)
	b = appendScope(AppendStr(b, "global"), r.Global)
	b = appendCaller(AppendStr(b, "caller"), &r.Caller, true)
	b = AppendUint(AppendStr(b, "deadline"), uint64(max(r.Deadline, 0)))
	return AppendBin(AppendStr(b, "seed"), r.Seed[:])
}

func appendScope(b []byte, s Raw) []byte {
	if len(s) > 0 {
		return append(b, s...)
	}
	b = AppendMap(b, 2)
	b = AppendArray(AppendStr(b, "allow"), 0)
	return AppendArray(AppendStr(b, "deny"), 0)
}

func appendCaller(b []byte, c *Caller, chain bool) []byte {
	n := 3
	if chain {
		n = 4
	}
	b = AppendMap(b, n)
	b = AppendStr(AppendStr(b, "window"), c.Window)
	b = AppendStr(AppendStr(b, "webview"), c.Webview)
	b = AppendStr(AppendStr(b, "origin"), c.Origin)
	if chain {
		b = AppendArray(AppendStr(b, "chain"), len(c.Chain))
		for i := range c.Chain {
			b = appendCaller(b, &c.Chain[i], false)
		}
	}
	return b
}

// ParseRequest reads a request. Its strings and raw parts alias b. A guest
// gets its requests from the host, which it has to trust, so the raw parts
// are only measured here; they are checked when they are decoded.
func ParseRequest(b []byte) (Request, error) {
	var r Request
	if err := r.Parse(b); err != nil {
		return Request{}, err
	}
	return r, nil
}

// Parse is [ParseRequest] into a zero Request. After an error it is half
// filled.
func (r *Request) Parse(b []byte) error {
	d := NewDec(b)
	var seen keySet
	for n := d.Map(); n > 0 && d.err == nil; n-- {
		switch seen.next(d, requestKeys[:]) {
		case 0:
			if r.V = uint(d.Uint()); d.err == nil && r.V != Version {
				d.fail("unknown ABI version")
			}
		case 1:
			r.ID = d.Uint()
		case 2:
			r.Command = d.Str()
		case 3:
			r.Args = d.Raw()
		case 4:
			r.Scope = d.Raw()
		case 5:
			r.Global = d.Raw()
		case 6:
			d.caller(&r.Caller, true)
		case 7:
			ms := d.Uint()
			if ms > math.MaxInt64 {
				d.fail(textRange)
			}
			r.Deadline = int64(ms)
		case 8:
			if seed := d.Bin(); copy(r.Seed[:], seed) != len(seed) || len(seed) < len(r.Seed) {
				d.fail(textLength)
			}
		}
	}
	seen.require(d, 1<<0|1<<2)
	return d.Done()
}

var (
	requestKeys = [...]string{"v", "id", "command", "args", "scope", "global", "caller", "deadline", "seed"}
	callerKeys  = [...]string{"window", "webview", "origin", "chain"}
)

func (d *Dec) caller(c *Caller, chain bool) {
	keys := callerKeys[:]
	if !chain {
		keys = keys[:3]
	}
	var seen keySet
	for n := d.Map(); n > 0 && d.err == nil; n-- {
		switch seen.next(d, keys) {
		case 0:
			c.Window = d.Str()
		case 1:
			c.Webview = d.Str()
		case 2:
			c.Origin = d.Str()
		case 3:
			for n := d.Array(); n > 0 && d.err == nil; n-- {
				var link Caller
				d.caller(&link, false)
				c.Chain = append(c.Chain, link)
			}
		}
	}
}

// keySet holds which keys of a message have occurred.
type keySet struct {
	seen uint16
	last int // the index after the last key's
}

// next reads a key and returns its index in keys, or -1 after an error. Most
// senders keep the order, so it looks at last first.
func (s *keySet) next(d *Dec, keys []string) int {
	at := d.i
	k := d.keyUnchecked()
	if d.err != nil {
		return -1
	}
	i := s.last
	if i >= len(keys) || keys[i] != k {
		if i = slices.Index(keys, k); i < 0 {
			d.unknown(k, at)
			return -1
		}
	}
	if s.seen&(1<<i) != 0 {
		d.failAt(textDuplicate, at)
		return -1
	}
	s.seen |= 1 << i
	s.last = i + 1
	return i
}

// require fails if one of the keys in want did not occur.
func (s *keySet) require(d *Dec, want uint16) {
	if s.seen&want != want {
		d.fail("missing field")
	}
}
