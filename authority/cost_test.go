package authority_test

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
)

// hang is far above what anything here takes on a busy machine, and far below
// what it took before it was bounded.
const hang = time.Minute

// TestHostileCost: what a stranger's manifest (a file of at most 1 MiB) or a
// careless capability can make of a policy costs about as much as reading it.
func TestHostileCost(t *testing.T) {
	name := func(i int) string { return fmt.Sprintf("s%05d", i) }
	sets := func(n int, members func(i int) []string) modOption {
		return func(m *authority.Manifest) {
			for i := range n {
				m.Sets = append(m.Sets, authority.Set{Position: m.Position, Identifier: name(i), Members: refs(m.Position, members(i))})
			}
		}
	}
	next := func(i, n int) string { return name((i + 1) % n) }
	// doubled sets expand to 2^n permissions.
	doubled := func(n int) modOption {
		return func(m *authority.Manifest) {
			sets(n, func(i int) []string { return []string{name(i + 1), name(i + 1)} })(m)
			set(name(n), "p")(m)
		}
	}
	twice := func(id string, n int) capOption {
		return func(c *authority.Capability) {
			for range n {
				grants(id)(c)
			}
		}
	}
	wish := perm("p", allows("read"), scoped(`[{"path":"$HOME/**"}]`, ""))
	cmd := cmds("read:fs.read")
	many := make([]capOption, 0, 20_000)
	for i := range cap(many) {
		many = append(many, grants("m:unknown-permission-"+strconv.Itoa(i)))
	}
	caps := func(n int, options ...capOption) func(*authority.Policy) {
		return func(p *authority.Policy) {
			for i := range n {
				p.Capabilities = append(p.Capabilities, capab("c"+strconv.Itoa(i), options...))
			}
		}
	}
	for _, c := range []struct {
		name   string
		policy authority.Policy
		want   string // a part of one problem
	}{
		{"one long cycle", policy(mod("m", sets(9000, func(i int) []string { return []string{next(i, 9000)} }))),
			`cycle in sets: "m:s00000" → "m:s00001" → "m:s00002" → "m:s00003" → "m:s00004" → "m:s00005" → "m:s00006" → "m:s00007" → "m:s00008" → "m:s00009" → 8990 more → "m:s00000"`},
		{"a cycle from each set", policy(mod("m", sets(9000, func(i int) []string { return []string{next(i, 9000), name(0), name(i / 2)} }))), "cycle in sets"},
		{"all in all", policy(mod("m", sets(200, func(int) []string {
			var all []string
			for j := range 200 {
				all = append(all, name(j))
			}
			return all
		}))), "cycle in sets"},
		{"doubled 40 times", policy(mod("m", cmd, wish, doubled(40)), capab("c", windows("w"), grants("m:s00000"))), "expands to more than 65536 rules"},
		{"doubled 11 times in many entries", policy(mod("m", cmd, wish, doubled(11)), capab("c", windows("w"), twice("m:s00000", 2000))), "comes down to more than 1048576 rules"},
		{"doubled 11 times in many capabilities", policy(mod("m", cmd, wish, doubled(11)), caps(2000, windows("w"), grants("m:s00000"))), "comes down to more than 1048576 rules"},
		{"not trusted, deep", policy(mod("m", untrusted, cmd, wish, sets(5000, func(i int) []string {
			if i < 4999 {
				return []string{name(i + 1)}
			}
			return strings.Split(strings.Repeat("p ", 5000)+"p", " ")
		})), capab("c", windows("w"), grants("m:s00000"))), "nested 100 deep"},
		{"not trusted, at the end of a long way", policy(mod("m", untrusted, cmd, wish, sets(99, func(i int) []string {
			if i < 98 {
				return []string{name(i + 1)}
			}
			return strings.Split(strings.Repeat("p ", 15_000)+"p", " ")
		})), capab("c", windows("w"), grants("m:s00000"))), "which is not trusted"},
		{"not trusted, wide", policy(mod("m", untrusted, cmd, wish, doubled(12)), capab("c", windows("w"), grants("m:s00000"))), "which is not trusted"},
		{"many misses among many names", policy(mod("m", sets(8000, func(int) []string { return nil })), capab("c", append(many, windows("w"))...)), "not found in module"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			a, ps := authority.New(c.policy)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if a != nil || !strings.Contains(ps.Error(), c.want) {
				t.Errorf("no problem says %q: %.500s", c.want, ps.Error())
			}
			if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; took > hang || mib > 400 {
				t.Errorf("took %v and %d MiB", took, mib)
			} else {
				t.Logf("%v, %d MiB, %d problems", took, mib, len(ps))
			}
		})
	}
}
