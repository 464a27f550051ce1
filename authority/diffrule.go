package authority

import (
	"slices"
	"strings"
)

// rules reports the claims that one policy makes and the other does not: those
// that give, or those that bind. Once the comparison has cost too much it stops,
// which [Diff] says.
func (d *differ) rules(of, against *claims, direction Direction, binding bool) {
	for _, s := range of.order {
		if !s.kind.compared() || s.kind.binds() != binding || s.power != "" {
			continue
		}
		for _, h := range of.by[s] {
			if d.steps > maxSteps {
				return
			}
			d.claimant(s, h, of, against, direction)
		}
	}
}

// claimant reports for whom the other policy does not make the claim. Powers
// for which that are the same callers go together.
func (d *differ) claimant(s claim, h claimant, of, against *claims, direction Direction) {
	var order []string
	powers := map[string][]string{}
	for _, s.power = range lent(s, h, of, against) {
		callers := d.uncovered(s, h, of, against)
		if callers == "" {
			continue
		}
		if powers[callers] == nil {
			order = append(order, callers)
		}
		powers[callers] = append(powers[callers], string(s.power))
	}
	s.power = ""
	for _, callers := range order {
		d.report(s, h, against, direction, strings.Join(powers[callers], ", "), callers)
	}
}

// lent returns the powers of an entry that are to be compared: those that the
// command declares in both policies, since one that it declares in one of them
// is a change of its own. Where there are none, the entry itself is compared.
func lent(s claim, h claimant, of, against *claims) []Power {
	if h.entry == nil {
		return []Power{""}
	}
	own, _ := of.powers(s)
	other, known := against.powers(s)
	var out []Power
	for _, p := range h.entry.v.powers {
		if slices.Contains(own, p) && (!known || slices.Contains(other, p)) {
			out = append(out, p)
		}
	}
	if out == nil {
		return []Power{""}
	}
	return out
}

// uncovered says in words for which callers the other policy does not make the
// claim, or not for as long and as often; "" if there are none.
func (d *differ) uncovered(s claim, h claimant, of, against *claims) string {
	r := of.reach(h.leaf.cap)
	var pages, modules cover
	for _, o := range against.by[s] {
		d.steps++
		if !h.leaf.cap.coveredBy(o.leaf.cap, s.kind) {
			continue
		}
		with := against.reach(o.leaf.cap)
		if with.key == r.key {
			return ""
		}
		pages.by, modules.by = append(pages.by, with.pages), append(modules.by, with.modules)
	}
	if gate, ok := s.gate(); ok {
		more := of // the policy that lets callers do more
		if s.kind.binds() {
			more = against
		}
		pages.gates, modules.gates = more.areas(gate)
		pages.gated, modules.gated = true, true
	}
	callers := strings.Join(append(d.left(r.pages, pages, pageWords), d.left(r.modules, modules, moduleWords)...), "; ")
	d.steps += len(callers)
	return callers
}

// gate returns the claim without which, in the policy that lets callers do
// more, another one does not matter to a caller: who cannot call a command
// cannot do more with it. (A deny matters to what is granted at run time.)
func (s claim) gate() (claim, bool) {
	switch {
	case s.kind == claimFresh:
		return claim{kind: claimKeep, module: s.module, command: s.command}, true
	case s.kind != claimExcept && s.kind != claimScope:
		return claim{}, false
	case s.command == "":
		return claim{kind: claimUse, module: s.module}, true
	}
	return claim{kind: claimAllow, module: s.module, command: s.command}, true
}

// coveredBy reports whether a claim of o holds whenever one of k does, callers
// aside.
func (k *capability) coveredBy(o *capability, kind claimKind) bool {
	if o.Expires != 0 && (k.Expires == 0 || o.Expires < k.Expires) {
		return false
	}
	if o.who.limited == "" || !kind.counts() {
		return true
	}
	within := func(a, b int) bool { return b == 0 || a != 0 && a <= b }
	return k.Identifier == o.Identifier && within(k.Limits.CallsPerSecond, o.Limits.CallsPerSecond) &&
		within(k.Limits.Concurrent, o.Limits.Concurrent)
}

// report adds a change, with what the other policy says by the same name.
func (d *differ) report(s claim, h claimant, against *claims, direction Direction, powers, callers string) {
	var other claimant
	if i := slices.IndexFunc(against.by[s], h.sameName); i >= 0 {
		other = against.by[s][i]
	}
	words := claimWords[s.kind]
	f := finding{direction: direction, kind: words.kind, module: s.module, words: choose(direction, words.widened, words.narrowed)}
	if h.entry != nil {
		f.words = strings.Replace(f.words, "ENTRY", entryWords(powers, s.value), 1)
	}
	f.words += " " + callers + conditions(s.kind, h, other, direction)
	if s.kind.binds() {
		f = f.place(h.side(), other.side())
	} else {
		f = f.place(other.side(), h.side())
	}
	d.found(f, s.command)
}
