//go:build !wasip1

package fs_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
)

// These tests run the compiled module in a real host, on real files.

// cache holds the module's compiled code for the hosts of all tests.
var cache = host.NewCache(host.CacheOptions{Off: true})

// world is a host with files below $APPDATA (data/) and $HOME (home/).
type world struct {
	t   *testing.T
	h   *host.Host
	dir string
}

// newWorld opens a host in which the window main has these entries.
func newWorld(t *testing.T, entries ...string) world {
	t.Helper()
	w := world{t: t, dir: t.TempDir()}
	w.put("app/modules/fs.wasm", string(sdktest.Build(t, "guest")))
	w.put("app/ambit.toml", "[app]\nname = \"test\"\n[dirs]\nAPPDATA = \"../data\"\nHOME = \"../home\"\nSAME = \"../home\"\n"+
		"[[window]]\nlabel = \"main\"\n[[module]]\nname = \"fs\"\ntrusted = true\n")
	w.put("app/capabilities/main.toml", "identifier = \"main\"\nwindows = [\"main\"]\npermissions = [\n"+strings.Join(entries, ",\n")+"\n]\n")
	for _, base := range []string{"data", "home"} {
		if err := os.Mkdir(filepath.Join(w.dir, base), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	w.h, err = host.Open(t.Context(), filepath.Join(w.dir, "app"), host.Config{
		Cache: cache, Limits: host.Limits{Load: time.Minute, Deadline: time.Minute}, // for slow machines
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.h.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	for _, m := range w.h.Modules() {
		if m.Refused != nil {
			t.Fatal(m.Refused)
		}
	}
	return w
}

func (w world) put(file, contents string) {
	w.t.Helper()
	file = filepath.Join(w.dir, file)
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(contents), 0o644)); err != nil {
		w.t.Fatal(err)
	}
}

// want checks a file's contents, "-" if it must not be there.
func (w world) want(file, contents string) {
	w.t.Helper()
	got, err := os.ReadFile(filepath.Join(w.dir, file))
	if contents == "-" && errors.Is(err, fs.ErrNotExist) || err == nil && string(got) == contents {
		return
	}
	w.t.Errorf("%s = %q, %v; want %q", file, got, err, contents)
}

type obj = map[string]any

func (w world) call(command string, args obj) (any, error) {
	res, err := w.h.Invoke(w.t.Context(), host.Window("main"), "fs."+command, args)
	return res.Value, err
}

func (w world) ok(command string, args obj) any {
	w.t.Helper()
	got, err := w.call(command, args)
	if err != nil {
		w.t.Fatalf("%s %v: %v", command, args, err)
	}
	return got
}

// fails wants the code that the caller sees.
func (w world) fails(code, command string, args obj) {
	w.t.Helper()
	got, err := w.call(command, args)
	var e *host.Error
	if err == nil || !errors.As(err, &e) || string(e.Code) != code {
		w.t.Errorf("%s %v = %v, %v; want %s", command, args, got, err, code)
	}
}

func (w world) equal(what string, got, want any) {
	w.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("%s = %v (%v), want %v", what, got, reflect.TypeOf(got), want)
	}
}

// names returns what a listing shows.
func (w world) names(path string) []string {
	w.t.Helper()
	names := []string{}
	for _, e := range w.ok("read_dir", obj{"path": path}).([]any) {
		names = append(names, e.(obj)["name"].(string))
	}
	return names
}

func TestHostCommands(t *testing.T) {
	w := newWorld(t, `"fs:read-all"`, `"fs:write-all"`, `"fs:scope-appdata-recursive"`, `"fs:scope-home"`)
	base := obj{"baseDir": 14}
	w.ok("mkdir", obj{"path": "notes/sub", "options": obj{"baseDir": "AppData", "recursive": true}})
	w.ok("mkdir", obj{"path": "", "options": obj{"baseDir": 14, "recursive": true}})
	w.fails("fs.exists", "mkdir", obj{"path": "$APPDATA/notes"})
	w.ok("write_text_file", obj{"path": "notes/a.md", "contents": "grüß", "options": base})
	w.want("data/notes/a.md", "grüß")
	w.ok("append", obj{"path": "$APPDATA/notes/a.md", "contents": []byte(" Gott")})
	w.equal("text", w.ok("read_text_file", obj{"path": "/APPDATA/notes/a.md"}), "grüß Gott")
	w.ok("write_file", obj{"path": "$APPDATA/notes/b", "contents": []byte{0xff, 0}, "options": obj{"createNew": true}})
	w.fails("fs.exists", "write_file", obj{"path": "$APPDATA/notes/b", "contents": "", "options": obj{"createNew": true}})
	w.fails("fs.not-utf8", "read_text_file", obj{"path": "$APPDATA/notes/b"})
	w.equal("bytes", w.ok("read_file", obj{"path": "$APPDATA/notes/b"}), []byte{0xff, 0})
	w.ok("truncate", obj{"path": "$APPDATA/notes/b", "len": 1})
	w.want("data/notes/b", "\xff")
	w.ok("copy_file", obj{"fromPath": "$APPDATA/notes/a.md", "toPath": "$APPDATA/notes/sub/c.md"})
	w.equal("size", w.ok("size", obj{"path": "$APPDATA/notes"}), len("grüß Gott")*2+1)
	w.equal("listing", w.names("$APPDATA/notes"), []string{"a.md", "b", "sub"})
	w.ok("rename", obj{"oldPath": "$APPDATA/notes/b", "newPath": "$HOME/b"})
	w.want("home/b", "\xff")
	w.ok("rename", obj{"oldPath": "$APPDATA/notes/sub", "newPath": "$APPDATA/moved"})
	w.want("data/moved/c.md", "grüß Gott")
	info := w.ok("stat", obj{"path": "$APPDATA/moved/c.md"}).(obj)
	if info["isFile"] != true || info["mtime"] == nil || info["atime"] == nil || info["ino"] != nil {
		t.Errorf("stat = %v", info)
	}
	w.fails("fs.not-empty", "remove", obj{"path": "$APPDATA/moved"})
	w.ok("remove", obj{"path": "$APPDATA/moved", "options": obj{"recursive": true}})
	w.ok("remove", obj{"path": "$APPDATA/notes/a.md"})
	w.equal("exists", w.ok("exists", obj{"path": "$APPDATA/notes/a.md"}), false)
	w.equal("what is left", w.names("$APPDATA/notes"), []string{})
	w.equal("the root", w.names("/"), []string{"APPDATA", "HOME", "SAME"})
	w.fails("fs.not-found", "read_file", obj{"path": "$APPDATA/none"})
	w.fails("fs.not-a-directory", "read_dir", obj{"path": "$HOME/b"})
	w.fails("fs.is-a-directory", "read_file", obj{"path": "$APPDATA/notes"})
	w.fails("fs.is-a-directory", "write_file", obj{"path": "$APPDATA/notes", "contents": ""})
	w.fails("fs.bad-path", "read_file", obj{"path": "$APPDATA/../home/b"})
	w.fails("bad-args", "read_file", obj{"path": "$APPDATA/a", "colour": 1})
	w.fails("bad-args", "read_file", nil)
}

// TestHostNull: null is as if left out, and nothing else of another type is.
func TestHostNull(t *testing.T) {
	w := newWorld(t, `"fs:read-all"`, `"fs:write-all"`, `"fs:scope-appdata-recursive"`)
	w.put("data/d/a", "a")
	for _, test := range []struct {
		command string
		args    obj
		options []string // that may be null
		code    string   // without them
	}{
		{"read_text_file", obj{"path": "$APPDATA/d/a"}, []string{"baseDir"}, ""},
		{"read_text_file", obj{"path": "d/a"}, []string{"baseDir"}, "fs.bad-path"},
		{"write_text_file", obj{"path": "$APPDATA/d/a", "contents": "a"}, []string{"baseDir", "append", "create", "createNew", "mode"}, ""},
		{"mkdir", obj{"path": "$APPDATA/d"}, []string{"baseDir", "recursive", "mode"}, "fs.exists"},
		{"remove", obj{"path": "$APPDATA/d"}, []string{"baseDir", "recursive"}, "fs.not-empty"},
		{"copy_file", obj{"fromPath": "$APPDATA/d/a", "toPath": "$APPDATA/d/a"}, []string{"fromPathBaseDir", "toPathBaseDir"}, "fs.same-file"},
		{"rename", obj{"oldPath": "$APPDATA/d/none", "newPath": "$APPDATA/d/b"}, []string{"oldPathBaseDir", "newPathBaseDir"}, "fs.not-found"},
	} {
		try := func(options any, code string) {
			t.Helper()
			args := maps.Clone(test.args)
			args["options"] = options
			if code != "" {
				w.fails(code, test.command, args)
				return
			}
			w.ok(test.command, args)
		}
		nulls := obj{}
		for _, name := range test.options {
			nulls[name] = nil
			try(obj{name: []any{}}, "bad-args")
		}
		try(nulls, test.code)
		try(nil, test.code)
		try("", "bad-args")
	}
	w.want("data/d/a", "a")
}

// TestHostDefault reads $APPDATA and nothing else.
func TestHostDefault(t *testing.T) {
	w := newWorld(t, `"fs:default"`)
	w.put("data/notes/a.md", "a")
	w.put("data/EBWebView/cookies", "secret")
	w.put("data/.env", "secret")
	w.put("home/a.md", "secret")
	w.equal("text", w.ok("read_text_file", obj{"path": "$APPDATA/notes/a.md"}), "a")
	w.equal("listing", w.names("$APPDATA"), []string{"notes"})
	w.equal("size", w.ok("size", obj{"path": "$APPDATA"}), 1)
	for _, path := range []string{"$APPDATA/EBWebView/cookies", "$APPDATA/EBWebView", "$APPDATA/.env", "$HOME/a.md", "$HOME", "$NOWHERE/x"} {
		for _, command := range []string{"read_text_file", "read_file", "read_dir", "exists", "stat", "lstat", "size"} {
			w.fails("fs.forbidden", command, obj{"path": path})
		}
	}
	_, err := w.call("write_file", obj{"path": "$APPDATA/notes/a.md", "contents": "x"})
	if !errors.Is(err, authority.ErrDenied) {
		t.Errorf("write_file: %v, want a denial", err)
	}
	w.want("data/notes/a.md", "a")
}

// TestHostScope keeps within a scope that is smaller than a base dir.
func TestHostScope(t *testing.T) {
	w := newWorld(t, `"fs:read-all"`, `"fs:write-all"`,
		`{ identifier = "fs:scope", allow = [{ path = "$APPDATA/notes" }, { path = "$APPDATA/notes/**" }], deny = [{ path = "$APPDATA/notes/private/**" }] }`)
	w.put("data/notes/a.md", "a")
	w.put("data/notes/private/p.md", "p")
	w.put("data/secret", "s")
	w.equal("base", w.names("$APPDATA"), []string{"notes"})
	w.equal("notes", w.names("$APPDATA/notes"), []string{"a.md"})
	w.fails("fs.forbidden", "read_file", obj{"path": "$APPDATA/secret"})
	w.fails("fs.forbidden", "write_file", obj{"path": "$APPDATA/new", "contents": "x"})
	w.fails("fs.forbidden", "mkdir", obj{"path": "$APPDATA/new", "options": obj{"recursive": true}})
	w.fails("fs.forbidden", "copy_file", obj{"fromPath": "$APPDATA/secret", "toPath": "$APPDATA/notes/s"})
	w.fails("fs.forbidden", "copy_file", obj{"fromPath": "$APPDATA/notes/a.md", "toPath": "$APPDATA/notes/private/a.md"})
	w.fails("fs.forbidden", "rename", obj{"oldPath": "$APPDATA/secret", "newPath": "$APPDATA/notes/s"})
	w.fails("fs.cross-device", "rename", obj{"oldPath": "$APPDATA/notes", "newPath": "$APPDATA/notes/b"})
	w.fails("fs.not-empty", "remove", obj{"path": "$APPDATA/notes", "options": obj{"recursive": true}})
	w.want("data/notes/a.md", "-")
	w.want("data/notes/private/p.md", "p")
	w.want("data/secret", "s")
}

// TestHostWriteOnly needs fs.write alone for what only writes.
func TestHostWriteOnly(t *testing.T) {
	w := newWorld(t, `"fs:read-all"`, `"fs:write-all"`, `{ identifier = "fs:scope", allow = [{ path = "$APPDATA/**", powers = ["fs.write"] }] }`)
	w.put("data/d/a", "a")
	w.put("data/d/e/b", "b")
	w.put("data/keep", "k")
	w.ok("write_file", obj{"path": "$APPDATA/new", "contents": "x"})
	w.ok("append", obj{"path": "$APPDATA/new", "contents": "y"})
	w.ok("truncate", obj{"path": "$APPDATA/new", "len": 1})
	w.ok("rename", obj{"oldPath": "$APPDATA/new", "newPath": "$APPDATA/newer"})
	w.ok("rename", obj{"oldPath": "$APPDATA/d", "newPath": "$APPDATA/f"})
	w.ok("mkdir", obj{"path": "$APPDATA/f/g/h", "options": obj{"recursive": true}})
	w.fails("fs.forbidden", "copy_file", obj{"fromPath": "$APPDATA/keep", "toPath": "$APPDATA/copy"})
	w.fails("fs.forbidden", "read_file", obj{"path": "$APPDATA/keep"})
	w.ok("remove", obj{"path": "$APPDATA/f", "options": obj{"recursive": true}})
	w.want("data/f/e/b", "-")
	w.want("data/newer", "x")
}

// TestHostRenameReads moves nothing that may not be read to where it may.
func TestHostRenameReads(t *testing.T) {
	move := obj{"oldPath": "$APPDATA/secret", "newPath": "$APPDATA/pub/s"}
	w := newWorld(t, `"fs:read-all"`, `"fs:write-all"`,
		`{ identifier = "fs:scope", allow = [{ path = "$APPDATA/**", powers = ["fs.write"] }, { path = "$APPDATA/pub/**" }] }`)
	w.put("data/pub/x", "x")
	w.put("data/secret", "s")
	w.fails("fs.forbidden", "rename", move)
	w.want("data/secret", "s")

	w = newWorld(t, `"fs:read-all"`, `"fs:write-all"`, `{ identifier = "fs:scope", allow = [{ path = "$APPDATA/**" }] }`) // control
	w.put("data/pub/x", "x")
	w.put("data/secret", "s")
	w.ok("rename", move)
	w.want("data/pub/s", "s")
}

func TestHostLinks(t *testing.T) {
	w := newWorld(t, `"fs:read-all"`, `"fs:write-all"`, `"fs:scope-appdata-recursive"`)
	w.put("home/secret", "s")
	w.put("data/d/a", "a")
	for link, target := range map[string]string{"data/out": "../home/secret", "data/d/dir": "../../home", "data/in": "d/a"} {
		if err := os.Symlink(target, filepath.Join(w.dir, link)); err != nil {
			t.Skip(err)
		}
	}
	for _, path := range []string{"$APPDATA/out", "$APPDATA/in"} {
		w.fails("fs.is-symlink", "read_file", obj{"path": path})
		w.fails("fs.is-symlink", "stat", obj{"path": path})
		w.fails("fs.is-symlink", "size", obj{"path": path})
		w.fails("fs.is-symlink", "write_file", obj{"path": path, "contents": "x"})
		w.equal("exists", w.ok("exists", obj{"path": path}), true)
		w.equal("lstat", w.ok("lstat", obj{"path": path}).(obj)["isSymlink"], true)
	}
	w.fails("fs.is-symlink", "read_dir", obj{"path": "$APPDATA/d/dir"})
	if _, err := w.call("read_file", obj{"path": "$APPDATA/d/dir/secret"}); err == nil {
		t.Error("read through a link")
	}
	w.ok("remove", obj{"path": "$APPDATA/d", "options": obj{"recursive": true}})
	w.ok("remove", obj{"path": "$APPDATA/out"})
	w.want("home/secret", "s")
}

// TestHostOneFolderTwoNames copies no file onto itself.
func TestHostOneFolderTwoNames(t *testing.T) {
	w := newWorld(t, `"fs:read-all"`, `"fs:write-all"`, `"fs:scope-home"`)
	w.put("home/a", "contents")
	w.equal("text", w.ok("read_text_file", obj{"path": "a", "options": obj{"baseDir": "SAME"}}), "contents")
	w.fails("fs.same-file", "copy_file", obj{"fromPath": "$HOME/a", "toPath": "$SAME/a"})
	w.want("home/a", "contents")
}

// TestHostMeta tells names but not contents, and an index alone not even those.
func TestHostMeta(t *testing.T) {
	w := newWorld(t, `"fs:allow-appdata-meta"`, `"fs:allow-read-file"`)
	w.put("data/a", "secret")
	w.put("data/d/b", "secret")
	w.equal("listing", w.names("$APPDATA"), []string{"a", "d"})
	w.equal("below", w.names("$APPDATA/d"), []string{})
	w.equal("size", w.ok("size", obj{"path": "$APPDATA/a"}), 6)
	w.fails("fs.forbidden", "read_file", obj{"path": "$APPDATA/a"})

	w = newWorld(t, `"fs:read-all"`, `"fs:scope-appdata-index"`)
	w.put("data/a", "secret")
	w.equal("listing of an index", w.names("$APPDATA"), []string{})
	w.equal("exists", w.ok("exists", obj{"path": "$APPDATA"}), true)
	w.fails("fs.forbidden", "stat", obj{"path": "$APPDATA/a"})
}
