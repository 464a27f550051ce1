package pattern_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// nameKinds are the compilers of names.
var nameKinds = map[string]func(string) (*pattern.Name, error){
	"name": pattern.CompileName, "var": pattern.CompileVar, "module": pattern.CompileModule,
}

func TestNames(t *testing.T) {
	for _, c := range []struct{ kind, pattern, yes, no string }{
		{"name", "fs.*", "fs.read fs. fs./:x", "fs fsx.read"},
		{"name", "notes.?et", "notes.get notes.set", "notes.reset"},
		{"name", "user:[a-z]*", "user:x user:xyz/1", "user: user:X"},
		{"name", "[{]a[}]", "{a}", "a"},
		{"name", "notes/*", "notes/a notes/a/b notes/", "notes"},
		{"name", "$x=ü", "$x=ü", "x"},
		{"var", "APP_*", "APP_X APP_ APP_a.b", "APP app_x"},
		{"var", "ProgramFiles(x86)", "ProgramFiles(x86)", "PROGRAMFILES(X86)"},
		{"var", "*", "HOME PATH", ""},
		{"var", "[!=]*", "HOME", ""},
		{"module", "notes", "notes", "note notes-2"},
		{"module", "notes-*", "notes-2 notes-a-b", "notes"},
		{"module", "*", "notes fs 7z", ""},
		{"module", "[0-9A-Z]z", "7z", "az"},
		{"module", "?-?", "a-b", "ab"},
	} {
		n, err := nameKinds[c.kind](c.pattern)
		if err != nil {
			t.Errorf("%s %q: %v", c.kind, c.pattern, err)
			continue
		}
		for _, s := range strings.Fields(c.yes) {
			if !n.Match(s) {
				t.Errorf("%s %q does not match %q", c.kind, c.pattern, s)
			}
		}
		for _, s := range strings.Fields(c.no) {
			if n.Match(s) {
				t.Errorf("%s %q matches %q", c.kind, c.pattern, s)
			}
		}
		if n.String() != c.pattern {
			t.Errorf("String() = %q, want %q", n, c.pattern)
		}
	}
}

func TestNameErrors(t *testing.T) {
	const module, variable = "be here in a module's name (small letters, digits and inner hyphens only)", "be here in a variable's name (write HOME, not $HOME or %HOME%)"
	for _, c := range []struct {
		kind, pattern string
		offset        int
		part          string
	}{
		{"name", "", 0, "empty pattern"},
		{"name", "{a,b}", 0, "no alternatives"},
		{"name", "a}", 1, "no alternatives"},
		{"name", "x[z-a]", 2, "range is empty"},
		{"name", "x[!z-a]", 3, "range is empty"},
		{"name", "x[^a]", 2, "does not negate"},
		{"name", "x[!^a]", 3, "does not negate"},
		{"name", "a**", 1, `"**" is for paths (write *, which matches any characters)`},
		{"name", "notes/**", 6, `"**" is for paths`},
		{"name", "a/***/b", 2, `"**" is for paths`},
		{"var", "", 0, "empty pattern"},
		{"var", "$HOME", 0, "'$' cannot " + variable},
		{"var", "%PATH%", 0, "'%' cannot " + variable},
		{"var", "HOME=*", 4, "'=' cannot " + variable},
		{"var", "MY VAR", 2, "' ' cannot " + variable},
		{"var", "A[=$]B", 1, "nothing in this class can " + variable},
		{"var", "Ü", 0, "'Ü' cannot " + variable},
		{"module", "", 0, "empty pattern"},
		{"module", "Notes", 0, "'N' cannot " + module},
		{"module", "my_notes", 2, "'_' cannot " + module},
		{"module", "-a", 0, "'-' cannot " + module},
		{"module", "a*-", 2, "'-' cannot " + module},
		{"module", "a[-]", 1, "nothing in this class can " + module},
		{"module", "[-_]a", 0, "nothing in this class can " + module},
		{"module", "x[A-Z]y", 1, "nothing in this class can " + module},
		{"module", "notes.*", 5, "'.' cannot " + module},
		{"module", "module:notes", 6, "':' cannot " + module},
		{"module", "größe", 2, "'ö' cannot " + module},
	} {
		n, err := nameKinds[c.kind](c.pattern)
		wantError(t, c.kind+" "+c.pattern, err, c.offset, c.part)
		if n != nil {
			t.Errorf("%s %q: a name besides the error", c.kind, c.pattern)
		}
	}
}

func TestCommand(t *testing.T) {
	for _, c := range []struct{ pattern, yes, no string }{
		{"notes.get", "notes.get", "notes.get2 note.get notes-2.get"},
		{"notes.*", "notes.get notes.set_all", "notes2.get fs.notes"},
		{"*.*", "notes.get fs.read_file", ""},
		{"*", "notes.get fs.read_file", ""},
		{"*.get_*", "notes.get_all fs.get_x", "notes.get"},
		{"notes-?.[gs]et", "notes-1.get notes-2.set", "notes.get notes-1.let"},
		{"n[.o]tes.get", "notes.get", "notes.set"},
		{"[!.]*.[.g]et", "notes.get", "notes.set"},
	} {
		p, err := pattern.CompileCommand(c.pattern)
		if err != nil {
			t.Errorf("CompileCommand(%q): %v", c.pattern, err)
			continue
		}
		for want, list := range map[bool]string{true: c.yes, false: c.no} {
			for _, s := range strings.Fields(list) {
				if module, command, _ := strings.Cut(s, "."); p.Match(module, command) != want {
					t.Errorf("%q on %q: %t", c.pattern, s, !want)
				}
			}
		}
		if p.String() != c.pattern {
			t.Errorf("String() = %q, want %q", p, c.pattern)
		}
	}
	for _, p := range []*pattern.Command{nil, {}} {
		if p.Match("", "") || p.Match("notes", "get") || p.String() != "" {
			t.Errorf("%v matches", p)
		}
	}
}

func TestCommandErrors(t *testing.T) {
	const module, command = "be here in a module's name", `be here in a command's name (small letters, digits and "_" only, a letter first)`
	for _, c := range []struct {
		pattern string
		offset  int
		text    string
	}{
		{"", 0, "empty pattern"},
		{"notes", 0, `no dot (write "notes.*" for all commands of the module, "app.notes" for one of the app's own)`},
		{"n[.]", 0, "no dot"},
		{"plugin:fs|read", 0, `"plugin:" is Tauri's spelling (write "fs.read")`},
		{"plugin:fs", 0, "no dot"},
		{".get", 0, "no module before the dot"},
		{"notes.", 5, "no command after the dot"},
		{"notes.get.all", 9, "second dot (a command is module.command)"},
		{"notes:get.*", 5, "':' cannot " + module},
		{"Notes.get", 0, "'N' cannot " + module},
		{"my_notes.get", 2, "'_' cannot " + module},
		{"notes.Get", 6, "'G' cannot " + command},
		{"notes.get-all", 9, "'-' cannot " + command},
		{"notes.2x", 6, "'2' cannot " + command},
		{"notes._x", 6, "'_' cannot " + command},
		{"notes.get all", 9, "' ' cannot " + command},
		{"notes.x[A-Z]", 7, "nothing in this class can " + command},
		{"notes.[0-9]", 6, "nothing in this class can " + command},
		{"notes.{get,set}", 6, "no alternatives"},
		{"notes.**", 6, `"**" is for paths`},
		{"**.get", 0, `"**" is for paths`},
		{"notes.[z-a]", 7, "range is empty"},
		{"notes.[a", 6, "not closed"},
		{"notes.get\n", 9, "control character"},
	} {
		p, err := pattern.CompileCommand(c.pattern)
		wantError(t, c.pattern, err, c.offset, c.text)
		if p != nil {
			t.Errorf("%q: a pattern besides the error", c.pattern)
		}
	}
}

var (
	moduleName  = regexp.MustCompile(`\A[a-z0-9]([a-z0-9-]*[a-z0-9])?\z`)
	commandName = regexp.MustCompile(`\A[a-z][a-z0-9_]*\z`)
)

// filter returns the words that match.
func filter(words []string, re *regexp.Regexp) []string {
	var out []string
	for _, w := range words {
		if re.MatchString(w) {
			out = append(out, w)
		}
	}
	return out
}

// Of all short patterns those compile that some command matches, and they match
// what the naive matcher says.
func TestCommandAgainstNaive(t *testing.T) {
	moduleNames := filter(words([]string{"a", "1", "-"}, 3), moduleName)
	names := filter(words([]string{"a", "1", "_"}, 3), commandName)
	halves := words([]string{"a", "1", "_", "-", "*", "?", "A", "[A-Z]", "[!a-z]"}, 2)
	compiled, refused := 0, 0
	for _, left := range halves {
		for _, right := range halves {
			text, some := left+"."+right, false
			c, err := pattern.CompileCommand(text)
			for _, m := range moduleNames {
				if left == "" || !naiveLabel(left, m) {
					if c.Match(m, "a") {
						t.Fatalf("%q matches a command of %q", text, m)
					}
					continue
				}
				for _, n := range names {
					want := naiveLabel(right, n)
					if got := c.Match(m, n); got != want && err == nil {
						t.Fatalf("%q on %q.%q: %t, want %t", text, m, n, got, want)
					}
					some = some || want
				}
			}
			switch double := strings.Contains(text, "**"); {
			case err != nil && some && !double:
				t.Errorf("%q is refused, but matches commands: %v", text, err)
			case err == nil && !some:
				t.Errorf("%q compiles, but matches no command", text)
			case err == nil:
				compiled++
			default:
				refused++
			}
		}
	}
	if compiled < 500 || refused < 500 {
		t.Errorf("only %d patterns compiled and %d were refused", compiled, refused)
	}
}

// Names of all kinds match alike; the kinds differ in what they refuse only,
// and never refuse what some name of the kind matches.
func FuzzName(f *testing.F) {
	for _, c := range [][2]string{
		{"a*b?[!c-e]", "axxb/f"}, {"[]-a]*", "]"}, {"notes-[a-z]", "notes-x"}, {"A_*", "A_B"}, {"a:*/ü", "a:/ü"},
	} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, p, s string) {
		if len(p) > 16 || len(s) > 24 {
			return
		}
		_, err := pattern.CompileName(p)
		for kind, compile := range nameKinds {
			n, kindErr := compile(p)
			switch {
			case kindErr == nil && err != nil:
				t.Errorf("%s %q compiles, but as a free text does not: %v", kind, p, err)
			case kindErr == nil:
				if got, want := n.Match(s), naiveLabel(p, s); got != want {
					t.Errorf("%s %q on %q: %t, want %t", kind, p, s, got, want)
				}
			case err == nil && kind == "module" && moduleName.MatchString(s) && naiveLabel(p, s),
				err == nil && kind == "var" && s != "" && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == "" && naiveLabel(p, s):
				t.Errorf("%s %q is refused, but matches %q: %v", kind, p, s, kindErr)
			}
		}
	})
}

func FuzzCommand(f *testing.F) {
	for _, c := range [][4]string{
		{"notes", "get", "notes", "get"}, {"n*-?", "[gs]et_*", "n-1", "set_x"}, {"[!.]", "[.a]", "b", "a"}, {"*", "*", "", ""},
	} {
		f.Add(c[0], c[1], c[2], c[3])
	}
	f.Fuzz(func(t *testing.T, left, right, module, command string) {
		if len(left)+len(right) > 24 || len(module)+len(command) > 32 || strings.Contains(left, ".") || strings.Contains(right, ".") {
			return
		}
		c, err := pattern.CompileCommand(left + "." + right)
		if err != nil {
			// What is left is a glob on both sides, or one that no command matches.
			_, err1 := pattern.CompileName(left)
			_, err2 := pattern.CompileName(right)
			if err1 == nil && err2 == nil && moduleName.MatchString(module) && commandName.MatchString(command) && naiveLabel(left, module) && naiveLabel(right, command) {
				t.Errorf("%q.%q is refused, but matches %q.%q: %v", left, right, module, command, err)
			}
			return
		}
		if got, want := c.Match(module, command), naiveLabel(left, module) && naiveLabel(right, command); got != want {
			t.Errorf("%q on %q.%q: %t, want %t", c, module, command, got, want)
		}
	})
}
