package pattern_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// stepper is a compiled pattern whose steps can be counted.
type stepper[T any] interface{ Steps(T) (steps, size int) }

// checkSteps holds a pattern to the bound: the steps are at most most times the
// product of the lengths, and the compiled pattern is at most most times as
// long as the written one.
func checkSteps[T any](t *testing.T, text string, p stepper[T], input T, length, most int) {
	t.Helper()
	steps, size := p.Steps(input)
	if bound := most * (len(text) + 1) * (length + 1); steps > bound {
		t.Errorf("%.40q… of %d bytes on %d bytes: %d steps, more than %d", text, len(text), length, steps, bound)
	}
	if size > most*len(text) {
		t.Errorf("%.40q… of %d bytes has the size %d", text, len(text), size)
	}
}

// hostileGlobs, repeated, are patterns on which backtracking never ends: many
// wildcards that could all take what the next ones take, and no match.
var hostileGlobs = []string{
	"a*", "*a", "?*", "*?a", "[!b]*", "*[ab]", "*[!b]a", "aa*", "*aaaaaaaa",
}

func TestLabelSteps(t *testing.T) {
	for _, piece := range append([]string{"**/a/", "**/*", "a/**/"}, hostileGlobs...) {
		for _, n := range []int{1, 10, 100, 400} {
			text := strings.Repeat(piece, n)
			if strings.HasSuffix(piece, "*") {
				text += "/"
			}
			text += "b"
			l, err := pattern.CompileLabel(text)
			if err != nil {
				continue // "**" within a component
			}
			for _, input := range []string{"a", "a/", "aa/", "/", "ab"} {
				s := strings.Repeat(input, 1000)
				checkSteps(t, text, l, s, len(s), 2)
			}
		}
	}
	r := rand.New(rand.NewPCG(7, 8))
	for range 5000 {
		text := pick(r, 40, append([]string{"**/", "a", "/", "b"}, hostileGlobs...)...)
		l, err := pattern.CompileLabel(text)
		if err != nil {
			continue
		}
		s := strings.Repeat(pick(r, 4, "a", "/", "b"), r.IntN(60))
		checkSteps(t, text, l, s, len(s), 2)
	}
}

func TestPathSteps(t *testing.T) {
	for _, piece := range append([]string{"/**/a", "/**/*", "/**/*a*", "/**/?*a"}, hostileGlobs...) {
		for _, n := range []int{1, 10, 30, 100} {
			text := strings.Repeat(piece, n)
			if piece[0] != '/' {
				text = "/**/" + text + "/**/" + text + "/**/" + text
			}
			text += "b"
			p, err := pattern.ParsePath(text)
			if err != nil {
				continue // more components than there may be
			}
			for _, o := range []pattern.PathOptions{allow, deny, denyFold} {
				m, err := p.Bind("", o)
				if err != nil {
					continue // likewise, with those of the base dir
				}
				for _, input := range []string{"/a", "/aaaaaaaa", "/ab", "/é", "a", "ß"} {
					path := "/" + strings.TrimPrefix(strings.Repeat(input, 200), "/")
					checkSteps(t, text, m, path, len(path), 2*pattern.MaxFold+1)
				}
			}
		}
	}
}

// Classes fold character by character only if they are small.
func TestFoldedClassSize(t *testing.T) {
	for _, class := range []string{"[a-z]", "[\u0100-\u01ff]", "[\u0100-\u0200]", "[\u0100-\u08ff]", "[ -\U0010ffff]", "[!a]", "[αάὰᾶᾳßﬃ]"} {
		m := bind(t, "/"+strings.Repeat(class, 200), "", denyFold)
		if _, size := m.Steps("/a"); size > 200*(256+3) {
			t.Errorf("%q, 200 times, has the size %d", class, size)
		}
	}
}

func TestURLSteps(t *testing.T) {
	for _, piece := range []string{"*a", "/:x", "/**", "{a}?", "{*a}?", "{a*}?a", "/*", "ü*", "/:x/*", "*%41"} {
		for _, n := range []int{1, 10, 100, 140} {
			text := "https://a/" + strings.TrimPrefix(strings.Repeat(piece, n), "/") + "/b"
			u := urlPattern(t, text)
			for _, input := range []string{"a", "a/", "/", "ab", "ü"} {
				p := parse(t, "https://a/"+strings.Repeat(input, 1000))
				checkSteps(t, text, u, p, len(p.String()), 2*3)
			}
		}
	}
	for _, host := range []string{"*a", "{a.}?", ":x.", "*.", "{*-}?", "a-*"} {
		for _, n := range []int{1, 10, 100} {
			text := "https://" + strings.Repeat(host, n) + "b"
			u := urlPattern(t, text)
			for _, input := range []string{"a", "a.", "a-", "b."} {
				p := parse(t, "https://"+strings.Repeat(input, 30)+"c")
				checkSteps(t, text, u, p, len(p.String()), 2*3)
			}
		}
	}
}

func TestMatchAllocations(t *testing.T) {
	names := []*pattern.Label{label(t, "a*b?[c-e]*"), label(t, "**/a/*b/**"), label(t, "[!ä]*ü"), label(t, "main"), label(t, "*")}
	command, err := pattern.CompileCommand("n*s.[gs]et_?*")
	if err != nil {
		t.Fatal(err)
	}
	paths := []*pattern.PathMatcher{
		bind(t, "$D/**/*.k?y", "/home/me", allow), bind(t, "$D/[ß]é?/**", "/home/me", denyFold), bind(t, "**/x*[a-z]?", "", deny),
	}
	u := urlPattern(t, "http{s}?://{*.}?example.com:*/a/**/:id/*x*")
	p := parse(t, "https://a.example.com/a/b/c/dxe?f#g")
	if n := testing.AllocsPerRun(100, func() {
		for _, n := range names {
			n.Match("axxbcdxyz/a/bü")
		}
		for _, m := range paths {
			m.Match("/home/me/ssé/x.key")
			m.Beneath("/home/me")
			m.Covers("/home/ME/SSé")
		}
		if !u.Match(p) || !command.Match("notes", "get_all") {
			t.Fatal("no match")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
