package acl_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
)

const mainCapability = "identifier = \"main\"\nwindows = [\"main\"]\npermissions = []\n"

// TestFiles loads folders with files that are not what they seem, and expects
// one problem each.
func TestFiles(t *testing.T) {
	app := &fstest.MapFile{}
	long := strings.Repeat("x", 1<<20)
	for _, c := range []struct {
		name string
		fsys fs.FS
		want string
	}{
		{"capabilities is a file", fstest.MapFS{"ambit.toml": app, "capabilities": app}, "capabilities: cannot be read: not a folder"},
		{"permissions is a file", fstest.MapFS{"ambit.toml": app, "permissions": app}, "permissions: cannot be read: not a folder"},
		{"ambit.toml is a folder", fstest.MapFS{"ambit.toml/x": app}, "ambit.toml: cannot be read: not a regular file"},
		{"a pipe", fstest.MapFS{"ambit.toml": app, "capabilities/x.toml": {Mode: fs.ModeNamedPipe}}, "capabilities/x.toml: not a regular file"},
		{"a socket as ambit.toml", fstest.MapFS{"ambit.toml": {Mode: fs.ModeSocket}}, "ambit.toml: cannot be read: not a regular file"},
		{"too large", fstest.MapFS{"ambit.toml": app, "capabilities/x.toml": {Data: []byte("#" + long)}}, "capabilities/x.toml: the file is larger than 1048576 bytes (split it)"},
		{"nesting of values", fstest.MapFS{"ambit.toml": {Data: []byte("a = " + strings.Repeat("[", 100) + strings.Repeat("]", 100))}}, "ambit.toml:1:68: values are nested more than 64 deep"},
		{"too many values", fstest.MapFS{"ambit.toml": {Data: []byte("a = [" + strings.Repeat("1,", 100_001) + "]")}}, "ambit.toml:1:200004: the file holds more than 100000 values (split the file)"},
		{"a large comment", fstest.MapFS{"ambit.toml": app, "permissions/x.toml": {Data: []byte("#" + long[1:])}}, ""},
		{"a byte order mark", fstest.MapFS{"ambit.toml": {Data: []byte("\xef\xbb\xbf[app]")}}, "ambit.toml:1:1: the file starts with a byte order mark (save it as UTF-8 without one)"},
		{"latin 1", fstest.MapFS{"ambit.toml": {Data: []byte("[app]\nname = \"caf\xe9\"")}}, "ambit.toml:2:12: byte 0xe9 is not valid UTF-8 (save it as UTF-8)"},
		{"utf-16", fstest.MapFS{"ambit.toml": app, "permissions/x.json": {Data: []byte("\xff\xfe{\x00}\x00")}}, "permissions/x.json:1:1: byte 0xff is not valid UTF-8 (save it as UTF-8)"},
		{"nesting of folders", fstest.MapFS{"ambit.toml": app, "capabilities" + strings.Repeat("/d", 40) + "/x.toml": app},
			"capabilities" + strings.Repeat("/d", 32) + ": cannot be read: folders are nested more than 32 deep"},
		{"all together too large", manyFiles(70, "#"+long[:len(long)-1]), "permissions/00064.toml: cannot be read: the app's policy files are larger than 64MiB together"},
		{"too many", manyFiles(10_010, ""), "permissions/09999.toml: cannot be read: the app has more than 10000 policy files"},
		{"cannot be listed", broken{fstest.MapFS{"ambit.toml": app, "capabilities/x.toml": app}, "readdir capabilities"}, "capabilities: cannot be read: broken"},
		{"cannot be opened", broken{fstest.MapFS{"ambit.toml": app}, "open ambit.toml"}, "ambit.toml: cannot be read: broken"},
		{"cannot be asked", broken{fstest.MapFS{"ambit.toml": app, "capabilities/x.toml": app}, "stat capabilities"}, "capabilities: cannot be read: broken"},
		{"cannot be read", broken{fstest.MapFS{"ambit.toml": app}, "read ambit.toml"}, "ambit.toml: cannot be read: broken"},
		{"no folder at all", broken{fstest.MapFS{"ambit.toml": app}, "readdir ."}, ".: cannot be read: broken"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, problems := acl.Load(c.fsys, acl.Options{})
			var got string
			if len(problems) > 0 {
				got = problems[0].Error()
			}
			if got != c.want {
				t.Errorf("problems:\n%.2000s\nwant %s", printed(problems), c.want)
			}
			if a.Partial != (c.want != "") {
				t.Errorf("partial is %v", a.Partial)
			}
		})
	}
}

func manyFiles(n int, text string) fs.FS {
	fsys := fstest.MapFS{"ambit.toml": {}}
	for i := range n {
		fsys[fmt.Sprintf("permissions/%05d.toml", i)] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// broken is a file system where one operation fails.
type broken struct {
	fstest.MapFS
	what string
}

var errBroken = errors.New("broken")

func (b broken) fail(op, name string) error {
	if b.what == op+" "+name {
		return &fs.PathError{Op: op, Path: name, Err: errBroken}
	}
	return nil
}

func (b broken) Open(name string) (fs.File, error) {
	if err := b.fail("open", name); err != nil {
		return nil, err
	}
	f, err := b.MapFS.Open(name)
	if err == nil && b.fail("read", name) != nil {
		return unreadable{f}, nil
	}
	return f, err
}

func (b broken) Stat(name string) (fs.FileInfo, error) {
	if err := b.fail("stat", name); err != nil {
		return nil, err
	}
	return b.MapFS.Stat(name)
}

func (b broken) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := b.fail("readdir", name); err != nil {
		return nil, err
	}
	return b.MapFS.ReadDir(name)
}

type unreadable struct{ fs.File }

func (unreadable) Read([]byte) (int, error) { return 0, errBroken }

// TestLinks loads a folder of a real disk with links in it: a link to a file
// is read, everything else is refused, since what lies behind it would be
// lost.
func TestLinks(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to, name string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	write("ambit.toml", "")
	write("elsewhere/main.toml", mainCapability)
	write("capabilities/x", "")
	if err := os.Remove(filepath.Join(dir, "capabilities/x")); err != nil {
		t.Fatal(err)
	}
	link("../elsewhere/main.toml", "capabilities/main.toml")
	app, problems := acl.Load(os.DirFS(dir), acl.Options{})
	if problems != nil || len(app.Capabilities) != 1 {
		t.Fatalf("control: %d capabilities, problems:\n%s", len(app.Capabilities), printed(problems))
	}
	link("../elsewhere", "capabilities/folder")
	link("nowhere.toml", "capabilities/lost.toml")
	link(".", "capabilities/loop")
	link("self.toml", "capabilities/self.toml")
	_, problems = acl.Load(os.DirFS(dir), acl.Options{})
	for _, want := range []string{
		"capabilities/folder: a link to a folder is not followed (put the folder itself here)",
		"capabilities/lost.toml: a link to what does not exist",
		"capabilities/loop: a link to a folder is not followed (put the folder itself here)",
		"capabilities/self.toml: cannot be read: ",
	} {
		if !strings.Contains(problems.Error(), want) {
			t.Errorf("there is no problem %q in\n%s", want, problems)
		}
	}
	if len(problems) != 4 {
		t.Errorf("problems:\n%s", problems)
	}
}

// TestLostLinks: where a link leads nowhere, what it led to is not taken for
// absent, since it may hold a deny.
func TestLostLinks(t *testing.T) {
	for _, name := range []string{"ambit.toml", "ambit.lock", "capabilities", "permissions"} {
		for _, policyOnly := range []bool{false, true} {
			dir := t.TempDir()
			if name != "ambit.toml" {
				if err := os.WriteFile(filepath.Join(dir, "ambit.toml"), nil, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink("nowhere", filepath.Join(dir, name)); err != nil {
				t.Skip(err)
			}
			app, problems := acl.Load(os.DirFS(dir), acl.Options{PolicyOnly: policyOnly})
			want := name + ": a link to what does not exist (correct the link, or take it out)"
			if problems.Error() != want || problems.Err() == nil || !app.Partial {
				t.Errorf("problems:\n%s\nwant %s", problems, want)
			}
		}
	}
}

// TestOrder loads the same rules from files of other names, in another order:
// what is read is the same, but for places.
func TestOrder(t *testing.T) {
	capabilities := []string{
		mainCapability,
		"identifier = \"other\"\nwindows = [\"b\", \"a\"]\npermissions = [\"x\", \"y\"]\n",
		"[[capabilities]]\nidentifier = \"third\"\npermissions = []\n[[capabilities]]\nidentifier = \"fourth\"\npermissions = []\n",
	}
	permissions := []string{
		"[[permission]]\nidentifier = \"x\"\ncommands.allow = [\"x\"]\n[default]\npermissions = [\"x\"]\n",
		"[[set]]\nidentifier = \"y\"\npermissions = [\"x\"]\n",
	}
	read := func(names ...string) string {
		fsys := fstest.MapFS{}
		for i, text := range capabilities {
			fsys["capabilities/"+names[i]+".toml"] = &fstest.MapFile{Data: []byte(text)}
		}
		for i, text := range permissions {
			fsys["permissions/m/"+names[i]+".toml"] = &fstest.MapFile{Data: []byte(text)}
		}
		app, problems := acl.Load(fsys, acl.Options{PolicyOnly: true})
		if problems != nil {
			t.Fatalf("problems:\n%s", printed(problems))
		}
		p, _ := app.Policy(nil)
		var out []string
		for _, c := range p.Capabilities {
			out = append(out, fmt.Sprint(c.Identifier, texts(c.Windows), len(c.Permissions)))
		}
		m := p.Manifests[0]
		out = append(out, fmt.Sprint(len(p.Manifests), m.Name, m.Default != nil, len(m.Sets), len(m.Permissions), len(m.Commands)))
		slices.Sort(out)
		return strings.Join(out, "\n")
	}
	first := read("a", "b", "c")
	for _, names := range [][]string{{"c", "b", "a"}, {"x/y/z", "a", "autogenerated/b"}, {"1", "3", "2"}} {
		if got := read(names...); got != first {
			t.Errorf("named %q:\n%s\nwant\n%s", names, got, first)
		}
	}
}

func texts(patterns []authority.Pattern) []string {
	var out []string
	for _, p := range patterns {
		out = append(out, p.Text)
	}
	return out
}

// TestStable loads a folder full of problems several times: they come in the
// same order.
func TestStable(t *testing.T) {
	s := parseScenario(t, "testdata/bad/everything_at_once.txt")
	s.take("problems")
	o := s.options(t)
	var first string
	for i := range 20 {
		app, problems := acl.Load(s.fs(), o)
		_, more := app.Policy(nil)
		got := printed(append(problems, more...))
		if i == 0 {
			first = got
		}
		if got != first {
			t.Fatalf("run %d:\n%s\nwant\n%s", i, got, first)
		}
	}
}

// TestManyProblems keeps a file of nothing but problems from being printed
// whole.
func TestManyProblems(t *testing.T) {
	start := time.Now()
	fsys := fstest.MapFS{
		"ambit.toml":          {Data: []byte(strings.Repeat("[[module]]\n", 50_000))},
		"capabilities/a.toml": {Data: []byte(mainCapability)},
	}
	_, problems := acl.Load(fsys, acl.Options{Profile: "x"})
	if n := len(problems); n != 1001 {
		t.Errorf("%d problems after %v", n, time.Since(start))
	}
	if got := problems[0].Error(); got != "ambit.toml: the file has more than 1000 problems; the others are not listed" {
		t.Error(got)
	}
}

// TestManyFilesOfProblems does the same for a folder.
func TestManyFilesOfProblems(t *testing.T) {
	fsys := fstest.MapFS{"ambit.toml": {}}
	for i := range 30 {
		fsys[fmt.Sprintf("capabilities/%d.toml", i)] = &fstest.MapFile{Data: []byte(strings.Repeat("x = 1\n", 900))}
	}
	_, problems := acl.Load(fsys, acl.Options{})
	if n := len(problems); n != 10_001 || problems[0].Error() != "there are more than 10000 problems; the others are not listed" {
		t.Errorf("%d problems, the first: %v", n, problems[0])
	}
}

// FuzzLoad reads any bytes as every kind of policy file.
func FuzzLoad(f *testing.F) {
	for _, dir := range []string{"bad", "good"} {
		files, _ := filepath.Glob("testdata/" + dir + "/*.txt")
		for _, file := range files {
			for _, sec := range parseScenario(f, file).sections {
				if slices.Contains([]string{".toml", ".json", ".json5"}, filepath.Ext(sec.name)) {
					f.Add([]byte(sec.text))
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file := &fstest.MapFile{Data: data}
		for _, name := range []string{"ambit.toml", "capabilities/x.toml", "capabilities/x.json", "capabilities/x.json5", "permissions/x.toml", "permissions/m/x.json"} {
			for _, only := range []bool{true, false} {
				app, problems := acl.Load(fstest.MapFS{name: file}, acl.Options{PolicyOnly: only})
				_, more := app.Policy(nil)
				for _, p := range append(problems, more...) {
					if p.Message == "" || p.Code == "" || strings.ContainsAny(p.Error(), "\n\x00\x1b") {
						t.Fatalf("%s: problem %q", name, p.Error())
					}
				}
			}
		}
	})
}
