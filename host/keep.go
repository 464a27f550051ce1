package host

import (
	"sync"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/image"
)

// keep holds the instances of a module that outlive their calls, one for each
// caller. The zero keep is empty. Nothing is locked, and no instance closed,
// while mu is held.
type keep struct {
	mu      sync.Mutex
	callers map[string]*kept
	timer   *time.Timer // nil: none ends by time
	wake    time.Time   // when it goes off
}

// kept is the instance of one caller. A call joins it and waits for its turn; from
// then on the instance is the call's alone. Others end it only while it is idle.
type kept struct {
	key    string
	caller authority.Caller
	turn   turn

	// The first that were never given, of the call whose turn it is: a descriptor, and
	// a handle of powers. What an earlier call had open must not be mistaken for what
	// this one has.
	nextFD     int32
	nextHandle uint64

	users    int             // calls that have the turn or wait for it
	instance *image.Instance // nil: there is none, or a call has it
	used     time.Time       // when a call last had it
	standing
}

// joinKept is the start of a call of a caller. Room is made for one that is new.
func (m *module) joinKept(caller authority.Caller) *kept {
	var buf [256]byte
	key := callerKey(buf[:0], caller)
	s := &m.keep
	s.mu.Lock()
	k := s.callers[string(key)]
	if k == nil {
		if s.callers == nil {
			s.callers = make(map[string]*kept)
		}
		k = &kept{key: string(key), caller: caller, turn: newTurn(maxQueued)}
		s.callers[k.key] = k
	}
	k.users++
	over := s.trim(m.limits.Kept)
	s.mu.Unlock()
	m.closeKept(tooMany, over...)
	return k
}

// leaveKept is the end of a call that did not get its turn.
func (m *module) leaveKept(k *kept) {
	m.keep.mu.Lock()
	defer m.keep.mu.Unlock()
	m.keep.leave(k)
}

// leave ends a call. mu is held, as for all that follows.
func (s *keep) leave(k *kept) {
	k.users--
	s.tidy(k)
}

// tidy forgets a caller for whom nothing is kept and nobody waits.
func (s *keep) tidy(k *kept) {
	if k.users == 0 && k.instance == nil {
		delete(s.callers, k.key)
	}
}

// oldest is the instance that has not been used for longest, of those that no
// call waits for; nil if there is none.
func (s *keep) oldest() (old *kept) {
	for _, k := range s.callers {
		if k.users == 0 && (old == nil || k.used.Before(old.used)) {
			old = k
		}
	}
	return old
}

// evict ends the oldest.
func (s *keep) evict() (endedKept, bool) {
	k := s.oldest()
	if k == nil {
		return endedKept{}, false
	}
	e := endedKept{k.caller, k.end()}
	s.tidy(k)
	return e, true
}

// trim ends the oldest while there are more than most.
func (s *keep) trim(most int64) (over []endedKept) {
	for int64(len(s.callers)) > most {
		e, ok := s.evict()
		if !ok {
			break
		}
		over = append(over, e)
	}
	return over
}

// end takes the instance away, and forgets what it was made under.
func (k *kept) end() *image.Instance {
	in := k.instance
	k.instance, k.standing = nil, standing{}
	return in
}

// ends is when an instance ends if nobody uses it.
func (k *kept) ends(idle time.Duration) time.Time {
	at := k.used.Add(idle)
	if e := time.Unix(0, k.expires); k.expires != 0 && e.Before(at) {
		return e
	}
	return at
}

// endedKept is an instance that is kept no more, and whose it was.
type endedKept struct {
	caller authority.Caller
	*image.Instance
}

// tooMany is why a caller's instance goes when others come.
const tooMany = "there are too many, and it was not used for longest"

// closeKept closes instances. No lock of a keep is held.
func (m *module) closeKept(why string, list ...endedKept) {
	for _, e := range list {
		e.Close()
		if m.log.IsDebug() {
			m.log.Debug("instance of a caller ended", "caller", callerText(e.caller), "why", why)
		}
	}
}

// endKept ends the instances that which picks, of those that no call has.
func (m *module) endKept(why string, which func(*kept) bool) {
	s := &m.keep
	var list []endedKept
	s.mu.Lock()
	for _, k := range s.callers {
		if k.instance != nil && which(k) {
			list = append(list, endedKept{k.caller, k.end()})
			s.tidy(k)
		}
	}
	s.mu.Unlock()
	m.closeKept(why, list...)
}

// dropKept ends all instances that no call has; the others end with their calls.
func (m *module) dropKept() {
	m.endKept("the module goes", func(*kept) bool { return true })
	m.keep.mu.Lock()
	defer m.keep.mu.Unlock()
	if t := m.keep.timer; t != nil {
		t.Stop()
		m.keep.timer = nil
	}
}

// wakeKept sees to it that expireKept runs at that time. The keep's mu is held.
func (m *module) wakeKept(at time.Time) {
	s := &m.keep
	if s.timer != nil {
		if !at.Before(s.wake) {
			return
		}
		s.timer.Stop()
	}
	s.wake, s.timer = at, time.AfterFunc(time.Until(at), m.expireKept)
}

// expireKept ends the instances whose time is over.
func (m *module) expireKept() {
	now := time.Now()
	m.keep.mu.Lock()
	m.keep.timer = nil
	m.keep.mu.Unlock()
	m.endKept("it was idle, or its permission has run out", func(k *kept) bool {
		at := k.ends(m.limits.KeptIdle)
		if now.Before(at) {
			m.wakeKept(at)
			return false
		}
		return true
	})
}

// renewKept ends the instances whose state was made under what a policy does not
// allow any more.
func (m *module) renewKept(a *authority.Authority, now time.Time) {
	m.endKept("what it was made under does not hold any more", func(k *kept) bool {
		if !k.renew(a, now.UnixNano()) {
			return true
		}
		m.wakeKept(k.ends(m.limits.KeptIdle))
		return false
	})
}

// keptBytes is how much memory the idle instances have.
func (m *module) keptBytes() (n int64) {
	m.keep.mu.Lock()
	defer m.keep.mu.Unlock()
	for _, k := range m.keep.callers {
		if k.instance != nil {
			n += k.instance.Taken()
		}
	}
	return n
}

// policyChanged looks at all instances that are kept, at once and not only when
// they are next used. It is told of each change of the policy.
func (h *Host) policyChanged(uint64) {
	now := time.Now()
	for _, m := range h.loaded() {
		m.renewKept(h.live.Authority(), now)
	}
}

// reclaimKept ends the kept instance of all modules that has not been used for
// longest, and reports whether there was one.
func (h *Host) reclaimKept() bool {
	modules := h.loaded()
	for {
		var from *module
		var used time.Time
		for _, m := range modules {
			m.keep.mu.Lock()
			if k := m.keep.oldest(); k != nil && (from == nil || k.used.Before(used)) {
				from, used = m, k.used
			}
			m.keep.mu.Unlock()
		}
		if from == nil {
			return false
		}
		from.keep.mu.Lock()
		e, ok := from.keep.evict()
		from.keep.mu.Unlock()
		if ok {
			from.closeKept("memory is short", e)
			return true
		}
	}
}

// loaded are the modules that the host has now.
func (h *Host) loaded() []*module {
	h.mu.RLock()
	defer h.mu.RUnlock()
	modules := make([]*module, 0, len(h.modules))
	for _, m := range h.modules {
		modules = append(modules, m)
	}
	return modules
}
