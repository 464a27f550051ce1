package host

import (
	"math"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
)

// Live is the policy of a host while it runs: capabilities can be granted and
// taken back, at once and for calls that are running already. Modules come and
// go by [Host.Load] and [Host.Unload] only, so that policy and modules always
// fit. It is safe for concurrent use.
type Live struct{ live *authority.Live }

// Grant adds a capability until a time; the zero time means for as long as the
// capability itself says. The id is for [Live.Revoke]. The error is of type
// [authority.Problems], and then nothing has changed.
func (l *Live) Grant(c authority.Capability, until time.Time) (id string, err error) {
	id, problems := l.live.Grant(c, unixNano(until))
	return id, problems.Err()
}

// GrantFile is [Live.Grant] for the capabilities of a file, in any of the forms
// that the folder capabilities/ takes; the name's ending (.toml, .json or
// .json5) says the format, and the name stands for the file in explanations.
// All of them are granted, or none.
func (l *Live) GrantFile(name string, data []byte, until time.Time) (ids []string, err error) {
	caps, problems := acl.ParseCapabilities(name, data)
	if problems.Err() != nil {
		return nil, problems
	}
	ids, problems = l.live.GrantAll(caps, unixNano(until))
	return ids, problems.Err()
}

// unixNano returns a time as the authority has it, 0 for the zero time. What
// lies beyond its numbers is the nearest of them: no time but the zero one
// means never.
func unixNano(t time.Time) int64 {
	switch {
	case t.IsZero():
		return 0
	case t.Unix() <= 0:
		return 1
	case t.Unix() >= math.MaxInt64/int64(time.Second):
		return math.MaxInt64
	}
	return t.UnixNano()
}

// Revoke takes a grant back and reports whether it was there. Calls that run
// because of it end with the code revoked, at their next call of the host or
// tick of their meter, which is well under a millisecond away. Instances that are
// kept for callers end, too, if it had a part in their state.
func (l *Live) Revoke(id string) bool { return l.live.Revoke(id) }

// List returns what was granted and not taken back.
func (l *Live) List() []authority.GrantInfo { return l.live.List() }

// Authority returns the authority that is in force. It is immutable: another
// takes its place when the policy changes.
func (l *Live) Authority() *authority.Authority { return l.live.Authority() }

// Decide asks the authority that is in force, at this moment, without calling
// anything. It leaves no audit record.
func (l *Live) Decide(caller authority.Caller, command string) authority.Decision {
	module, name, err := authority.ParseCommand(command)
	if err != nil {
		module, name = "", command
	}
	return l.live.Decide(authority.Request{Caller: caller, Module: module, Command: name, Now: time.Now().UnixNano()})
}

// Revision counts the changes of the policy.
func (l *Live) Revision() uint64 { return l.live.Revision() }

// Subscribe calls notify with the new revision after each change, in the
// goroutine that made it, until cancel is called.
func (l *Live) Subscribe(notify func(revision uint64)) (cancel func()) {
	return l.live.Subscribe(notify)
}
