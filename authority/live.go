package authority

import (
	"cmp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// Live holds the authority that is in force now, while capabilities come and
// go at run time. It is safe for concurrent use: readers never wait, writers
// take turns, and each change is checked before it takes effect, wholly or not
// at all. It has no clock: a grant that has run out stops to count because
// requests carry the time, and stays listed until it is revoked. The zero Live
// and a nil one deny everything; the zero Live takes a policy by Replace.
type Live struct {
	current atomic.Pointer[Authority]
	version atomic.Uint64

	mu     sync.Mutex // for those who write what follows, and current
	base   []*capability
	grants []*liveGrant // in the order in which they were granted
	issued uint64
	subs   []*subscriber
}

type liveGrant struct {
	info GrantInfo
	cap  *capability
}

type subscriber struct{ notify func(revision uint64) }

// GrantInfo describes a capability that was granted at run time.
type GrantInfo struct {
	ID         string     // what Revoke takes; the capability's identifier in decisions
	Capability Capability // as given
	Expires    int64      // Unix nanoseconds; 0: never
}

// NewLive compiles a policy and puts it in force. The Live is nil if one of
// the problems is an error.
func NewLive(p Policy) (*Live, Problems) {
	l := &Live{}
	problems := l.Replace(p)
	if problems.Err() != nil {
		return nil, problems
	}
	return l, problems
}

// Authority returns the authority that is in force.
func (l *Live) Authority() *Authority {
	if l == nil {
		return nil
	}
	return l.current.Load()
}

// Decide answers by the authority that is in force.
func (l *Live) Decide(req Request) Decision { return l.Authority().Decide(req) }

// Revision counts the changes, from 1. Whoever sees a revision sees the
// authority of it or of a later one.
func (l *Live) Revision() uint64 {
	if l == nil {
		return 0
	}
	return l.version.Load()
}

// Replace puts another policy in force. What was granted at run time stays,
// and is checked against the new policy: if it no longer fits, nothing
// changes.
func (l *Live) Replace(p Policy) Problems {
	return l.ReplaceWith(p, atOnce)
}

func atOnce(change func()) { change() }

// ReplaceWith is Replace for whoever must change something else at the same
// moment: together is called once, if the policy is sound, and must call
// change, under whatever lock readers of both hold. Subscribers are told
// afterwards. together must not use the Live.
func (l *Live) ReplaceWith(p Policy, together func(change func())) Problems {
	l.mu.Lock()
	r := &report{}
	c := newCatalog(&p, r)
	base := c.compileAll(p.Capabilities, r)
	grants := make([]*liveGrant, len(l.grants))
	for i, g := range l.grants {
		grants[i] = &liveGrant{info: g.info, cap: c.compile(g.effective(), nil, r)}
	}
	return l.publish(c, base, grants, r, together)
}

// effective is the capability as it takes part in decisions.
func (g *liveGrant) effective() *Capability {
	c := g.info.Capability
	c.Identifier, c.Expires = g.info.ID, g.info.Expires
	return &c
}

// Grant adds a capability until the given time in Unix nanoseconds (0: for as
// long as the capability itself says). The id is the capability's identifier
// with a number; it is never given twice.
func (l *Live) Grant(c Capability, until int64) (id string, problems Problems) {
	ids, problems := l.GrantAll([]Capability{c}, until)
	if problems.Err() != nil {
		return "", problems
	}
	return ids[0], problems
}

// GrantAll is Grant for several capabilities, all of them or none: nobody sees
// a part of them in force. The ids are in the order of the capabilities.
func (l *Live) GrantAll(caps []Capability, until int64) (ids []string, problems Problems) {
	l.mu.Lock()
	a := l.current.Load()
	r := &report{}
	if a == nil {
		l.mu.Unlock()
		r.errorf(Position{}, problemValue, "", "there is no policy that a capability could be granted in")
		return nil, r.sorted()
	}
	grants := slices.Clip(l.grants)
	for _, c := range caps {
		g := &liveGrant{info: GrantInfo{ID: l.newID(c.Identifier), Capability: *cloneCapability(&c), Expires: c.Expires}}
		if until != 0 && (c.Expires == 0 || until < c.Expires) {
			g.info.Expires = until
		}
		g.cap = a.catalog.compile(g.effective(), nil, r)
		grants, ids = append(grants, g), append(ids, g.info.ID)
	}
	problems = l.publish(a.catalog, l.base, grants, r, atOnce)
	if problems.Err() != nil {
		return nil, problems
	}
	return ids, problems
}

// newID makes an identifier that no capability has.
func (l *Live) newID(identifier string) string {
	identifier = cmp.Or(identifier, "grant")
	for {
		l.issued++
		id := identifier + "#" + strconv.FormatUint(l.issued, 10)
		if !slices.ContainsFunc(l.base, func(k *capability) bool { return k.Identifier == id }) {
			return id
		}
	}
}

// Revoke takes a grant back and reports whether it was there.
func (l *Live) Revoke(id string) bool {
	if l == nil {
		return false
	}
	l.mu.Lock()
	i := slices.IndexFunc(l.grants, func(g *liveGrant) bool { return g.info.ID == id })
	if i < 0 {
		l.mu.Unlock()
		return false
	}
	rest := slices.Delete(slices.Clone(l.grants), i, i+1)
	return l.publish(l.current.Load().catalog, l.base, rest, &report{}, atOnce).Err() == nil
}

// publish puts what was compiled in force if the report holds no error,
// releases l.mu, and tells the subscribers.
func (l *Live) publish(c *catalog, base []*capability, grants []*liveGrant, r *report, together func(change func())) Problems {
	caps := slices.Clone(base)
	for _, g := range grants {
		caps = append(caps, g.cap)
	}
	a := assemble(c, caps, r)
	if a == nil {
		l.mu.Unlock()
		return r.sorted()
	}
	l.base, l.grants = base, grants
	var version uint64
	together(func() {
		l.current.Store(a)
		version = l.version.Add(1)
	})
	subs := slices.Clone(l.subs)
	l.mu.Unlock()
	for _, s := range subs {
		s.notify(version)
	}
	return r.sorted()
}

// List returns what was granted at run time and not revoked, in the order in
// which it was granted, also what has run out. The list is the caller's own.
func (l *Live) List() []GrantInfo {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]GrantInfo, len(l.grants))
	for i, g := range l.grants {
		out[i] = g.info
		out[i].Capability = *cloneCapability(&g.info.Capability)
	}
	return out
}

// Subscribe calls notify with the new revision after each change, until cancel
// is called. It runs in the goroutine that made the change, and may use the
// Live. With several writers the calls may overlap and overtake each other;
// what counts is [Live.Revision].
func (l *Live) Subscribe(notify func(revision uint64)) (cancel func()) {
	s := &subscriber{notify: notify}
	l.mu.Lock()
	l.subs = append(l.subs, s)
	l.mu.Unlock()
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.subs = slices.DeleteFunc(slices.Clone(l.subs), func(o *subscriber) bool { return o == s })
	}
}
