package pattern_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

func TestLabelMatch(t *testing.T) {
	for _, c := range []struct{ pattern, yes, no string }{
		{"main", "main", "Main mai mainx xmain"},
		{"*", "main a/b:c .hidden \xff ä", ""},
		{"main-*", "main- main-1 main-a/b:c main-.x", "main amain-1"},
		{"*-main", "-main a-main a/b-main", "main -main-"},
		{"?", "a / : . ä 秘", "ab ä\u0308"},
		{"a?c", "abc a/c a.c aäc", "ac abbc"},
		{"[a-c]", "a b c", "d A aa -"},
		{"[!a-c]", "d A / . - ä", "a b c dd"},
		{"[a-cx-z]x", "ax bx zx", "dx x"},
		{"[]a]", "] a", "b []a]"},
		{"[!]a]", "b [", "] a"},
		{"[]]", "]", "["},
		{"[!]]", "a", "]"},
		{"[a-]", "a -", "b"},
		{"[-a]", "a -", "b"},
		{"[a-b-c]", "a b - c", "d"},
		{"[--0]", "- . / 0", "+ 1"},
		{"[[]", "[", "]"},
		{"[*]", "*", "a"},
		{"[?]", "?", "a"},
		{"[ä-ü]", "ä ö ü", "a \u00fd"},
		{"[!a]", "\xff", "a"},
		{"[\u0080]", "\u0080", "\x80"},
		{"[\ufffd]x", "\ufffdx", "\xffx"},
		{"[z-a]", "", "a z m"}, // as Rust's crate: an empty range
		{"[!z-a]", "a z", ""},
		{"[^a]", "^ a", "b"}, // as Rust's crate: "^" is a member
		{"a]", "a]", "a"},
		{"{a,b}", "{a,b}", "a b"},
		{`\*`, `\ \a`, `*`},
		{"**", "a a/b /", ""},
		{"a/**", "a/ a/b a/b/c a/.x", "a ab b/a/"},
		{"a/**/", "a/ a/b a/b/c", "a ab"},
		{"**/b", "b a/b a/c/b /b", "ab a/bc b/"},
		{"a/**/b", "a/b a/x/b a/x/y/b a//b", "ab a/xb a/x/yb"},
		{"a/**/**/b", "a/b a/x/b", "a/xb"},
		{"**/**", "a a/b", ""},
		{"**/*", "a a/b", ""},
		{"a/**/b*", "a/b a/x/bc a/bx/b", "a/xb"},
		{"*a*b*c*", "abc xaxbxcx aabbcc", "acb ab cba"},
		{"*ab*ab", "abab abxab abababab", "ab xabx"},
		{"*?", "a ab", ""},
		{"?*?", "ab abc", "a"},
		{"a*a", "aa aba aaa", "a ab"},
		{"ä*", "ä äb", "a\u0308 Ä"},
	} {
		l := label(t, c.pattern)
		for _, s := range strings.Fields(c.yes) {
			if !l.Match(s) {
				t.Errorf("%q does not match %q", c.pattern, s)
			}
		}
		for _, s := range strings.Fields(c.no) {
			if l.Match(s) {
				t.Errorf("%q matches %q", c.pattern, s)
			}
		}
		if l.String() != c.pattern {
			t.Errorf("String() = %q, want %q", l.String(), c.pattern)
		}
	}
	for _, text := range []string{"*", "**"} {
		if !label(t, text).Match("") {
			t.Errorf("%q does not match the empty text", text)
		}
	}
	for _, text := range []string{"?", "a", "[!a]", "**/a"} {
		if label(t, text).Match("") {
			t.Errorf("%q matches the empty text", text)
		}
	}
	if label(t, "\ufffd").Match("\xff") || !label(t, "\ufffd").Match("\ufffd") {
		t.Error("a replacement character stands for a byte that is not UTF-8")
	}
}

func TestLabelErrors(t *testing.T) {
	for _, c := range []struct {
		pattern string
		offset  int
		part    string
	}{
		{"", 0, "empty pattern"},
		{"a**", 1, "must stand alone"},
		{"**a", 0, "must stand alone"},
		{"a/**b", 2, "must stand alone"},
		{"a/b**/c", 3, "must stand alone"},
		{"***", 2, `more than two "*"`},
		{"a/****/b", 4, `more than two "*"`},
		{"[", 0, "not closed"},
		{"[]", 0, "not closed"},
		{"[!", 0, "not closed"},
		{"[!]", 0, "not closed"},
		{"[a", 0, "not closed"},
		{"ab[!a", 2, "not closed"},
		{"ä[a", 2, "not closed"},
		{"a\xffb", 1, "not valid UTF-8"},
		{"a\x00b", 1, "control character"},
		{"a\nb", 1, "control character"},
		{"a\x7f", 1, "control character"},
		{strings.Repeat("a", 4097), 4096, "longer than 4096"},
	} {
		l, err := pattern.CompileLabel(c.pattern)
		wantError(t, c.pattern, err, c.offset, c.part)
		if l != nil {
			t.Errorf("%q: a label besides the error", c.pattern)
		}
	}
	_, err := pattern.CompileLabel("a**")
	if want := `"**" must stand alone between slashes (for any run of characters write *) (at byte 1)`; err.Error() != want {
		t.Errorf("Error() = %s, want %s", err, want)
	}
}

func TestNoLabel(t *testing.T) {
	var l *pattern.Label
	if l.Match("") || l.Match("main") || l.String() != "" {
		t.Error("a nil Label matches")
	}
	if l = (&pattern.Label{}); l.Match("") || l.Match("main") {
		t.Error("the zero Label matches")
	}
}

// naiveLabel is the grammar, tried in all ways. The pattern must be valid.
func naiveLabel(p, s string) bool {
	switch {
	case p == "":
		return s == ""
	case p == "**" || p == "**/":
		return true
	case strings.HasPrefix(p, "**/"):
		for i := range len(s) {
			if s[i] == '/' && naiveLabel(p[3:], s[i+1:]) {
				return true
			}
		}
		return naiveLabel(p[3:], s)
	case p[0] == '*':
		for i := range s {
			if naiveLabel(p[1:], s[i:]) {
				return true
			}
		}
		return naiveLabel(p[1:], "")
	case s == "":
		return false
	}
	r, n := utf8.DecodeRuneInString(s)
	bad := r == utf8.RuneError && n == 1
	switch p[0] {
	case '?':
		return naiveLabel(p[1:], s[n:])
	case '[':
		members, not, rest := naiveClass(p)
		return (!bad && naiveMember(members, r)) != not && naiveLabel(rest, s[n:])
	}
	q, m := utf8.DecodeRuneInString(p)
	return q == r && !bad && naiveLabel(p[m:], s[n:])
}

func naiveClass(p string) (members []rune, not bool, rest string) {
	p = p[1:]
	if p[0] == '!' {
		not, p = true, p[1:]
	}
	all := []rune(p)
	for i := 1; ; i++ {
		if all[i] == ']' {
			return all[:i], not, string(all[i+1:])
		}
	}
}

func naiveMember(m []rune, r rune) bool {
	for len(m) > 0 {
		if len(m) > 2 && m[1] == '-' {
			if m[0] <= r && r <= m[2] {
				return true
			}
			m = m[3:]
			continue
		}
		if m[0] == r {
			return true
		}
		m = m[1:]
	}
	return false
}

// Every short pattern over the characters that matter, against every short text.
func TestLabelAgainstNaive(t *testing.T) {
	texts := words([]string{"a", "b", "/"}, 5)
	patterns := words([]string{"a", "/", "?", "*", "**", "[!a]"}, 5)
	n := 0
	for _, p := range patterns {
		l, err := pattern.CompileLabel(p)
		if err != nil {
			continue
		}
		for _, s := range texts {
			if got, want := l.Match(s), naiveLabel(p, s); got != want {
				t.Fatalf("%q on %q: %t, want %t", p, s, got, want)
			}
			n++
		}
	}
	if n < 100_000 {
		t.Errorf("only %d cases", n)
	}
}

func FuzzLabel(f *testing.F) {
	for _, c := range [][2]string{
		{"a*b?[!c-e]", "axxb/f"}, {"**/a/**", "x/a/"}, {"[]-a]*", "]"}, {"*ä*", "\xffä"}, {"a/**/b*", "a/c/bd"},
	} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, p, s string) {
		l, err := pattern.CompileLabel(p)
		if err != nil || len(p) > 16 || len(s) > 24 {
			return
		}
		if got, want := l.Match(s), naiveLabel(p, s); got != want {
			t.Errorf("%q on %q: %t, want %t", p, s, got, want)
		}
	})
}

// With backtracking this would never end.
func TestLabelHostile(t *testing.T) {
	for _, p := range []string{
		strings.Repeat("a*", 2000) + "b",
		strings.Repeat("*a", 2000) + "b",
		strings.Repeat("**/a/", 800) + "b",
		strings.Repeat("?*", 2000) + "b",
		strings.Repeat("[!b]*", 800) + "b",
	} {
		l := label(t, p)
		for _, s := range []string{strings.Repeat("a", 20_000), strings.Repeat("a/", 10_000)} {
			if l.Match(s) {
				t.Errorf("%.20q… matches %.20q…", p, s)
			}
		}
	}
}
