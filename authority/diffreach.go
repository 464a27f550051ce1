package authority

import (
	"slices"
	"strings"
)

// reach is whom a capability is for, taken apart: it is for a caller if one of
// the contexts and one of its places fit.
type reach struct {
	pages   area // callers with a window
	modules area // callers that are modules
	key     string
}

// area is all pairs of a context and a place.
type area struct {
	contexts []spot
	places   []spot
}

// spot is a context or a place: one term of whom a capability is for.
type spot struct {
	kind  spotKind
	text  string
	label *label // if it is one
}

type spotKind uint8

const (
	spotLocal  spotKind = iota // the app's own pages
	spotURL                    // a pattern of remote pages
	spotModule                 // a pattern of modules
	spotAny                    // however the chain of calls began
	spotWindow
	spotWebview
)

func newReach(k *capability) *reach {
	r := &reach{}
	if k.Local {
		r.pages.contexts = append(r.pages.contexts, spot{kind: spotLocal})
	}
	for _, p := range k.Remote {
		r.pages.contexts = append(r.pages.contexts, spot{kind: spotURL, text: p.Text})
	}
	r.pages.places = slices.Concat(spots(spotWindow, k.who.windows), spots(spotWebview, k.who.webviews))
	r.modules = area{spots(spotModule, k.who.modules), spots(spotWindow, k.who.via)}
	if len(k.who.via) == 0 {
		r.modules.places = []spot{{kind: spotAny}}
	}
	for _, part := range [4][]spot{r.pages.contexts, r.pages.places, r.modules.contexts, r.modules.places} {
		slices.SortFunc(part, func(a, b spot) int { return strings.Compare(a.key(), b.key()) })
		b := canon(nil).num(int64(len(part)))
		for _, s := range part {
			b = b.str(s.key())
		}
		r.key += string(b)
	}
	return r
}

func spots(kind spotKind, labels []label) []spot {
	out := make([]spot, len(labels))
	for i := range labels {
		out[i] = spot{kind, labels[i].text, &labels[i]}
	}
	return out
}

func (s spot) key() string { return string(rune('0'+s.kind)) + s.text }

// within reports whether whoever fits s surely fits o.
func (s spot) within(o spot) bool {
	switch {
	case o.kind == spotAny:
		return true
	case s.label == nil || o.label == nil:
		return s.kind == o.kind && s.text == o.text
	case o.text == "*":
		return true
	}
	return s.kind == o.kind && (s.text == o.text || s.label.exact && o.label.match(s.text))
}

// maxSteps bounds how much one comparison looks at and writes.
const maxSteps = 1 << 26

// rest returns the terms of list that lie within no term of the others. Once
// the comparison has cost too much, that is all of them.
func (d *differ) rest(list []spot, others [][]spot) []spot {
	return slices.DeleteFunc(slices.Clone(list), func(s spot) bool {
		for _, o := range others {
			if d.steps += len(o); d.steps > maxSteps {
				return false
			}
			if slices.ContainsFunc(o, s.within) {
				return true
			}
		}
		return false
	})
}

// cover is what takes callers out of an area.
type cover struct {
	by    []area // those in one of these
	gated bool   // and those who surely are in none of the gates
	gates []area
}

// left says in words who is in an area and not taken out of it; contexts that
// have the same places left go together.
func (d *differ) left(a area, c cover, words func(contexts, places []spot) string) []string {
	var order []string
	rest, contexts := map[string][]spot{}, map[string][]spot{}
	for _, x := range a.contexts {
		var places [][]spot
		for _, o := range c.by {
			if len(d.rest([]spot{x}, [][]spot{o.contexts})) == 0 {
				places = append(places, o.places)
			}
		}
		left := d.rest(a.places, places)
		if c.gated {
			left = slices.DeleteFunc(left, func(s spot) bool { return !d.meets(x, s, c.gates) })
		}
		if len(left) == 0 {
			continue
		}
		key := words(nil, left)
		d.steps += len(key)
		if contexts[key] == nil {
			order = append(order, key)
		}
		rest[key], contexts[key] = left, append(contexts[key], x)
	}
	out := make([]string, len(order))
	for i, key := range order {
		out[i] = words(contexts[key], rest[key])
	}
	return out
}

// meets reports whether somebody in a context and a place may be in one of the
// areas, too. Once the comparison has cost too much, somebody may.
func (d *differ) meets(context, place spot, areas []area) bool {
	return slices.ContainsFunc(areas, func(a area) bool {
		d.steps += len(a.contexts) + len(a.places)
		return d.steps > maxSteps || slices.ContainsFunc(a.contexts, context.meets) && slices.ContainsFunc(a.places, place.meets)
	})
}

// meets reports whether somebody may fit both s and o.
func (s spot) meets(o spot) bool {
	switch {
	case s.kind == spotAny || o.kind == spotAny:
		return true
	case s.label == nil || o.label == nil: // of pages: local or remote
		return s.kind == o.kind
	case s.kind != o.kind:
		return true // a window and a webview
	case s.label.exact:
		return o.label.match(s.text)
	}
	return !o.label.exact || s.label.match(o.text)
}

// textsAt returns the texts of one kind in a sorted list, each once.
func textsAt(list []spot, kind spotKind) []string {
	var out []string
	for _, s := range list {
		if s.kind == kind {
			out = append(out, s.text)
		}
	}
	return slices.Compact(out)
}
