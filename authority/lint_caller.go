package authority

import (
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// urlSurprise finds URL patterns that match less than they seem to: of remote
// pages, and of scopes. A deny that does so lets something through.
func (x *linter) urlSurprise() {
	for _, k := range x.caps {
		for i, p := range k.Remote {
			u := k.who.remote[i]
			texts := surprising(u, pattern.TooNarrow)
			if !u.OriginOnly() {
				texts = []string{"has a path: a browser only proves the host of a page, so over HTTP it matches nobody (leave the path out)"}
			}
			if texts != nil {
				x.report(p.at(k), k.subject(p.Text), "", "%s is for pages of %s, which %s", k.what(), quote(p.Text), strings.Join(texts, " and "))
			}
		}
	}
	for _, s := range x.scopes {
		text, _ := s.text(PowerHTTP)
		kinds := []pattern.SurpriseKind{pattern.TooNarrow}
		if s.deny {
			kinds = append(kinds, pattern.NoApex, pattern.NotBelow)
		}
		if texts := surprising(x.url(text), kinds...); texts != nil {
			x.report(s.at, s.subject(text), "", "%s %s %s the URL pattern %s, which %s",
				s.cap.what(), s.verb(), quote(s.perm), quote(text), strings.Join(texts, " and "))
		}
	}
}

// surprising returns what is surprising about a pattern, of some kinds.
func surprising(u *pattern.URL, kinds ...pattern.SurpriseKind) []string {
	var texts []string
	for _, s := range u.Surprises() {
		if slices.Contains(kinds, s.Kind) {
			texts = append(texts, s.Text)
		}
	}
	return texts
}

// subject is what a finding on one of the capability's own patterns is about.
func (k *capability) subject(about string) subject {
	return subject{capability: k.Identifier, about: about}
}

// wildcardOrigin finds patterns of remote pages that strangers can serve.
func (x *linter) wildcardOrigin() {
	for _, k := range x.caps {
		for i, p := range k.Remote {
			if texts := surprising(k.who.remote[i], pattern.TooWide); texts != nil {
				x.report(p.at(k), k.subject(p.Text), "name the hosts whose pages you answer for",
					"%s is for pages of %s, which %s: whoever serves such a page gets all that it grants",
					k.what(), quote(p.Text), strings.Join(texts, " and "))
			}
		}
	}
}

// devOnly finds what only developers need.
func (x *linter) devOnly() {
	for _, k := range x.caps {
		if profile, ok := x.Profiles[k.Identifier]; ok {
			x.report(k.Position, k.subject(profile), "take it out of app.capabilities, or out of the profile",
				"%s is listed for the profile %s, and in effect without it, too", k.what(), quote(profile))
		}
		for i, p := range k.Remote {
			if k.who.remote[i].Loopback() {
				x.report(p.at(k), k.subject(p.Text), "list the capability in [profile.dev], not in app.capabilities",
					"%s is for pages of %s, and in effect for users: there, any program on the machine can serve them", k.what(), quote(p.Text))
			}
		}
	}
}

// noSuchWindow finds labels that no declared window has.
func (x *linter) noSuchWindow() {
	hints, declared := &report{}, make(map[string]bool)
	for _, w := range x.catalog.windows {
		declared[w] = true
	}
	look := func(k *capability, written []Pattern, labels []label, key string) {
		for i := range labels {
			l := &labels[i]
			found, known := declared[l.text]
			if !known && !l.exact {
				if !x.spend(1 + len(x.catalog.windows)/16) {
					return
				}
				found = slices.ContainsFunc(x.catalog.windows, l.match)
				declared[l.text] = found
			}
			if found {
				continue
			}
			hint := hints.didYouMean(l.text, these(x.catalog.windows))
			if hint == "" {
				hint = "declare it as a [[window]] of ambit.toml"
			}
			x.report(written[i].at(k), k.subject(l.text), hint, "%s names %s in %q, and no declared window has such a label", k.what(), quote(l.text), key)
		}
	}
	for _, k := range x.caps {
		look(k, k.Windows, k.who.windows, "windows")
		look(k, k.Via, k.who.via, "via")
		if len(k.Windows) == 0 { // a window may hold several webviews, which nobody declares
			look(k, k.Webviews, k.who.webviews, "webviews")
		}
	}
}
