package pattern_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// pick returns up to n of the pieces, in a row.
func pick(r *rand.Rand, n int, pieces ...string) string {
	var b strings.Builder
	for range r.IntN(n + 1) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

// URL patterns put together of their grammar, against URLs that are likely to
// match.
func TestURLRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	compiled, matched := 0, 0
	for range 30_000 {
		host := pick(r, 4, "a", "b", ".", "*", "*.", ":x", "{a.}?", "{b}", "1", "-") + pick(r, 1, ".b", "a")
		path := pick(r, 6, "/", "/a", "b", "*", "/**", "/:x", "{/a}?", "{*b}?", "{:y}", `\:x`, "/b")
		u, err := pattern.CompileURL("https://" + host + "/" + path)
		if err != nil || isIPv4(host) {
			continue
		}
		compiled++
		nh, np := naivePart(host, "."), naivePart("/"+path, "/")
		for range 10 {
			text := "https://" + pick(r, 3, "a", "b", "a.", "b.", "1", "x") + pick(r, 1, ".b", "a") + "/" + pick(r, 5, "/", "a", "b", "/a", "/b", ":x")
			p, err := pattern.ParseURL(text)
			if err != nil {
				continue
			}
			want := nh.MatchString(p.Host()) && np.MatchString(p.Path())
			if path == "" { // widened
				want = nh.MatchString(p.Host())
			}
			if strings.Trim(host, "0123456789.*") == "" && strings.ContainsAny(host, "0123456789") && !isIPv4(p.Host()) ||
				strings.HasSuffix(p.Host(), ".") && !strings.HasSuffix(host, ".") {
				want = false
			}
			if got := u.Match(p); got != want {
				t.Fatalf("%q on %q: %t, want %t", u, p, got, want)
			}
			if want {
				matched++
			}
		}
	}
	if compiled < 2000 || matched < 1000 {
		t.Errorf("only %d patterns compiled and %d URLs matched", compiled, matched)
	}
}

// Path patterns against paths with the characters that fold oddly: no other
// spelling of a denied name escapes, and allows stay exact.
func TestPathRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	letters := []string{"a", "A", "é", "e", "\u0301", "ß", "s", "S", "ﬁ", "f", "i", "ı", "İ", "\u0345", "ᾳ", "α", "ι", "각", "\u1100", "\u1161", "\u11a8", "\u200d", "K", "k", "ſ", ".", "が", "か"}
	globs := append([]string{"*", "?", "[a-z]", "[ßé]", "[!a]", "[α-ω]"}, letters...)
	denied := 0
	for range 40_000 {
		var p, names []string
		for range 1 + r.IntN(3) {
			p = append(p, "a"+pick(r, 3, globs...))
			if r.IntN(4) == 0 {
				p = append(p, "**")
			}
		}
		for range 1 + r.IntN(3) {
			names = append(names, "a"+pick(r, 3, letters...))
		}
		parsed, err := pattern.ParsePath("/" + strings.Join(p, "/"))
		if err != nil { // "**" in a component
			continue
		}
		if r.IntN(2) == 0 { // make a match likely
			for i := range min(len(p), len(names)) {
				if p[i] != "**" {
					names[i] = strings.NewReplacer("*", "", "?", "ß", "[a-z]", "k", "[ßé]", "é", "[!a]", "ﬁ", "[α-ω]", "α").Replace(p[i])
				}
			}
		}
		path := "/" + strings.Join(names, "/")
		for _, o := range []pattern.PathOptions{allow, allowDots, deny, denyFold} {
			m, err := parsed.Bind("", o)
			if err != nil {
				t.Fatal(err)
			}
			got, want := m.Match(path), naivePath(p, names, o)
			if got != want && (!o.Fold || want) {
				t.Fatalf("%q %+v on %q: %t, want %t", parsed, o, path, got, want)
			}
			if want && o == deny {
				denied++
			}
		}
		checkAliases(t, parsed, "", path)
	}
	if denied < 5000 {
		t.Errorf("only %d paths were denied", denied)
	}
}
