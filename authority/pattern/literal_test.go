package pattern_test

import (
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

func TestLiteral(t *testing.T) {
	for text, want := range map[string]string{
		"main": "main", "a*b": "a[*]b", "**": "[*][*]", "a?": "a[?]", "[a-z]": "[[]a-z]", "]": "]", "{a,b}": "[{]a,b[}]",
		"$HOME": "[$]HOME", "": "", "ä/!^-": "ä/!^-", `a\*`: `a\[*]`,
	} {
		if got := pattern.Literal(text); got != want {
			t.Errorf("Literal(%q) = %q, want %q", text, got, want)
		}
	}
	// The control: without it, the characters mean something.
	if !label(t, "a*b").Match("axb") || label(t, pattern.Literal("a*b")).Match("axb") {
		t.Error("a star is not literal")
	}
}

// A literal that no pattern can stand for does not compile.
func TestLiteralErrors(t *testing.T) {
	for _, c := range []struct {
		text string
		at   int
		part string
	}{
		{"", 0, "empty pattern"},
		{"a\x00", 1, "control character"},
		{"a\n", 1, "control character"},
		{"a\xff", 1, "not valid UTF-8"},
		{strings.Repeat("*", 1366), 4096, "longer than 4096"},
	} {
		_, err := pattern.CompileLabel(pattern.Literal(c.text))
		wantError(t, c.text, err, c.at, c.part)
	}
	for _, c := range []struct {
		text string
		at   int
		part string
	}{
		{"", 2, `final "/"`},
		{"a//b", 5, "empty component"},
		{".", 3, "names no file"},
		{"a/..", 5, "names no file"},
		{`a\b`, 4, "backslash"},
	} {
		_, err := pattern.ParsePath("$D/" + pattern.Literal(c.text))
		wantError(t, c.text, err, c.at, c.part)
	}
	for _, text := range []string{"$HOME/x", "**/x", "x"} {
		_, err := pattern.ParsePath(pattern.Literal(text))
		wantError(t, text, err, 0, "starts with a variable")
	}
}

// A literal matches its text and no other.
func FuzzLiteral(f *testing.F) {
	for _, c := range [][2]string{
		{"a*b", "axb"}, {"[!a]{b}?", "bb"}, {"$HOME", "x"}, {"**", "a/b"}, {".a*", ".ab"}, {"[[]", "["}, {"a/**", "a/b"}, {"ß?", "ssx"},
	} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, text, other string) {
		p := pattern.Literal(text)
		for kind, compile := range map[string]func(string) (*pattern.Label, error){"label": pattern.CompileLabel, "name": pattern.CompileName} {
			l, err := compile(p)
			if err != nil {
				continue
			}
			if !l.Match(text) || l.Match(other) != (text == other) {
				t.Errorf("%s Literal(%q) = %q: matches itself %t, %q %t", kind, text, p, l.Match(text), other, l.Match(other))
			}
		}
		checkLiteralPrefix(t, "/"+text, "/"+other)
		parsed, err := pattern.ParsePath("$D/" + p)
		if err != nil {
			return
		}
		for _, o := range []pattern.PathOptions{allow, allowDots, deny} {
			m, err := parsed.Bind("/d", o)
			if err != nil {
				continue // more components than there may be
			}
			if path := "/d/" + text; !m.Match(path) {
				t.Errorf("%q %+v does not match %q", parsed, o, path)
			}
			if path := "/d/" + other; clean(path) && strings.ToValidUTF8(path, "") == path && m.Match(path) != (text == other) {
				t.Errorf("%q %+v on %q: %t", parsed, o, path, m.Match(path))
			}
		}
		if folded, err := parsed.Bind("/d", denyFold); err == nil && !folded.Match("/d/"+text) {
			t.Errorf("%q, folded, does not match %q", parsed, text)
		}
	})
}

// checkLiteralPrefix checks that a base dir is itself, and no other directory.
func checkLiteralPrefix(t *testing.T, dir, other string) {
	p, err := pattern.ParsePath("$D/x*")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []pattern.PathOptions{allow, allowDots, deny} {
		m, err := p.Bind(dir, o)
		if err != nil {
			if clean(dir) && dir != "/" && strings.ToValidUTF8(dir, "") == dir && strings.Count(dir, "/") < 60 {
				t.Errorf("Bind(%q): %v", dir, err)
			}
			continue
		}
		if !m.Match(dir + "/xy") {
			t.Errorf("%q %+v bound to %q does not match below it", p, o, dir)
		}
		if path := other + "/xy"; dir != other && clean(path) && strings.ToValidUTF8(path, "") == path && m.Match(path) {
			t.Errorf("%q %+v bound to %q matches %q", p, o, dir, path)
		}
	}
}
