package pattern_test

import (
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// TestIncludesAgainstNaive: of all pairs of short patterns, one that includes
// the other matches every short path that the other does. How many of the true
// inclusions it finds is held, too.
func TestIncludesAgainstNaive(t *testing.T) {
	paths := lists([]string{"a", "b", ".a", "ab"}, 1, 4)
	type bound struct {
		text string
		m    *pattern.PathMatcher
		all  map[string]bool
	}
	var list []bound
	for _, p := range lists([]string{"a", "*", "**", "?", ".*"}, 1, 3) {
		for _, o := range []pattern.PathOptions{allow, allowDots, deny} {
			b := bound{"/" + strings.Join(p, "/"), bind(t, "/"+strings.Join(p, "/"), "", o), map[string]bool{}}
			for _, path := range paths {
				if text := "/" + strings.Join(path, "/"); b.m.Match(text) {
					b.all[text] = true
				}
			}
			list = append(list, b)
		}
	}
	said, holding := 0, 0
	for _, x := range list {
		for _, y := range list {
			holds := true
			for path := range y.all {
				holds = holds && x.all[path]
			}
			got := x.m.Includes(y.m)
			if got && !holds {
				t.Fatalf("%q includes %q, but does not match all that it does", x.text, y.text)
			}
			if holds {
				holding++
			}
			if got {
				said++
			}
		}
	}
	if said*10 < holding*4 {
		t.Errorf("only %d of %d inclusions are found", said, holding)
	}
	t.Logf("%d of %d inclusions are found", said, holding)
}

func TestIncludes(t *testing.T) {
	for _, c := range []struct {
		wide, narrow string
		want         bool
	}{
		{"$D/**", "$D/notes/*.md", true},
		{"$D/**", "$D/**", true},
		{"$D/**", "$D", false},
		{"$D/*", "$D/a", true},
		{"$D/*", "$D/a/b", false},
		{"$D/*.md", "$D/*.md", true},
		{"$D/*.md", "$D/*", false},
		{"$D/*.md", "$D/?.md", false}, // true, but not told
		{"**", "$D/a", true},
		{"**/*.md", "$D/x/*.md", true},
		{"$D/**", "/elsewhere/a", false},
		{"$D/*", "$D/.a", false},
		{"$D/.*", "$D/.a", true},
		{"$D/a/**/z", "$D/a/**/b/z", true},
	} {
		prefix := func(p string) string {
			if p[0] == '$' {
				return "/data"
			}
			return ""
		}
		m, n := bind(t, c.wide, prefix(c.wide), allow), bind(t, c.narrow, prefix(c.narrow), allow)
		if got := m.Includes(n); got != c.want {
			t.Errorf("%q includes %q: %t", c.wide, c.narrow, got)
		}
	}
	var none *pattern.PathMatcher
	one := bind(t, "**", "", allow)
	if none.Includes(one) || one.Includes(none) || one.Includes(&pattern.PathMatcher{}) || (&pattern.PathMatcher{}).Includes(one) {
		t.Error("what matches nothing includes nothing, and nothing is said of it")
	}
	folded := bind(t, "/a*", "", pattern.PathOptions{Deny: true, Fold: true})
	if folded.Includes(folded) {
		t.Error("of folded patterns nothing is known")
	}
}

// FuzzIncludes: a path that a pattern matches, all that include it match.
func FuzzIncludes(f *testing.F) {
	f.Add("/**/a/**", "/x/**/a/b*", "/x/a/bc")
	f.Add("/a?/**/.b", "/a?/.b", "/ab/.b")
	f.Add("**/[ab]", "/x/[ab]", "/x/a")
	f.Fuzz(func(t *testing.T, wide, narrow, path string) {
		w, err := pattern.ParsePath(wide)
		n, err2 := pattern.ParsePath(narrow)
		if err != nil || err2 != nil || w.Var() != "" || n.Var() != "" {
			return
		}
		for _, o := range [][2]pattern.PathOptions{{allow, allow}, {allowDots, allow}, {allow, allowDots}, {deny, allow}} {
			m, err := w.Bind("", o[0])
			x, err2 := n.Bind("", o[1])
			if err != nil || err2 != nil {
				return
			}
			if m.Includes(x) && x.Match(path) && !m.Match(path) {
				t.Errorf("%q includes %q, but only the latter matches %q (%+v)", wide, narrow, path, o)
			}
		}
	})
}
