package authority

import "slices"

// capability is a compiled capability: whom it means, and the permissions it
// comes down to. It is immutable.
type capability struct {
	*Capability // our copy
	who         *grantee
	leaves      []*leaf // in resolution order; none if it is not for this platform
	weight      int

	digest lazyDigest
}

// leaf is one permission that one entry of a capability grants.
type leaf struct {
	cap    *capability
	entry  *Entry
	source Position // the entry
	perm   *permission
	sets   *trail
	allow  []ScopeEntry
	deny   []ScopeEntry
}

// trail is the way through sets to a permission, the innermost set first.
type trail struct {
	set *set
	up  *trail
}

// path returns the names of the sets, the outermost first.
func (t *trail) path() []string {
	var out []string
	for ; t != nil; t = t.up {
		out = append(out, t.set.name())
	}
	slices.Reverse(out)
	return out
}

// compile checks a capability and expands what it grants.
func (c *catalog) compile(in *Capability, p *pool, r *report) *capability {
	k := &capability{Capability: cloneCapability(in)}
	what := "capability " + quote(k.Identifier)
	if k.Identifier == "" {
		what = "a capability"
		r.errorf(k.Position, problemIdentifier, `write identifier = "…"`, "a capability has no identifier")
	}
	checkPlatforms(k.Position, what, k.Platforms, r)
	k.checkValues(what, r)
	k.who = p.grantee(k, what, r)
	c.checkGrantee(k, what, r)
	active := c.applies(k.Position, what, k.Platforms, r)
	for i := range k.Permissions {
		x := &expansion{catalog: c, report: r, cap: k, entry: &k.Permissions[i], what: what, active: active}
		x.expand()
		k.leaves = append(k.leaves, x.leaves...)
	}
	return k
}

func cloneCapability(in *Capability) *Capability {
	k := *in
	k.Remote, k.Windows, k.Webviews = slices.Clone(in.Remote), slices.Clone(in.Windows), slices.Clone(in.Webviews)
	k.Modules, k.Via, k.Platforms = slices.Clone(in.Modules), slices.Clone(in.Via), slices.Clone(in.Platforms)
	k.Permissions = slices.Clone(in.Permissions)
	for i := range k.Permissions {
		k.Permissions[i].Scope = cloneScope(k.Permissions[i].Scope)
	}
	return &k
}

func (k *capability) checkValues(what string, r *report) {
	if i := k.Instance; i != "" && i != instanceCall && i != instanceCaller {
		r.errorf(k.Position, problemValue, `"call" or "caller"`, "%s: unknown instance %s", what, quote(i))
	}
	if k.Limits.CallsPerSecond < 0 || k.Limits.Concurrent < 0 {
		r.errorf(k.Position, problemValue, "0 is unlimited", "%s: a limit is negative", what)
	}
}

// compileAll compiles the capabilities of a policy.
func (c *catalog) compileAll(in []Capability, r *report) []*capability {
	p := newPool()
	out := make([]*capability, 0, len(in))
	for i := range in {
		out = append(out, c.compile(&in[i], p, r))
	}
	return out
}

// at is the pattern's place, or the capability's if it has none.
func (p Pattern) at(k *capability) Position {
	if p.Position == (Position{}) {
		return k.Position
	}
	return p.Position
}

// checkGrantee reports callers that cannot be.
func (c *catalog) checkGrantee(k *capability, what string, r *report) {
	if len(k.Via) > 0 && len(k.Modules) == 0 {
		r.errorf(k.Via[0].at(k), problemNoEffect, `add "modules", or name the windows in "windows"`,
			"%s: \"via\" restricts callers that are modules, but there is no \"modules\"", what)
	}
	labels := len(k.Windows) + len(k.Webviews)
	switch {
	case labels == 0 && len(k.Modules) == 0:
		r.warnf(k.Position, problemNobody, `add windows = ["main"]`, "%s names no windows, webviews or modules: it matches nobody", what)
	case labels > 0 && !k.Local && len(k.Remote) == 0:
		r.warnf(k.Position, problemNobody, "leave local = false out, or add remote = { urls = […] }",
			"%s: its windows match nobody, since it is neither for local pages nor for remote ones", what)
	case labels == 0 && len(k.Remote) > 0:
		r.warnf(k.Remote[0].at(k), problemNobody, "add the windows that show the page",
			"%s names remote pages but no windows or webviews: they match nobody", what)
	}
	for i := range k.who.modules {
		if m := &k.who.modules[i]; m.exact && c.modules[m.text] == nil {
			r.warnf(k.Position, problemModule, r.didYouMean(m.text, c.names), "%s: no module is called %s", what, quote(m.text))
		}
	}
}

// applies reports whether what is limited to the platforms is in force.
func (c *catalog) applies(at Position, what string, limited []Platform, r *report) bool {
	if len(limited) == 0 {
		return true
	}
	if c.platform == "" {
		r.errorf(at, problemPlatform, "set Policy.Platform", "%s is limited to platforms, and the policy's platform is not known", what)
	}
	return slices.Contains(limited, c.platform)
}
