package authority_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// reporters are the functions that report problems or make parts of messages,
// and which of their arguments is the format.
var reporters = map[string]int{"errorf": 3, "warnf": 3, "report": 3, "problem": 3, "badValue": 3, "silent": 3, "Sprintf": 0, "Errorf": 0}

// TestMessages: every message of the authority and of its loader stands in a
// golden file, or word for word in a test, so that somebody has read it as it
// is printed.
func TestMessages(t *testing.T) {
	for _, dir := range []string{".", "acl"} {
		golden, messages := goldenText(t, dir), 0
		inspect(t, dir, false, func(at token.Position, n ast.Node) {
			format, ok := formatOf(n)
			if !ok {
				return
			}
			if messages++; !shape(format).MatchString(golden) {
				t.Errorf("%s: no golden file has %q", at, format)
			}
		})
		if messages < 80 {
			t.Errorf("%s: only %d messages were looked for", dir, messages)
		}
	}
}

// inspect visits the syntax of a package, or of its tests.
func inspect(t *testing.T, dir string, tests bool, visit func(token.Position, ast.Node)) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") != tests {
			continue
		}
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if n != nil {
				visit(set.Position(n.Pos()), n)
			}
			return true
		})
	}
}

// formatOf returns the format of a call that reports a problem. Those of
// helpers that only pass a text on say nothing themselves.
func formatOf(n ast.Node) (string, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return "", false
	}
	name := ""
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		name = f.Sel.Name
	case *ast.Ident:
		name = f.Name
	}
	at, known := reporters[name]
	if !known || len(call.Args) <= at {
		return "", false
	}
	format, ok := literal(call.Args[at])
	return format, ok && strings.Contains(strings.TrimSpace(verb.ReplaceAllString(format, "")), " ")
}

func literal(n ast.Node) (string, bool) {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

var verb = regexp.MustCompile(`%[+#]?[sqdvwxtT]`)

// shape matches the lines that a format prints.
func shape(format string) *regexp.Regexp {
	parts := verb.Split(format, -1)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(strings.ReplaceAll(parts[i], "%%", "%"))
	}
	return regexp.MustCompile(strings.Join(parts, ".*"))
}

// goldenText returns all golden files of a package, and the texts in its
// tests.
func goldenText(t *testing.T, dir string) string {
	var b strings.Builder
	err := fs.WalkDir(os.DirFS(dir), "testdata", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(name, ".txt") {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		b.Write(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	inspect(t, dir, true, func(_ token.Position, n ast.Node) {
		if text, ok := literal(n); ok {
			b.WriteString(text + "\n")
		}
	})
	return b.String()
}

// TestRareProblems holds the messages of what no loader and hardly any policy
// brings about.
func TestRareProblems(t *testing.T) {
	fs := mod("fs", cmds("read:fs.read"), perm("mac", allows("read"), on(authority.MacOS)))
	sets := func(n int, members func(int) []string) modOption {
		return func(m *authority.Manifest) {
			for i := range n {
				set("s"+strconv.Itoa(i), members(i)...)(m)
			}
			set("s"+strconv.Itoa(n), "allow-go")(m)
		}
	}
	next := func(i int) []string { return []string{"s" + strconv.Itoa(i+1)} }
	twice := func(i int) []string { return append(next(i), next(i)...) }
	value := func(v any) authority.Capability {
		c := capab("main", windows("main"), grantsScoped("fs:allow-read", `["x"]`, ""))
		c.Permissions[0].Scope.Allow[0].Value = v
		return c
	}
	deep := any("x")
	for range 40 {
		deep = []any{deep}
	}
	var many []any
	for i := range 40 {
		many = append(many, capab("c"+strconv.Itoa(i), windows("main"), grants("m:s0", "m:s0")))
	}
	var out strings.Builder
	for _, p := range []authority.Policy{
		policy(append(many, mod("m", cmds("go"), sets(13, twice)))...),
		policy(mod("m", cmds("go"), sets(18, twice)), capab("main", windows("main"), grants("m:s0"))),
		policy(mod("m", cmds("go"), sets(120, next))),
		policy(fs, capab("main", windows("main"), grants("fs:mac")), func(p *authority.Policy) { p.Platform = "" }),
		policy(mod("m", set("all", "zip:all")), capab("main", windows("main"), grants("m:all"))),
		policy(fs, capab("main", windows("main"), grants("fs:a b"))),
		policy(fs, value(deep)), policy(fs, value("\xff")), policy(fs, value(math.Inf(1))),
		policy(fs, value(map[string]any{"\xff": 1})), policy(fs, value(struct{}{})),
		policy(mod("fs", perm("docs", scoped(`[{"wight":1}]`, ""))), lenient),
	} {
		_, ps := authority.New(p)
		out.WriteString(ps.Error() + "\n")
	}
	_, ps := (&authority.Live{}).Grant(authority.Capability{}, 0)
	golden(t, "problems_rare.txt", out.String()+ps.Error()+"\n")
}
