package authority

import (
	"iter"
	"slices"
)

// Grant is the witness of an allow: what the call may use. Only a [Decision]
// makes one. It is immutable and safe for concurrent use. A nil *Grant and the
// zero Grant hold nothing.
type Grant struct {
	cmd         *command
	allow, deny []ScopeEntry
	globalAllow []ScopeEntry
	globalDeny  []ScopeEntry
	expires     int64
	perCaller   bool
	limited     []LimitedCapability
}

// LimitedCapability is a capability whose limits a call uses up.
type LimitedCapability struct {
	Capability string // identifier
	Limits     Limits
}

// Grant returns what an allow grants; false for a deny. It holds the union of
// the command scopes of all matching allows, and the global scope of the
// module from the capabilities that match the caller.
func (d Decision) Grant() (*Grant, bool) {
	if !d.Allowed() {
		return nil, false
	}
	g := Grant{cmd: d.cmd, perCaller: d.cmd.module.manifest.Instance == instanceCaller}
	for _, r := range d.authority.rules[d.cmd.id].allow {
		f := r.who.regard(&d.req)
		if f == fits {
			g.perCaller = g.perCaller && r.leaf.cap.Instance == instanceCaller
		}
		g.add(r.leaf, f, &g.allow, &g.deny)
	}
	for _, r := range d.authority.global[d.cmd.module.id] {
		g.add(r.leaf, r.who.regard(&d.req), &g.globalAllow, &g.globalDeny)
	}
	if g.bare() {
		if g.perCaller {
			return d.cmd.bareCaller, true
		}
		return d.cmd.bare, true
	}
	held := g
	return &held, true
}

// bare reports whether the grant holds nothing but the command.
func (g *Grant) bare() bool {
	return g.expires == 0 && len(g.limited)+len(g.allow)+len(g.deny)+len(g.globalAllow)+len(g.globalDeny) == 0
}

// add takes in the scope of a rule that comes as near as f to the caller. The
// lists of a single rule are shared with it, clipped.
func (g *Grant) add(l *leaf, f fit, allow, deny *[]ScopeEntry) {
	if !f.binds() {
		return
	}
	*deny = join(*deny, l.deny)
	if f != fits {
		return
	}
	*allow = join(*allow, l.allow)
	if e := l.cap.Expires; e != 0 && (g.expires == 0 || e < g.expires) {
		g.expires = e
	}
	if l.cap.who.limited != "" {
		limited := LimitedCapability{Capability: l.cap.Identifier, Limits: l.cap.Limits}
		if !slices.Contains(g.limited, limited) {
			g.limited = append(g.limited, limited)
		}
	}
}

func join(all, more []ScopeEntry) []ScopeEntry {
	if len(all) == 0 {
		return slices.Clip(more)
	}
	return append(all, more...)
}

// Allow returns the allow entries of the command scope, in resolution order.
// It must not be modified; the same holds for the other lists.
func (g *Grant) Allow() []ScopeEntry { return g.get().allow }

// Deny returns the deny entries of the command scope.
func (g *Grant) Deny() []ScopeEntry { return g.get().deny }

// GlobalAllow returns the allow entries of the module's global scope for this
// caller.
func (g *Grant) GlobalAllow() []ScopeEntry { return g.get().globalAllow }

// GlobalDeny returns the deny entries of the module's global scope for this
// caller.
func (g *Grant) GlobalDeny() []ScopeEntry { return g.get().globalDeny }

// Expires returns when the first of the rules that gave the grant runs out, in
// Unix nanoseconds; 0 if none does.
func (g *Grant) Expires() int64 { return g.get().expires }

// Instance returns "caller" if the module and every capability that allows the
// call ask for one instance per caller, else "call".
func (g *Grant) Instance() string {
	if g.get().perCaller {
		return instanceCaller
	}
	return instanceCall
}

// Limited returns the capabilities with limits that the grant makes use of.
// The host counts; once one is used up it asks again with [Request.Spent].
func (g *Grant) Limited() []LimitedCapability { return g.get().limited }

// Powers returns the powers that the call may be lent: those that the command
// declares and at least one allow entry fits, in the order of [Powers].
func (g *Grant) Powers() []Power {
	var out []Power
	for _, pk := range powerKeys {
		if allow, _ := g.Lend(pk.power); len(allow) > 0 {
			out = append(out, pk.power)
		}
	}
	return out
}

// Lend returns the entries, of the command scope and of the global scope, that
// bound a power: what lies within an allow and within no deny. Both are nil
// for a power that the command does not declare.
func (g *Grant) Lend(p Power) (allow, deny []ScopeEntry) {
	g = g.get()
	return slices.Collect(g.lent(p, g.allow, g.globalAllow)), slices.Collect(g.lent(p, g.deny, g.globalDeny))
}

// lent are those entries of the grant's lists that fit a power which the command
// declares.
func (g *Grant) lent(p Power, lists ...[]ScopeEntry) iter.Seq[ScopeEntry] {
	g = g.get()
	return func(yield func(ScopeEntry) bool) {
		if g.cmd == nil || !slices.Contains(g.cmd.Powers, p) {
			return
		}
		for _, list := range lists {
			for _, e := range list {
				if e.fits(p) && !yield(e) {
					return
				}
			}
		}
	}
}

// noGrant is what a nil *Grant holds.
var noGrant = &Grant{}

func (g *Grant) get() *Grant {
	if g == nil {
		return noGrant
	}
	return g
}
