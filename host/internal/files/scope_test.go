//go:build unix

package files_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/files"
)

// What a walk from the root shows is exactly the scope.
func TestWalkShowsScope(t *testing.T) {
	for _, c := range []struct{ scope, want string }{
		{"+r $A/notes/**", "A/ A/notes/ A/notes/a.md A/notes/link@ A/notes/sub/ A/notes/sub/b.md"},
		{"+.r $A/notes/**", "A/ A/notes/ A/notes/.env A/notes/a.md A/notes/link@ A/notes/sub/ A/notes/sub/b.md"},
		{"+r $A/notes/*", "A/ A/notes/ A/notes/a.md A/notes/link@ A/notes/sub/"},
		{"+r $A/notes/sub/b.md", "A/ A/notes/ A/notes/sub/ A/notes/sub/b.md"},
		{"+r $A/notes/.env", "A/ A/notes/ A/notes/.env"},
		{"+r $A/**;-r $A/notes/**", "A/ A/link@ A/other/ A/other/c.md A/top"},
		{"+r $A/**;-r $A/notes/sub/**", "A/ A/link@ A/notes/ A/notes/a.md A/notes/link@ A/other/ A/other/c.md A/top"},
		{"+r $A/**;-r **/*.md", "A/ A/link@ A/notes/ A/notes/link@ A/notes/sub/ A/other/ A/top"},
		{"+.r $A/**;-r $A/**", ""},
		{"+r $A", "A/"},
		{"+w $A/other/**", "A/ A/other/ A/other/c.md"},
		{"+w $A/other/**;-r $A/other/**", "A/ A/other/ A/other/c.md"}, // a deny binds its power
		{"+r $A/none/x", "A/"},
		{"+r $A/link/*", "A/"}, // the link is on the way, but is no folder
		{"+r **/b.md", "A/ A/notes/ A/notes/sub/ A/notes/sub/b.md A/other/ B/"},
		{"+r $B/**", "B/ B/x"},
		{"", ".: permission denied"},
	} {
		everyWay(t, func(t *testing.T, way files.Resolver) {
			a, b := t.TempDir(), t.TempDir()
			plant(t, a, "notes/a.md = a", "notes/sub/b.md = b", "notes/.env = e", "other/c.md = c", "top = t",
				"notes/link -> a.md", "link -> notes", "other/\xff\xfe = no name")
			plant(t, b, "x = x")
			box := newBox(t, way, map[string]string{"A": a, "B": b}, files.Options{})
			var lines []string
			if c.scope != "" {
				lines = strings.Split(c.scope, ";")
			}
			got := box.call(lines...).walk(".")
			slices.Sort(got)
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("%s:\n got %s\nwant %s", c.scope, s, c.want)
			}
		})
	}
}

// Two variables lead to one place: its rules hold whichever is used.
func TestOverlap(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dir := t.TempDir()
		plant(t, dir, "home/app/secret/k = SECRET", "home/app/open = open", "home/doc = doc", "alias -> home/app",
			"up -> .", "home/lnk -> app", "home/lnkk -> app/secret/k")
		b := newBox(t, way, map[string]string{"HOME": dir + "/home", "APP": dir + "/home/app", "ALIAS": dir + "/alias"}, files.Options{})
		for _, c := range []struct {
			path, scope, text string
		}{
			{"HOME/app/secret/k", "+r $HOME/**;-r $APP/secret/**", ""},
			{"HOME/app/secret/k", "+r $HOME/**;-r $ALIAS/secret/**", ""},
			{"APP/secret/k", "+r $HOME/**;-r $APP/secret/**", ""},
			{"APP/secret/k", "+r $APP/**;-r $HOME/app/secret/**", ""},
			{"ALIAS/secret/k", "+r $ALIAS/**;-r $HOME/**/k", ""},
			{"ALIAS/secret/k", "+r $HOME/**", "SECRET"},
			{"HOME/app/secret/k", "+r $ALIAS/**", "SECRET"},
			{"HOME/app/open", "+r $APP/**;-r $APP/secret/**", "open"},
			{"ALIAS/open", "+r $APP/open", "open"},
			{"HOME/doc", "+r $APP/**", ""},
			// Absolute patterns mean the same place, also when they lead through a link.
			{"HOME/app/secret/k", "+r $HOME/**;-r " + dir + "/home/app/secret/**", ""},
			{"HOME/app/secret/k", "+r $HOME/**;-r " + dir + "/alias/secret/**", ""},
			{"HOME/app/secret/k", "+r $HOME/**;-r " + dir + "/alias/secret/k", ""},
			{"HOME/app/secret/k", "+r $HOME/**;-r " + dir + "/alias/sec*/**", ""},
			{"HOME/app/open", "+r $HOME/**;-r " + dir + "/alias/secret/**", "open"},
			{"HOME/app/open", "+r " + dir + "/alias/open", "open"},
			{"HOME/app/open", "+r " + dir + "/home/**", "open"},
			{"HOME/app/open", "+r " + dir + "/up/home/app/open", "open"},
			{"HOME/app/open", "+r " + dir + "/up/home/**", "open"},
			// A deny through a link inside a base dir binds what the link means, too.
			{"HOME/app/secret/k", "+r $HOME/**;-r $HOME/lnk/secret/**", ""},
			{"HOME/app/secret/k", "+r $HOME/**;-r $HOME/lnk/**", ""},
			{"APP/secret/k", "+r $HOME/**;-r $HOME/lnk/secret/k", ""},
			{"APP/secret/k", "+r $HOME/**;-r $HOME/lnkk", ""},
			{"HOME/app/open", "+r $HOME/**;-r $HOME/lnk/secret/**", "open"},
			// An allow does not.
			{"HOME/app/open", "+r $HOME/lnk/**", ""},
			{"HOME/app/open", "+r " + dir + "/home/lnk/**", ""},
			{"HOME/app/open", "+r " + dir + "/home/lnk/open", ""},
		} {
			g := b.call(strings.Split(c.scope, ";")...)
			text, err := g.read(c.path)
			if text != c.text || (c.text == "") != errors.Is(err, files.ErrAccess) {
				t.Errorf("%s with %s: %q, %v", c.path, c.scope, text, err)
			}
		}
	})
}

// Where a file system folds case and normal form, denied names fold, too.
func TestFold(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "Secret/f = SECRET", "secret/f = other", "a\u0308 = SECRET", "\u00e4 = SECRET", "plain = plain")
	names := []string{"A/Secret/f", "A/secret/f", "A/SECRET/F", "A/a\u0308", "A/\u00e4", "A/\u00c4", "A/\u017fecret/f"} // the last with a long s
	scope := []string{"+rw $A/**", "-rw $A/secret/**", "-rw $A/\u00e4"}
	folding := newBox(t, "", map[string]string{"A": dir}, files.Options{Fold: true, Forbidden: []string{dir + "/ambit.toml"}})
	for _, n := range names {
		for _, o := range ops {
			if o.name == "rename onto" {
				continue
			}
			if err := o.do(folding.call(scope...), n); !errors.Is(err, files.ErrAccess) {
				t.Errorf("%s %s: %v", o.name, n, err)
			}
		}
	}
	if err := folding.call("+rw $A/**").write("A/AMBIT.toml", "x"); !errors.Is(err, files.ErrAccess) {
		t.Errorf("policy in capitals: %v", err)
	}
	if _, err := folding.call(scope...).read("A/plain"); err != nil {
		t.Errorf("control: %v", err)
	}
	exact := newBox(t, "", map[string]string{"A": dir}, files.Options{}).call(scope...)
	for _, n := range []string{"A/Secret/f", "A/a\u0308"} {
		if _, err := exact.read(n); err != nil {
			t.Errorf("control: %s is another file here: %v", n, err)
		}
	}
	// Allowed names never fold.
	g := folding.call("+r $A/Secret/**")
	if _, err := g.read("A/secret/f"); !errors.Is(err, files.ErrAccess) {
		t.Errorf("an allow folded: %v", err)
	}
}

func TestScopeErrors(t *testing.T) {
	b := newBox(t, "", map[string]string{"A": t.TempDir()}, files.Options{})
	for _, line := range []string{"+r $NONE/x", "-r $NONE/**", "+w $AB/x"} {
		if _, err := b.bases.Scope(rules(t, line)); err == nil || !strings.Contains(err.Error(), "not declared") {
			t.Errorf("%s: %v", line, err)
		}
	}
	if _, err := b.bases.Scope(files.Rules{ReadAllow: []files.Rule{{}}}); err == nil {
		t.Error("a rule without a pattern")
	}
}

// One scope serves many calls at once.
func TestScopeConcurrent(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "in/f = f", "out/f = SECRET")
	b := newBox(t, "", map[string]string{"A": dir}, files.Options{Forbidden: []string{dir + "/x"}})
	s := b.scope("+rw $A/in/**")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				g := guest{files.NewTable(s, files.Config{})}
				if text, err := g.read("A/in/f"); err != nil || text != "f" {
					t.Error(text, err)
				}
				if _, err := g.read("A/out/f"); !errors.Is(err, files.ErrAccess) {
					t.Error(err)
				}
				_ = g.write("A/in/new", "x")
				_ = g.Rename(files.RootFD, "A/in/new", files.RootFD, "A/in/newer")
				if err := g.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
