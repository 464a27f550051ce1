package files

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// bind gives a pattern the canonical paths that it stands for.
//
// A rule may be written through links, which canonical paths never lead
// through. A deny then also means what the links mean now. An allow does not,
// for who can make a link in a base dir could widen it; but an absolute one may
// lead to a base dir through links above it, as the base dir itself may.
func (b *Bases) bind(p *pattern.Path, o pattern.PathOptions) ([]*pattern.PathMatcher, error) {
	if p == nil {
		return nil, errors.New("files: a rule has no pattern")
	}
	prefix := ""
	if v := p.Var(); v != "" {
		n := b.byName[v]
		if n == nil {
			return nil, fmt.Errorf("files: %q: the variable $%s is not declared", p, v)
		}
		prefix = n.canon
	}
	m, err := p.Bind(prefix, o)
	if err != nil {
		return nil, fmt.Errorf("files: %q: %w", p, err)
	}
	m2, err := b.bindResolved(p, prefix, o)
	switch {
	case err != nil:
		return nil, fmt.Errorf("files: %q: %w", p, err)
	case m2 == nil:
		return []*pattern.PathMatcher{m}, nil
	}
	return []*pattern.PathMatcher{m, m2}, nil
}

// bindResolved binds a pattern to what the links in its part without wildcards
// mean; nil if there are none.
func (b *Bases) bindResolved(p *pattern.Path, prefix string, o pattern.PathOptions) (*pattern.PathMatcher, error) {
	text := p.String()
	if p.Var() != "" {
		text = strings.TrimPrefix(text, "$"+p.Var())
		if !o.Deny || text == "" {
			return nil, nil // the base dir is resolved
		}
	} else if text[0] != '/' {
		return nil, nil // anywhere
	}
	names := strings.Split(text, "/") // the first is empty
	n := slices.IndexFunc(names, func(s string) bool { return strings.ContainsAny(s, "*?[") })
	if n < 0 {
		n = len(names)
	}
	if !o.Deny {
		n = b.outside(names[:n])
	}
	literal := prefix + strings.Join(names[:n], "/")
	real := slashPath(resolveExisting(literal + "/"))
	if real == literal {
		return nil, nil
	}
	return bindAt(real, names[n:], o)
}

// outside is how many names of an absolute path lead to a base dir; those
// after them are inside of it. 0 if the path leads to none.
func (b *Bases) outside(names []string) int {
	for n := 1; n <= len(names); n++ {
		real := slashPath(resolveExisting(strings.Join(names[:n], "/") + "/"))
		for _, base := range b.byName {
			if real == base.canon || strings.HasPrefix(real, base.canon+"/") {
				return n
			}
		}
	}
	return 0
}

// bindAt binds the rest of a pattern to a place.
func bindAt(dir string, rest []string, o pattern.PathOptions) (*pattern.PathMatcher, error) {
	if dir == "" && len(rest) == 0 {
		return nil, nil // the root directory, which no base dir is
	}
	start := "$RESOLVED"
	if dir == "" {
		start = ""
	}
	p, err := pattern.ParsePath(strings.Join(append([]string{start}, rest...), "/"))
	if err != nil {
		return nil, err
	}
	return p.Bind(dir, o)
}
