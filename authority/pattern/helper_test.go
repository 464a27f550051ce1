package pattern_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// wantError fails unless err is a *pattern.Error at the byte whose text
// contains part.
func wantError(t testing.TB, what string, err error, offset int, part string) {
	t.Helper()
	var e *pattern.Error
	switch {
	case !errors.As(err, &e):
		t.Errorf("%.80q: error %v, want a *pattern.Error at byte %d: …%s…", what, err, offset, part)
	case e.Offset != offset || !strings.Contains(e.Text, part):
		t.Errorf("%.80q: error at byte %d: %s; want at byte %d: …%s…", what, e.Offset, e.Text, offset, part)
	}
}

func label(t testing.TB, text string) *pattern.Label {
	t.Helper()
	l, err := pattern.CompileLabel(text)
	if err != nil {
		t.Fatalf("CompileLabel(%q): %v", text, err)
	}
	return l
}

func bind(t testing.TB, text, prefix string, o pattern.PathOptions) *pattern.PathMatcher {
	t.Helper()
	p, err := pattern.ParsePath(text)
	if err != nil {
		t.Fatalf("ParsePath(%q): %v", text, err)
	}
	m, err := p.Bind(prefix, o)
	if err != nil {
		t.Fatalf("%q.Bind(%q): %v", text, prefix, err)
	}
	return m
}

func urlPattern(t testing.TB, text string) *pattern.URL {
	t.Helper()
	u, err := pattern.CompileURL(text)
	if err != nil {
		t.Fatalf("CompileURL(%q): %v", text, err)
	}
	return u
}

func parse(t testing.TB, text string) pattern.ParsedURL {
	t.Helper()
	p, err := pattern.ParseURL(text)
	if err != nil {
		t.Fatalf("ParseURL(%q): %v", text, err)
	}
	return p
}

// words returns all words over the letters with at most n letters.
func words(letters []string, n int) []string {
	out := []string{""}
	for from := 0; n > 0; n-- {
		to := len(out)
		for _, w := range out[from:to] {
			for _, l := range letters {
				out = append(out, w+l)
			}
		}
		from = to
	}
	return out
}
