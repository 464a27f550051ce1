//go:build !wasip1

package command_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/ambit-wasm/ambit/modules/fs/command"
	"github.com/ambit-wasm/ambit/sdk"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
)

// files are the registered commands; each test gives them a root of its own.
var files = new(command.Files)

func TestMain(m *testing.M) {
	files.Register()
	os.Exit(m.Run())
}

// a root of guest paths, as a test sees it from outside.
type root struct {
	t   *testing.T
	dir string
}

// newRoot makes a root with the base dirs APPDATA and HOME.
func newRoot(t *testing.T) root {
	t.Helper()
	r := root{t, t.TempDir()}
	files.Root = r.dir
	for _, base := range []string{"APPDATA", "HOME"} {
		r.check(os.Mkdir(filepath.Join(r.dir, base), 0o755))
	}
	return r
}

func (r root) check(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r root) path(guest string) string { return filepath.Join(r.dir, filepath.FromSlash(guest)) }

// put makes a file and the folders above it.
func (r root) put(guest, contents string) {
	r.t.Helper()
	r.check(os.MkdirAll(filepath.Dir(r.path(guest)), 0o755))
	r.check(os.WriteFile(r.path(guest), []byte(contents), 0o644))
}

// link makes a symbolic link, or skips the test where that is not possible.
func (r root) link(target, guest string) {
	r.t.Helper()
	if err := os.Symlink(target, r.path(guest)); err != nil {
		r.t.Skip("no symbolic links here:", err)
	}
}

// want checks the contents of a file, "-" if it must not be there.
func (r root) want(guest, contents string) {
	r.t.Helper()
	got, err := os.ReadFile(r.path(guest))
	switch {
	case contents == "-" && errors.Is(err, os.ErrNotExist):
	case contents == "-":
		r.t.Errorf("%s is there, error %v", guest, err)
	case err != nil:
		r.t.Error(err)
	case string(got) != contents:
		r.t.Errorf("%s = %q, want %q", guest, got, contents)
	}
}

// obj is the arguments or the result of a command, as JSON has them.
type obj = map[string]any

// call runs a command through the envelope. The error is an *sdk.Error.
func call(t *testing.T, name string, args any) (any, error) {
	t.Helper()
	return sdktest.Call[any](sdktest.New(t, sdktest.Options{}), name, args)
}

// ok runs a command that must succeed.
func ok(t *testing.T, name string, args any) any {
	t.Helper()
	got, err := call(t, name, args)
	if err != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return got
}

// refused runs a command that must fail with the code.
func refused(t *testing.T, name string, args any, code string) *sdk.Error {
	t.Helper()
	got, err := call(t, name, args)
	e, found := errors.AsType[*sdk.Error](err)
	if !found || e.Code != code {
		t.Fatalf("%s %v = %v, %#v; want the code %q", name, args, got, err, code)
	}
	return e
}

func TestPaths(t *testing.T) {
	r := newRoot(t)
	r.put("APPDATA/notes/a.md", "a")
	r.put("APPDATA/$x", "dollar")
	r.put("APPDATA/...", "dots")
	r.check(os.Mkdir(r.path("Notes"), 0o755))
	r.put("Notes/own.md", "own")
	base := func(b any) obj { return obj{"baseDir": b} }
	for _, test := range []struct {
		name, path string
		options    any
		want       string
	}{
		{"variable", "$APPDATA/notes/a.md", nil, "a"},
		{"absolute", "/APPDATA/notes/a.md", nil, "a"},
		{"variable, no base", "$APPDATA/notes/a.md", obj{}, "a"},
		{"variable, nil base", "$APPDATA/notes/a.md", base(nil), "a"},
		{"number", "notes/a.md", base(14), "a"},
		{"float", "notes/a.md", base(14.0), "a"},
		{"name", "notes/a.md", base("APPDATA"), "a"},
		{"Tauri's name", "notes/a.md", base("AppData"), "a"},
		{"with $", "notes/a.md", base("$APPDATA"), "a"},
		{"a dir of the app", "own.md", base("Notes"), "own"},
		{"needless parts", "./notes//./a.md", base(14), "a"},
		{"more slashes", "//APPDATA///notes/a.md", nil, "a"},
		{"dollar below a base", "./$x", base(14), "dollar"},
		{"a name of dots", "$APPDATA/...", nil, "dots"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := ok(t, "read_text_file", obj{"path": test.path, "options": test.options}); got != test.want {
				t.Errorf("read %q, want %q", got, test.want)
			}
		})
	}
}

func TestBadPaths(t *testing.T) {
	r := newRoot(t)
	r.put("APPDATA/a", "a")
	r.put("APPDATA/b/a", "a")
	base := func(b any) obj { return obj{"baseDir": b} }
	long := "$APPDATA/" + string(slices.Repeat([]byte("x"), 4096))
	for _, test := range []struct {
		name, path string
		options    any
	}{
		{"empty", "", nil},
		{"relative", "a", nil},
		{"a real path's start", "APPDATA/a", nil},
		{"file URL", "file:///APPDATA/a", nil},
		{"dots", "$APPDATA/b/../a", nil},
		{"dots at the end", "$APPDATA/..", nil},
		{"dots after a base", "../APPDATA/a", base(14)},
		{"NUL", "$APPDATA/a\x00b", nil},
		{"long", long, nil},
		{"two bases", "$APPDATA/a", base(14)},
		{"absolute and a base", "/a", base(14)},
		{"number 0", "a", base(0)},
		{"number 24", "a", base(24)},
		{"negative", "a", base(-1)},
		{"large", "a", base(uint64(1) << 63)},
		{"fraction", "a", base(14.5)},
		{"empty base", "a", base("")},
		{"base with a slash", "a", base("APPDATA/b")},
		{"base of dots", "a", base("..")},
		{"base of another type", "a", base(true)},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := obj{"path": test.path, "options": test.options}
			for _, command := range []string{"read_text_file", "read_file", "read_dir", "exists", "stat", "lstat", "size", "truncate", "mkdir", "remove"} {
				refused(t, command, args, "bad-path")
			}
			args["contents"] = "x"
			for _, command := range []string{"write_text_file", "write_file", "append"} {
				refused(t, command, args, "bad-path")
			}
		})
	}
	r.want("APPDATA/a", "a")
}

// TestNumbers compares the numbers of base dirs with Tauri's enumeration.
func TestNumbers(t *testing.T) {
	r := newRoot(t)
	for n, base := range map[int]string{
		1: "AUDIO", 2: "CACHE", 3: "CONFIG", 4: "DATA", 5: "LOCALDATA", 6: "DOCUMENT", 7: "DOWNLOAD", 8: "PICTURE",
		9: "PUBLIC", 10: "VIDEO", 11: "RESOURCE", 12: "TEMP", 13: "APPCONFIG", 14: "APPDATA", 15: "APPLOCALDATA",
		16: "APPCACHE", 17: "APPLOG", 18: "DESKTOP", 19: "EXE", 20: "FONT", 21: "HOME", 22: "RUNTIME", 23: "TEMPLATE",
	} {
		r.put(base+"/name", base)
		if got := ok(t, "read_text_file", obj{"path": "name", "options": obj{"baseDir": n}}); got != base {
			t.Errorf("base dir %d is %q, want %q", n, got, base)
		}
	}
	if got := ok(t, "read_text_file", obj{"path": "name", "options": obj{"baseDir": "Executable"}}); got != "EXE" {
		t.Errorf(`base dir "Executable" is %q`, got)
	}
}

// TestMessages wants the guest's path in every message, and nothing of the
// host's.
func TestMessages(t *testing.T) {
	r := newRoot(t)
	r.put("APPDATA/file", "x")
	r.put("APPDATA/bytes", "\xff")
	for _, test := range []struct {
		command string
		args    obj
		code    string
		message string
	}{
		{"read_text_file", obj{"path": "$APPDATA/none"}, "not-found", `read "/APPDATA/none": no such file or folder`},
		{"read_text_file", obj{"path": "$APPDATA/bytes"}, "not-utf8", `read "/APPDATA/bytes": not valid UTF-8; read_file returns its bytes`},
		{"read_file", obj{"path": "$APPDATA/file/x"}, "not-a-directory", `read "/APPDATA/file/x": not a folder`},
		{"read_file", obj{"path": "$APPDATA"}, "is-a-directory", `read "/APPDATA": is a folder`},
		{"mkdir", obj{"path": "$APPDATA/file"}, "exists", `make folder "/APPDATA/file": is there already`},
		{"remove", obj{"path": "$APPDATA/a\nb"}, "not-found", `remove "/APPDATA/a\nb": no such file or folder`},
	} {
		if e := refused(t, test.command, test.args, test.code); e.Message != test.message {
			t.Errorf("%s %v: message %q, want %q", test.command, test.args, e.Message, test.message)
		}
	}
}

func TestArguments(t *testing.T) {
	newRoot(t)
	for _, test := range []struct {
		command string
		args    any
	}{
		{"read_file", obj{"path": 7}},
		{"read_file", obj{"path": "$APPDATA/a", "colour": "red"}},
		{"read_file", obj{"path": "$APPDATA/a", "options": obj{"recursive": true}}},
		{"read_file", []any{"$APPDATA/a"}},
		{"truncate", obj{"path": "$APPDATA/a", "len": -1}},
		{"truncate", obj{"path": "$APPDATA/a", "len": "1"}},
		{"write_file", obj{"path": "$APPDATA/a"}},
		{"write_file", obj{"path": "$APPDATA/a", "contents": nil}},
		{"write_file", obj{"path": "$APPDATA/a", "contents": []any{1, 2}}},
		{"write_text_file", obj{"path": "$APPDATA/a", "contents": 7}},
		{"write_file", obj{"path": "$APPDATA/a", "contents": "x", "options": obj{"append": "yes"}}},
	} {
		refused(t, test.command, test.args, "bad-args")
	}
	for _, command := range []string{"read_file", "remove", "rename", "copy_file"} {
		refused(t, command, nil, "bad-path")
	}
}

// same compares results of commands.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s = %v, want %v", what, got, want)
	}
}
