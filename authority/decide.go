package authority

// Decide answers a request. It is pure in the policy and the request, takes no
// lock, never fails, and does not allocate. The order is: module known, module
// usable, command known, a deny that means this caller, an allow that matches
// this caller, else deny. It never looks into scopes: what a grant lends is in
// [Decision.Grant].
func (a *Authority) Decide(req Request) (d Decision) {
	d.authority, d.req = a, req
	d.cmd, d.code = a.command(&req)
	if d.cmd != nil {
		d.code = a.decide(d.cmd.id, &req)
	}
	return d
}

// command finds the command that a request names, or says why there is none.
func (a *Authority) command(req *Request) (*command, Code) {
	if a == nil {
		return nil, CodeUnknownModule
	}
	m := a.catalog.modules[req.Module]
	if m == nil {
		return nil, CodeUnknownModule
	}
	if m.manifest.Invalid != "" {
		return nil, CodeModuleInvalid
	}
	return m.commands[req.Command], CodeUnknownCommand
}

// decide is what Decide does for a known command: deny beats allow in every
// order.
func (a *Authority) decide(id int, req *Request) Code {
	means := a.means[id]
	for _, who := range means.deny {
		if who.regard(req).binds() {
			return CodeDeniedByRule
		}
	}
	if len(means.allow) == 0 {
		return CodeNotGranted
	}
	nearest := fitsNothing
	for _, who := range means.allow {
		f := who.regard(req)
		if f == fits {
			return CodeAllowed
		}
		nearest = max(nearest, f)
	}
	return nearest.code()
}

// Decision is the answer to a request. Its zero value denies.
type Decision struct {
	authority *Authority
	cmd       *command // nil if it is not known
	code      Code
	req       Request
}

// Allowed reports whether the call may go on.
func (d Decision) Allowed() bool { return d.code == CodeAllowed }

// Code returns [CodeAllowed] or why not.
func (d Decision) Code() Code {
	if d.code == "" {
		return CodeDenied
	}
	return d.code
}

// CallerCode returns what the other side may be told: the code itself for the
// app's own windows; for all other callers [CodeDenied] whatever the reason,
// so that they cannot find out what the policy holds.
func (d Decision) CallerCode() Code {
	if !d.Allowed() && !d.req.Caller.Origin.IsLocal() {
		return CodeDenied
	}
	return d.Code()
}

// Request returns what was asked.
func (d Decision) Request() Request { return d.req }

// Command returns the command that was asked for, if it is known. It must not
// be modified.
func (d Decision) Command() (*Command, bool) {
	if d.cmd == nil {
		return nil, false
	}
	return d.cmd.Command, true
}

// Revision returns the digest of the policy that decided, as
// [Authority.Digest] does.
func (d Decision) Revision() string { return d.authority.Digest() }

// Match is a rule that took part in a decision.
type Match struct {
	Module     string
	Capability string   // identifier
	Permission string   // "module:identifier" of the permission
	Path       []string // the sets on the way to it, the outermost first
	Source     Position // the capability's entry
}

func (l *leaf) match() Match {
	return Match{
		Module: l.perm.module.manifest.Name, Capability: l.cap.Identifier, Permission: l.perm.name(),
		Path: l.sets.path(), Source: l.source,
	}
}

// Matched returns the rules that decided, in resolution order: of an allow all
// allows that match the caller; of [CodeDeniedByRule] all denies that do; else
// none.
func (d Decision) Matched() []Match {
	var out []Match
	for _, l := range d.matched() {
		out = append(out, l.match())
	}
	return out
}

func (d Decision) matched() []*leaf {
	var out []*leaf
	switch d.code {
	case CodeAllowed:
		for _, r := range d.authority.rules[d.cmd.id].allow {
			if r.who.regard(&d.req) == fits {
				out = append(out, r.leaf)
			}
		}
	case CodeDeniedByRule:
		for _, r := range d.authority.rules[d.cmd.id].deny {
			if r.who.regard(&d.req).binds() {
				out = append(out, r.leaf)
			}
		}
	}
	return out
}
