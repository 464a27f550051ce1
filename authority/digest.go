package authority

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"sync"
)

// Digest returns the SHA-256, in hex, of all in the policy that can bear on a
// decision, a grant or a call: not of places and descriptions. The order of
// manifests, capabilities, permissions and sets has no influence. A nil
// *Authority has the digest "".
func (a *Authority) Digest() string {
	if a == nil {
		return ""
	}
	sum := a.digest.of(func(b canon) canon {
		b = append(b, a.catalog.sum()...)
		for _, k := range a.caps {
			b = append(b, k.sum()...)
		}
		return b
	})
	return hex.EncodeToString(sum)
}

// lazyDigest is a digest that is computed when it is first asked for.
type lazyDigest struct {
	once sync.Once
	sum  [sha256.Size]byte
}

func (l *lazyDigest) of(write func(canon) canon) []byte {
	l.once.Do(func() { l.sum = sha256.Sum256(write(nil)) })
	return l.sum[:]
}

// canon is a canonical form: every part is preceded by its length, so that no
// two policies share one.
type canon []byte

func (b canon) num(n int64) canon { return binary.AppendVarint(b, n) }

func (b canon) bit(v bool) canon {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func (b canon) str(s string) canon { return append(b.num(int64(len(s))), s...) }

func strs[S ~string](b canon, list []S) canon {
	b = b.num(int64(len(list)))
	for _, s := range list {
		b = b.str(string(s))
	}
	return b
}

func (b canon) values(list []ScopeValue) canon {
	b = b.num(int64(len(list)))
	for _, v := range list {
		b = b.str(string(appendValue(nil, v.Value)))
	}
	return b
}

func (b canon) patterns(list []Pattern) canon {
	b = b.num(int64(len(list)))
	for _, p := range list {
		b = b.str(p.Text)
	}
	return b
}

func (c *catalog) sum() []byte {
	return c.digest.of(func(b canon) canon {
		b = b.str(string(c.platform)).bit(c.lenient).bit(c.dirless)
		b = strs(b, slices.Sorted(maps.Keys(c.dirs)))
		for _, m := range c.order {
			b = b.manifest(m.manifest)
		}
		return b
	})
}

func (b canon) manifest(m *Manifest) canon {
	b = b.str(m.Name).str(m.Version).str(m.Instance).str(m.Invalid)
	b = b.num(int64(m.ABI)).bit(m.NoFreeze).bit(m.Accepted).str(string(m.Scope.JSON()))
	commands := slices.SortedFunc(slices.Values(m.Commands), func(x, y Command) int { return cmp.Compare(x.Name, y.Name) })
	b = b.num(int64(len(commands)))
	for _, c := range commands {
		b = strs(b.str(c.Name), c.Powers).num(c.Timeout).str(string(c.Args.JSON()))
	}
	sets := slices.Clone(m.Sets)
	if m.Default != nil {
		d := *m.Default
		d.Identifier = defaultSet
		sets = append(sets, d)
	}
	slices.SortFunc(sets, func(x, y Set) int { return cmp.Compare(x.Identifier, y.Identifier) })
	b = b.num(int64(len(sets)))
	for _, s := range sets {
		b = b.str(s.Identifier).bit(s.App).num(int64(len(s.Members)))
		for _, r := range s.Members {
			b = b.str(r.Identifier)
		}
	}
	perms := slices.SortedFunc(slices.Values(m.Permissions), func(x, y Permission) int { return cmp.Compare(x.Identifier, y.Identifier) })
	b = b.num(int64(len(perms)))
	for _, p := range perms {
		b = strs(b.str(p.Identifier).bit(p.App), p.Platforms)
		b = b.values(p.Scope.Allow).values(p.Scope.Deny)
		for _, list := range [2][]CommandName{p.Allow, p.Deny} {
			b = b.num(int64(len(list)))
			for _, n := range list {
				b = b.str(n.Name)
			}
		}
	}
	return b
}

func (k *capability) sum() []byte {
	return k.digest.of(func(b canon) canon {
		b = b.str(k.Identifier).bit(k.Local).bit(k.Observe).num(k.Expires).str(k.Instance)
		b = b.num(int64(k.Limits.CallsPerSecond)).num(int64(k.Limits.Concurrent))
		b = b.patterns(k.Remote).patterns(k.Windows).patterns(k.Webviews).patterns(k.Modules).patterns(k.Via)
		b = strs(b, k.Platforms).num(int64(len(k.Permissions)))
		for _, e := range k.Permissions {
			b = b.str(e.Identifier).values(e.Scope.Allow).values(e.Scope.Deny)
		}
		return b
	})
}
