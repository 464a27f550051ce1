package pattern_test

import (
	"strings"
	"testing"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// naivePath is the grammar of paths, tried in all ways, on lists of components.
func naivePath(p, names []string, o pattern.PathOptions) bool {
	if len(p) == 0 {
		return len(names) == 0
	}
	dots := o.Dotfiles || o.Deny
	if p[0] == "**" {
		if naivePath(p[1:], names, o) && (len(p) > 1 || o.Deny) {
			return true
		}
		for i := range names {
			if names[i][0] == '.' && !dots {
				return false
			}
			if naivePath(p[1:], names[i+1:], o) {
				return true
			}
		}
		return false
	}
	if len(names) == 0 || names[0][0] == '.' && !dots && p[0][0] != '.' {
		return false
	}
	return naiveLabel(p[0], names[0]) && naivePath(p[1:], names[1:], o)
}

// lists returns all lists of the elements, from lo to hi long.
func lists(elements []string, lo, hi int) [][]string {
	level := [][]string{nil}
	var out [][]string
	for n := 0; n <= hi; n++ {
		if n >= lo {
			out = append(out, level...)
		}
		var next [][]string
		for _, l := range level {
			for _, e := range elements {
				next = append(next, append(l[:len(l):len(l)], e))
			}
		}
		level = next
	}
	return out
}

// Match, Beneath and Covers of all short patterns, on all short paths. With
// "**" only a pattern's literals can tell names apart, so that extensions by
// one component more than the pattern has, out of names that match each glob
// and names that match none, decide what is below a directory.
func TestPathAgainstNaive(t *testing.T) {
	names := []string{"a", "b", ".a"}
	paths := lists(names, 0, 4)
	cases := 0
	for _, p := range lists([]string{"a", "*", "**", ".*", "?"}, 1, 3) {
		for _, o := range []pattern.PathOptions{allow, allowDots, deny} {
			m := bind(t, "/"+strings.Join(p, "/"), "", o)
			match := map[string]bool{}
			for _, path := range paths {
				text := "/" + strings.Join(path, "/")
				match[text] = naivePath(p, path, o)
				if got := m.Match(text); got != match[text] {
					t.Fatalf("%q %+v on %q: %t, want %t", p, o, text, got, match[text])
				}
				cases++
			}
			for _, dir := range lists(names, 0, 2) {
				text := "/" + strings.Join(dir, "/")
				some, all := false, true
				for _, more := range lists(names, 1, 4) {
					if naivePath(p, append(dir[:len(dir):len(dir)], more...), o) {
						some = true
					} else {
						all = false
					}
				}
				if got := m.Beneath(text); got != some {
					t.Fatalf("%q %+v: Beneath(%q) = %t, want %t", p, o, text, got, some)
				}
				if m.Covers(text) && !all {
					t.Fatalf("%q %+v: Covers(%q), but not all below matches", p, o, text)
				}
			}
		}
	}
	if cases < 50_000 {
		t.Errorf("only %d cases", cases)
	}
}

// A folded deny matches at least what the plain one does.
func FuzzPath(f *testing.F) {
	for _, c := range [][3]string{
		{"/a/**/b*/**", "/a/x/bc", "/y"}, {"**/.ssh/**", "/x/.ssh", "/id"}, {"/a/[!a-c]?/*", "/a/éx", "/q/r"},
		{"$D/**/*.key", "/d/x", "/.key"}, {"/ß/ﬁ/**", "/SS/FI", "/ä"},
	} {
		f.Add(c[0], c[1], c[2])
	}
	f.Fuzz(func(t *testing.T, text, dir, below string) {
		p, err := pattern.ParsePath(text)
		if err != nil || len(text) > 24 || len(dir) > 24 || len(below) > 24 {
			return
		}
		prefix, parts := "", strings.Split(strings.TrimPrefix(text, "/"), "/")
		if p.Var() != "" {
			prefix, parts[0] = "/d", "d"
		}
		path := dir + below
		if dir == "/" {
			path = below
		}
		for _, o := range []pattern.PathOptions{allow, allowDots, deny, denyFold} {
			m, err := p.Bind(prefix, o)
			if err != nil {
				t.Fatal(err)
			}
			got := m.Match(path)
			if !clean(path) || !clean(dir) || strings.ToValidUTF8(path, "") != path {
				if !clean(path) && got != o.Deny {
					t.Errorf("%q %+v on the unclean %q: %t", text, o, path, got)
				}
				continue
			}
			if want := naivePath(parts, components(path), o); got != want && (!o.Fold || want) {
				t.Errorf("%q %+v on %q: %t, want %t", text, o, path, got, want)
			}
			if below == "" || !clean(below) || below == "/" {
				continue
			}
			if got && !m.Beneath(dir) {
				t.Errorf("%q %+v matches %q but is not beneath %q", text, o, path, dir)
			}
			if !got && m.Covers(dir) {
				t.Errorf("%q %+v covers %q but does not match %q", text, o, dir, path)
			}
		}
		checkAliases(t, p, prefix, path)
	})
}

// checkAliases checks that no other spelling of a denied name escapes.
func checkAliases(t *testing.T, p *pattern.Path, prefix, path string) {
	m, err := p.Bind(prefix, deny)
	if err != nil {
		t.Fatal(err)
	}
	if !m.Match(path) || strings.ToValidUTF8(path, "") != path {
		return
	}
	folded, err := p.Bind(prefix, denyFold)
	if err != nil {
		t.Fatal(err)
	}
	full := cases.Fold().String(path)
	for _, alias := range []string{
		path, norm.NFC.String(path), norm.NFD.String(path), strings.ToUpper(path), strings.ToLower(path),
		full, norm.NFC.String(full), norm.NFD.String(full), norm.NFD.String(strings.ToUpper(path)),
	} {
		if !folded.Match(alias) {
			t.Errorf("%q denies %q but, folded, not %q", p, path, alias)
		}
	}
}

func components(path string) []string {
	if path == "/" {
		return nil
	}
	return strings.Split(path[1:], "/")
}

// With backtracking these would never end.
func TestPathHostile(t *testing.T) {
	size := 10_000
	if testing.Short() {
		size = 1000
	}
	star := "/" + strings.Repeat("a*", 120) + "b"
	for _, p := range []string{
		strings.Repeat("/**/a", 31) + "/b",
		strings.Repeat("/**/*a*", 31) + "/b",
		"/**" + star + "/**" + star,
		"/**/" + strings.Repeat("?", 255) + "/**/" + strings.Repeat("[ß]", 85),
	} {
		for _, o := range []pattern.PathOptions{allow, deny, denyFold} {
			m := bind(t, p, "", o)
			for _, path := range []string{strings.Repeat("/a", size/2), "/" + strings.Repeat("a", size), strings.Repeat("/"+strings.Repeat("a", 200), size/200)} {
				if m.Match(path) {
					t.Errorf("%.20q… matches %.20q…", p, path)
				}
				m.Beneath(path)
				m.Covers(path)
			}
		}
	}
}
