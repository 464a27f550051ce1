package pattern_test

import (
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

var (
	allow     = pattern.PathOptions{}
	allowDots = pattern.PathOptions{Dotfiles: true}
	deny      = pattern.PathOptions{Deny: true}
	denyFold  = pattern.PathOptions{Deny: true, Fold: true}
)

func TestPathMatch(t *testing.T) {
	const dir = "/home/me/app"
	for _, c := range []struct {
		pattern string
		o       pattern.PathOptions
		yes, no string
	}{
		{"$D", allow, "/home/me/app", "/home/me /home/me/app/a /home/me/apps / /home/me/app2"},
		{"$D", deny, "/home/me/app", "/home/me /home/me/app/a"},
		{"$D/a.md", allow, "/home/me/app/a.md", "/home/me/app/a.mdx /home/me/app/A.md /home/me/app /home/me/app/a.md/b /a.md"},
		{"$D/*", allow, "/home/me/app/a /home/me/app/a.b", "/home/me/app /home/me/app/a/b /home/me/app/.a"},
		{"$D/*", allowDots, "/home/me/app/a /home/me/app/.a", "/home/me/app /home/me/app/a/b"},
		{"$D/*", deny, "/home/me/app/a /home/me/app/.a", "/home/me/app /home/me/app/a/b"},
		{"$D/**", allow, "/home/me/app/a /home/me/app/a/b/c", "/home/me/app /home/me/apps/a /home/me/app/.a /home/me/app/a/.b /home/me/app/.a/b"},
		{"$D/**", allowDots, "/home/me/app/a /home/me/app/.a /home/me/app/.a/.b", "/home/me/app /home/me/.app/a"},
		{"$D/**", deny, "/home/me/app /home/me/app/a /home/me/app/.a/b", "/home/me /home/me/apps"},
		{"$D/**/*.key", allow, "/home/me/app/a.key /home/me/app/b/a.key /home/me/app/b/c/a.key", "/home/me/app/.key /home/me/app/.b/a.key /home/me/app/a.keys /home/me/app"},
		{"$D/**/*.key", deny, "/home/me/app/a.key /home/me/app/.key /home/me/app/.b/c/.a.key", "/home/me/app /home/me/app/a.KEY"},
		{"$D/**/**", allow, "/home/me/app/a /home/me/app/a/b", "/home/me/app"},
		{"$D/**/x/**", allow, "/home/me/app/x/a /home/me/app/a/x/b/x/c", "/home/me/app/x /home/me/app/a/x /home/me/app/xx/a"},
		{"$D/**/x/**", deny, "/home/me/app/x /home/me/app/a/x /home/me/app/x/a", "/home/me/app /home/me/app/xx"},
		{"$D/.git/**", allow, "/home/me/app/.git/config", "/home/me/app/.git /home/me/app/.git/.x /home/me/app/git/config"},
		{"$D/.*", allow, "/home/me/app/.a /home/me/app/...", "/home/me/app/a"},
		{"$D/[.]a", allow, "", "/home/me/app/.a"},
		{"$D/?a", allow, "/home/me/app/aa", "/home/me/app/.a"},
		{"$D/?a", deny, "/home/me/app/aa /home/me/app/.a", "/home/me/app/a"},
		{"$D/*.txt", allow, "/home/me/app/a.txt", "/home/me/app/.txt"},
		{"$D/[a-c]?", allow, "/home/me/app/ax /home/me/app/c1", "/home/me/app/dx /home/me/app/a /home/me/app/a/"},
		{"$D/[!a]", allow, "/home/me/app/b /home/me/app/é", "/home/me/app/a /home/me/app/. /home/me/app/bb"},
		{"$D/[[]x[$]", allow, "/home/me/app/[x$", "/home/me/app/x"},
		{"$D/a$b", allow, "/home/me/app/a$b", "/home/me/app/a"},
		{"$D/a*b*c", allow, "/home/me/app/abc /home/me/app/axbxc", "/home/me/app/ab/c /home/me/app/abcd"},
		{"/etc/hosts", allow, "/etc/hosts", "/etc/hosts.bak /etc /hosts"},
		{"/etc/**", allow, "/etc/hosts", "/etc /etcx/a"},
		{"**", allow, "/a /a/b", "/ /.a /a/.b"},
		{"**", deny, "/ /a /.a/b", ""},
		{"**/*.key", allow, "/a.key /x/y/a.key", "/x/.key /a"},
		{"**/.ssh/**", deny, "/home/me/.ssh /home/me/.ssh/id /.ssh", "/home/me/ssh"},
	} {
		p, err := pattern.ParsePath(c.pattern)
		if err != nil {
			t.Errorf("ParsePath(%q): %v", c.pattern, err)
			continue
		}
		prefix := ""
		if p.Var() != "" {
			prefix = dir
		}
		m := bind(t, c.pattern, prefix, c.o)
		for _, s := range strings.Fields(c.yes) {
			if !m.Match(s) {
				t.Errorf("%q %+v does not match %q", c.pattern, c.o, s)
			}
		}
		for _, s := range strings.Fields(c.no) {
			if m.Match(s) && (!c.o.Deny || clean(s)) {
				t.Errorf("%q %+v matches %q", c.pattern, c.o, s)
			}
		}
		if p.String() != c.pattern {
			t.Errorf("String() = %q, want %q", p.String(), c.pattern)
		}
	}
}

func clean(s string) bool {
	if s == "/" {
		return true
	}
	for _, name := range strings.Split(strings.TrimPrefix(s, "/"), "/") {
		if name == "" || name == "." || name == ".." {
			return false
		}
	}
	return strings.HasPrefix(s, "/") && !strings.ContainsAny(s, "\\\x00")
}

// What is no clean path is denied, whoever asks and whatever the pattern.
func TestPathUnclean(t *testing.T) {
	for _, path := range []string{
		"", "a", "./a", "d/a", "xd/a", "//", "/d/", "/d//a", "//d/a", "/d/a/", "/d/./a", "/d/../d/a", "/d/a/..", "/d/a/.", "/d/..", "/..", "/.",
		"/d/a\x00", "/d/a\x00/b", `/d\a`, `/d/..\a`, "/d/a\xff", "/d/\xc0\xae\xc0\xae/a", "/d/\xed\xa0\x80",
	} {
		for _, text := range []string{"/d/**", "**", "/other"} {
			m := bind(t, text, "", allowDots)
			if m.Match(path) || m.Beneath(path) || m.Covers(path) || pattern.MatchAny([]*pattern.PathMatcher{m}, path) {
				t.Errorf("allow %q takes the unclean %q", text, path)
			}
			m = bind(t, text, "", deny)
			if !m.Match(path) || !m.Beneath(path) || !pattern.MatchAny([]*pattern.PathMatcher{nil, m}, path) {
				t.Errorf("deny %q lets the unclean %q through", text, path)
			}
			if m.Covers(path) {
				t.Errorf("deny %q covers the unclean %q", text, path)
			}
		}
	}
	// The control: the same names, clean.
	m := bind(t, "/d/**", "", allowDots)
	for _, path := range []string{"/d/a", "/d/...", "/d/..a", "/d/a..", "/d/a ", "/d/a\n", "/d/é"} {
		if !m.Match(path) || !pattern.MatchAny([]*pattern.PathMatcher{bind(t, "/other", "", allowDots), m}, path) || pattern.MatchAny(nil, path) {
			t.Errorf("allow does not take the clean %q", path)
		}
	}
}

// An allow compares bytes: look-alikes are other names.
func TestPathAllowIsExact(t *testing.T) {
	for _, c := range []struct{ pattern, path string }{
		{"/d/é", "/d/e\u0301"}, {"/d/e\u0301", "/d/é"}, {"/d/É", "/d/é"}, {"/d/K", "/d/\u212a"},
		{"/d/a", "/d/а"}, {"/d/ß", "/d/ss"}, {"/d/a", "/d/a\u200b"}, {"/d/ａ", "/d/a"},
	} {
		for _, o := range []pattern.PathOptions{allow, allowDots, {Fold: true}, {Fold: true, Dotfiles: true}} {
			if bind(t, c.pattern, "", o).Match(c.path) {
				t.Errorf("%q %+v matches %q", c.pattern, o, c.path)
			}
			if !bind(t, c.pattern, "", o).Match(c.pattern) {
				t.Errorf("%q %+v does not match itself", c.pattern, o)
			}
		}
	}
}

func TestPathFold(t *testing.T) {
	for _, c := range []struct{ pattern, yes, no string }{
		{"/S/Geheim", "/s/geheim /S/GEHEIM /\u017f/Geheim", "/s/geheims /s/gehei"},
		{"/s/ä", "/S/Ä /s/a\u0308 /s/a", "/s/b"},
		{"/s/a\u0308", "/s/ä", "/s/o"},
		{"/s/ﬁ", "/s/fi /s/FI /s/\ufb01", "/s/f"},
		{"/s/straße/**", "/s/STRASSE /s/strasse/x /s/straße/.y", "/s/strase"},
		{"/s/.git/**", "/s/.GIT/config /s/.g\u200cit", "/s/git"},
		{"/s/*.Key", "/s/a.KEY /s/.key", "/s/key"},
		{"/s/?x", "/s/éx /s/e\u0301x /s/ßx /s/SSx /s/x", "/s/y /s/abcdx"},
		{"/s/[a-c]x", "/s/Ax /s/cX /s/b\u0301x", "/s/dx /s/x /s/abx"},
		{"/s/[ß]x", "/s/ssx /s/ẞx /s/Sx", "/s/tx"},
		{"/s/[!a]x", "/s/bx /s/ax /s/x", "/s/b"},
		{"/s/[\u4e00-\u9fff]", "/s/秘 /s/a", "/s/abcd"},
		{"/s/각", "/s/\u1100\u1161\u11a8", "/s/가"},
		{"/s/\u1100\u1161", "/s/가", "/s/각"},
		{"/s/豈", "/s/\uf900", "/s/秘"},
		{"/s/αι", "/s/ᾳ /s/ᾼ", "/s/α"},
	} {
		m := bind(t, c.pattern, "", denyFold)
		for _, s := range strings.Fields(c.yes) {
			if !m.Match(s) {
				t.Errorf("%q does not match %q", c.pattern, s)
			}
		}
		for _, s := range strings.Fields(c.no) {
			if m.Match(s) {
				t.Errorf("%q matches %q", c.pattern, s)
			}
		}
	}
	// The base dir folds too, and Beneath with it.
	m := bind(t, "$D/secret/**", "/Users/Me/Straße", denyFold)
	if !m.Match("/users/ME/strasse/SECRET/x") || !m.Beneath("/USERS/me") || m.Beneath("/users/you") || !m.Covers("/users/me/STRASSE/secret") {
		t.Error("the base dir is not folded")
	}
}

func TestPathPrefixIsLiteral(t *testing.T) {
	for _, prefix := range []string{
		"/d/*", "/d/**", "/d/[a]", "/d/?", "/d/$X", "/d/{a,b}", "/d/!a", "/.config/~", "/d/[!a]", "/d/]", "/d/a]", "/d/}{", "/d/[*]",
		"/d/*/ü*", "/d/[é-ü]", "/d/e\u0301?", "/d/a b", "/d/日本[a]", "/**/a",
	} {
		for _, o := range []pattern.PathOptions{allow, deny, denyFold} {
			m := bind(t, "$D/x", prefix, o)
			if !m.Match(prefix + "/x") {
				t.Errorf("%q is not itself", prefix)
			}
			for _, other := range []string{"/d/a/x", "/d/b/x", "/d/x", "/d/a/b/x"} {
				if m.Match(other) {
					t.Errorf("the characters of %q matched %q", prefix, other)
				}
			}
		}
	}
}

// No path with a backslash is clean, so a base dir with one binds nothing.
func TestPathPrefixWithBackslash(t *testing.T) {
	p, err := pattern.ParsePath("$D/x")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []pattern.PathOptions{allow, deny, denyFold} {
		_, err := p.Bind(`/d/a\b`, o)
		wantError(t, "backslash", err, 0, `$D stands for "/d/a\\b", which is not a clean absolute path`)
	}
}

func TestPathErrors(t *testing.T) {
	for _, c := range []struct {
		pattern string
		offset  int
		part    string
	}{
		{"", 0, "empty pattern"},
		{"a", 0, "starts with a variable"},
		{"a/b", 0, "starts with a variable"},
		{"./a", 0, "starts with a variable"},
		{"../a", 0, "starts with a variable"},
		{"~/a", 0, "starts with a variable"},
		{"*", 0, "starts with a variable"},
		{"*.key", 0, "starts with a variable"},
		{"***", 0, "starts with a variable"},
		{"**a", 0, "starts with a variable"},
		{"C:/a", 0, "starts with a variable"},
		{`C:\a`, 2, "backslash"},
		{`$D/a\*`, 4, "backslash"},
		{"/", 0, "root directory only"},
		{"//", 1, "empty component"},
		{"//a", 1, "empty component"},
		{"/a//b", 3, "empty component"},
		{"/a/", 2, `final "/"`},
		{"$D/", 2, `final "/"`},
		{"$D//", 3, "empty component"},
		{"**/", 2, `final "/"`},
		{"$D/a/", 4, `final "/"`},
		{"/a/./b", 3, `"." names no file`},
		{"/a/../b", 3, `".." names no file`},
		{"$D/..", 3, `".." names no file`},
		{"$", 0, `"$" without a variable`},
		{"$/a", 0, `"$" without a variable`},
		{"$d/a", 0, `"$" without a variable`},
		{"$1/a", 0, `"$" without a variable`},
		{"${D}/a", 0, `"$" without a variable`},
		{"$D.x/a", 2, "whole component"},
		{"$Da/a", 2, "whole component"},
		{"/a/$D", 3, "can only come first"},
		{"/a/x$D/b", 4, "can only come first"},
		{"$D/$E", 3, "can only come first"},
		{"$D/a**", 4, "must stand alone"},
		{"$D/**a", 3, "must stand alone"},
		{"$D/***", 5, `more than two "*"`},
		{"$D/a/***/b", 7, `more than two "*"`},
		{"$D/[a", 3, "not closed"},
		{"$D/[a/b]", 3, "not closed"},
		{"$D/[z-a]", 4, "range is empty"},
		{"$D/[^a]", 4, "does not negate"},
		{"$D/{a,b}", 3, "no alternatives"},
		{"$D/a\x00b", 4, "control character"},
		{"$D/a\n", 4, "control character"},
		{"$D/\xff", 3, "not valid UTF-8"},
		{"$D/" + strings.Repeat("é", 256), 3, "longer than 255"},
		{"$D/" + strings.Repeat("*[*]?é", 86), 3, "longer than 255"},
		{strings.Repeat("/a", 64), 127, "more than 63 components"},
		{strings.Repeat("/a", 2049), 4096, "longer than 4096"},
	} {
		p, err := pattern.ParsePath(c.pattern)
		wantError(t, c.pattern, err, c.offset, c.part)
		if p != nil {
			t.Errorf("%q: a path besides the error", c.pattern)
		}
	}
}

func TestPathBindErrors(t *testing.T) {
	for _, c := range []struct{ pattern, prefix, part string }{
		{"/a", "/b", "no variable"},
		{"**", "/b", "no variable"},
		{"$D/a", "", "not a clean absolute path"},
		{"$D/a", "/", "below the root"},
		{"$D/a", "a", "not a clean absolute path"},
		{"$D/a", "/a/", "not a clean absolute path"},
		{"$D/a", "/a/../b", "not a clean absolute path"},
		{"$D/a", "/a//b", "not a clean absolute path"},
		{"$D/a", "/a\x00", `"/a\x00", which is not`},
		{"$D/a", `C:\a`, "not a clean absolute path"},
		{"$D/a/b", strings.Repeat("/a", 62), "more than 63 components"},
	} {
		p, err := pattern.ParsePath(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		m, err := p.Bind(c.prefix, allow)
		wantError(t, c.pattern+" "+c.prefix, err, 0, c.part)
		if m != nil {
			t.Errorf("%q: a matcher besides the error", c.pattern)
		}
	}
	if !bind(t, "$D/a", strings.Repeat("/a", 62), allow).Match(strings.Repeat("/a", 63)) {
		t.Error("63 components do not match")
	}
	// What counts is the name, not how it is written.
	name := strings.Repeat("*é[*", 64)[:5*64-1]
	for _, o := range []pattern.PathOptions{allow, deny, denyFold} {
		if m := bind(t, "$D/"+pattern.Literal(name), "/d", o); !m.Match("/d/"+name) || m.Match("/d/"+name+"x") {
			t.Errorf("%+v: a name of 255 characters, most of them escaped, does not match", o)
		}
		if m := bind(t, "$D/*"+strings.Repeat("ß*", 255), "/d", o); !m.Match("/d/" + strings.Repeat("ß", 255)) {
			t.Errorf("%+v: 255 characters between stars do not match", o)
		}
	}
	// Two "**" in a row count once, so there is room for the directory itself.
	if !bind(t, strings.Repeat("/a", 60)+"/**/**/b", "", allow).Match(strings.Repeat("/a", 60) + "/b") {
		t.Error(`"**/**" is not "**"`)
	}
}

func TestPathBeneathAndCovers(t *testing.T) {
	for _, c := range []struct {
		pattern         string
		o               pattern.PathOptions
		dir             string
		beneath, covers bool
	}{
		{"$D", allow, "/", true, false},
		{"$D", allow, "/d", true, false},
		{"$D", allow, "/d/e", false, false},
		{"$D", allow, "/d/ex", false, false},
		{"$D", deny, "/d/e", false, false},
		{"$D/**", allow, "/d", true, false},
		{"$D/**", allow, "/d/e", true, false}, // not the dotfiles
		{"$D/**", allowDots, "/d/e", true, true},
		{"$D/**", allowDots, "/d/e/x/y", true, true},
		{"$D/**", allowDots, "/d", true, false},
		{"$D/**", allow, "/d/e/.x", false, false},
		{"$D/**", deny, "/d/e", true, true},
		{"$D/*", allowDots, "/d/e", true, false},
		{"$D/*", allowDots, "/d/e/x", false, false},
		{"$D/*/**", allowDots, "/d/e", true, false},
		{"$D/*/**", allowDots, "/d/e/x", true, true},
		{"$D/*/**", deny, "/d/e", true, true}, // "**" of a deny may be nothing
		{"$D/**/*", allowDots, "/d/e", true, true},
		{"$D/**/*/*", allowDots, "/d/e", true, false},
		{"$D/**/*/*", allowDots, "/d/e/x", true, false}, // all below matches, but by two ways through the pattern
		{"$D/**/x", allowDots, "/d/e/y", true, false},
		{"$D/a/b", allow, "/d/e/a", true, false},
		{"$D/a/b", allow, "/d/e/a/b", false, false},
		{"$D/a*/b", allow, "/d/e/ax", true, false},
		{"$D/a*/b", allow, "/d/e/bx", false, false},
		{"**", allowDots, "/", true, true},
		{"**", deny, "/x", true, true},
		{"**/*.key", allow, "/x/.y", false, false},
	} {
		prefix := ""
		if c.pattern[0] == '$' {
			prefix = "/d/e"
		}
		m := bind(t, c.pattern, prefix, c.o)
		if got := m.Beneath(c.dir); got != c.beneath {
			t.Errorf("%q %+v: Beneath(%q) = %t", c.pattern, c.o, c.dir, got)
		}
		if got := m.Covers(c.dir); got != c.covers {
			t.Errorf("%q %+v: Covers(%q) = %t", c.pattern, c.o, c.dir, got)
		}
	}
}

func TestNoPathMatcher(t *testing.T) {
	for _, m := range []*pattern.PathMatcher{nil, {}} {
		for _, path := range []string{"/", "/a", "", "a"} {
			if m.Match(path) || m.Beneath(path) || m.Covers(path) {
				t.Errorf("%v takes %q", m, path)
			}
		}
	}
}

func TestNoPath(t *testing.T) {
	for _, p := range []*pattern.Path{nil, {}} {
		if p.Var() != "" || p.String() != "" {
			t.Errorf("%v says something", p)
		}
		m, err := p.Bind("", deny)
		wantError(t, "no path", err, 0, "no pattern")
		if m != nil {
			t.Error("a matcher besides the error")
		}
	}
}
