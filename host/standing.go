package host

import "github.com/ambit-wasm/ambit/authority"

// standing is what a state was made under: the decisions about all commands that
// had a part in it. What one of them was lent may still be in memory, so that one
// which does not hold any more ends the state for all.
type standing struct {
	policy  *authority.Authority          // that was asked last
	under   map[string]authority.Decision // by command
	expires int64                         // when the first of the grants does, Unix nanoseconds; 0: never
}

// renew asks the policy that is in force, and reports whether all that the state
// was made under holds and still keeps instances. The later decisions take the
// place of the earlier ones, which they include.
func (s *standing) renew(a *authority.Authority, now int64) bool {
	if s.expires != 0 && now >= s.expires {
		return false
	}
	if a == s.policy {
		return true
	}
	s.policy, s.expires = a, 0
	for _, d := range s.under {
		if !a.Holds(d, now) || !s.add(a, d.Request(), now) {
			return false
		}
	}
	return true
}

// add notes that a call has a part in the state, and reports whether it may: all
// capabilities that allow it, those whose limits are used up included, must
// agree.
func (s *standing) add(a *authority.Authority, req authority.Request, now int64) bool {
	req.Now, req.Spent = now, nil
	d := a.Decide(req)
	g, ok := d.Grant()
	if !ok || g.Instance() != instanceCaller {
		return false
	}
	if s.policy = a; s.under == nil {
		s.under = make(map[string]authority.Decision)
	}
	s.under[req.Command] = d
	if e := g.Expires(); e != 0 && (s.expires == 0 || e < s.expires) {
		s.expires = e
	}
	return true
}
