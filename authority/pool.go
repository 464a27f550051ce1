package authority

import "github.com/ambit-wasm/ambit/authority/pattern"

// pool compiles whom capabilities mean. What many capabilities of a policy
// have in common it makes once: they are told apart and looked at faster, and
// stay in the processor's caches. A nil pool shares nothing.
type pool struct {
	globs    [2]map[string]*pattern.Label // of labels, of modules
	urls     map[string]*pattern.URL
	grantees map[string]*grantee
}

func newPool() *pool {
	return &pool{
		globs: [2]map[string]*pattern.Label{{}, {}}, urls: map[string]*pattern.URL{}, grantees: map[string]*grantee{},
	}
}

// grantee compiles whom a capability means and reports bad patterns.
func (p *pool) grantee(k *capability, what string, r *report) *grantee {
	g := &grantee{
		local:    k.Local,
		windows:  p.labels(k, k.Windows, what, "windows", r),
		webviews: p.labels(k, k.Webviews, what, "webviews", r),
		modules:  p.labels(k, k.Modules, what, "modules", r),
		via:      p.labels(k, k.Via, what, "via", r),
		remote:   p.remotes(k, what, r),
		expires:  k.Expires,
	}
	if k.Limits != (Limits{}) {
		g.limited = k.Identifier
	}
	g.atAGlance()
	if p == nil {
		return g
	}
	b := canon(nil).bit(k.Local).num(k.Expires).str(g.limited)
	key := string(b.patterns(k.Remote).patterns(k.Windows).patterns(k.Webviews).patterns(k.Modules).patterns(k.Via))
	if same := p.grantees[key]; same != nil {
		return same
	}
	p.grantees[key] = g
	return g
}

func (p *pool) labels(k *capability, in []Pattern, what, key string, r *report) []label {
	out := make([]label, 0, len(in))
	for _, text := range in {
		glob, err := p.glob(text.Text, key == "modules")
		if err != nil {
			r.errorf(text.at(k), problemPattern, "", "%s: bad pattern %s in %q: %v", what, quote(text.Text), key, err)
			continue
		}
		out = append(out, newLabel(text.Text, glob))
	}
	return out
}

func (p *pool) glob(text string, module bool) (*pattern.Label, error) {
	kind, compile := 0, pattern.CompileLabel
	if module {
		kind, compile = 1, pattern.CompileModule
	}
	if p == nil {
		return compile(text)
	}
	if g := p.globs[kind][text]; g != nil {
		return g, nil
	}
	g, err := compile(text)
	if err == nil {
		p.globs[kind][text] = g
	}
	return g, err
}

func (p *pool) remotes(k *capability, what string, r *report) []*pattern.URL {
	out := make([]*pattern.URL, 0, len(k.Remote))
	for _, text := range k.Remote {
		u, err := p.url(text.Text)
		if err != nil {
			r.errorf(text.at(k), problemPattern, "", "%s: bad URL pattern %s: %v", what, quote(text.Text), err)
			continue
		}
		out = append(out, u)
	}
	return out
}

func (p *pool) url(text string) (*pattern.URL, error) {
	if p == nil {
		return pattern.CompileURL(text)
	}
	if u := p.urls[text]; u != nil {
		return u, nil
	}
	u, err := pattern.CompileURL(text)
	if err == nil {
		p.urls[text] = u
	}
	return u, err
}
