package authority

import (
	"cmp"
	"strconv"
	"strings"
)

// claimWords say what it means for callers, who are named after it, that a
// claim that gives is new or gone, or that one that binds is gone or new.
var claimWords = map[claimKind]struct{ kind, widened, narrowed string }{
	claimAllow:  {"allow", "may be called by", "may no longer be called by"},
	claimScope:  {"scope", "may use ENTRY when called by", "may no longer use ENTRY when called by"},
	claimDeny:   {"deny", "is no longer denied to", "is denied to"},
	claimExcept: {"scope-deny", "is no longer kept from ENTRY when called by", "is kept from ENTRY when called by"},
	claimFresh:  {"instance", "may keep state between calls by", "may no longer keep state between calls by"},
}

// entryWords word a scope entry, with the powers that it is about.
func entryWords(powers, value string) string {
	if powers == "" {
		return "the scope " + value
	}
	return powers + " on " + value
}

// conditions word when a claim holds; where the other policy makes it at other
// times, these too.
func conditions(kind claimKind, h, other claimant, direction Direction) string {
	holds := h.leaf.cap.conditions(kind)
	if other.leaf != nil {
		if o := other.leaf.cap.conditions(kind); o != holds {
			when := "now"
			if (direction == Widened) != kind.binds() {
				when = "before"
			}
			return ", " + cmp.Or(holds, "without limit") + " (" + when + ": " + cmp.Or(o, "without limit") + ")"
		}
	}
	if holds == "" {
		return ""
	}
	return ", " + holds
}

// conditions word the capability's own.
func (k *capability) conditions(kind claimKind) string {
	var parts []string
	if k.Expires != 0 {
		parts = append(parts, "until "+formatTime(k.Expires))
	}
	if kind.counts() {
		if n := k.Limits.CallsPerSecond; n > 0 {
			parts = append(parts, "at most "+strconv.Itoa(n)+" per second")
		}
		if n := k.Limits.Concurrent; n > 0 {
			parts = append(parts, "at most "+strconv.Itoa(n)+" at a time")
		}
	}
	return strings.Join(parts, ", ")
}

// sameName reports whether two capabilities have the same name.
func (h claimant) sameName(o claimant) bool {
	return h.leaf.cap.Identifier == o.leaf.cap.Identifier
}

// side is the claimant's capability and where it says so: for a scope entry
// that has a place of its own, that one.
func (h claimant) side() Side {
	if h.leaf == nil {
		return Side{}
	}
	at := h.leaf.source
	if h.entry != nil && h.entry.Source.File != "" {
		at = h.entry.Source
	}
	return Side{Capability: h.leaf.cap.Identifier, Source: at.FileLine()}
}

// pageWords word callers with a window.
func pageWords(contexts, places []spot) string {
	var of []string
	if len(contexts) > 0 && contexts[0].kind == spotLocal {
		of = append(of, "the app's own pages")
	}
	if urls := textsAt(contexts, spotURL); len(urls) > 0 {
		of = append(of, "pages of "+joinQuoted(urls))
	}
	return strings.Join(of, " and ") + " in " + placeWords(places)
}

// moduleWords word callers that are modules.
func moduleWords(contexts, places []spot) string {
	names := textsAt(contexts, spotModule)
	s := plural(len(names), "module") + " " + joinQuoted(names)
	if places[0].kind == spotAny {
		return s
	}
	return s + " in chains of calls that " + placeWords(places) + " began"
}

func placeWords(places []spot) string {
	var parts []string
	for _, p := range []struct {
		kind spotKind
		noun string
	}{{spotWindow, "window"}, {spotWebview, "webview"}} {
		if labels := textsAt(places, p.kind); len(labels) > 0 {
			parts = append(parts, plural(len(labels), p.noun)+" "+joinQuoted(labels))
		}
	}
	return strings.Join(parts, " and ")
}
