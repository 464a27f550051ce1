//go:build !wasip1

package command_test

import (
	"os"
	"testing"
)

func TestMkdir(t *testing.T) {
	r := newRoot(t)
	isDir := func(guest string) {
		t.Helper()
		if info, err := os.Lstat(r.path(guest)); err != nil || !info.IsDir() {
			t.Errorf("%s is no folder, error %v", guest, err)
		}
	}
	ok(t, "mkdir", obj{"path": "$APPDATA/d"})
	isDir("APPDATA/d")
	refused(t, "mkdir", obj{"path": "$APPDATA/d"}, "exists")
	refused(t, "mkdir", obj{"path": "$APPDATA/a/b"}, "not-found")
	ok(t, "mkdir", obj{"path": "a/b/c", "options": obj{"baseDir": 14, "recursive": true, "mode": 0o700}})
	isDir("APPDATA/a/b/c")
	ok(t, "mkdir", obj{"path": "$APPDATA/a/b", "options": obj{"recursive": true}})
	ok(t, "mkdir", obj{"path": "", "options": obj{"baseDir": 14, "recursive": true}})
	r.put("APPDATA/f", "f")
	refused(t, "mkdir", obj{"path": "$APPDATA/f", "options": obj{"recursive": true}}, "not-a-directory")
	refused(t, "mkdir", obj{"path": "$APPDATA/f/g", "options": obj{"recursive": true}}, "not-a-directory")
}

func TestRemove(t *testing.T) {
	r := newRoot(t)
	all := obj{"recursive": true}
	r.put("APPDATA/f", "f")
	r.put("APPDATA/d/a", "a")
	r.put("APPDATA/d/sub/b", "b")
	r.put("HOME/keep", "keep")
	ok(t, "remove", obj{"path": "$APPDATA/f"})
	r.want("APPDATA/f", "-")
	refused(t, "remove", obj{"path": "$APPDATA/f"}, "not-found")
	refused(t, "remove", obj{"path": "$APPDATA/f", "options": all}, "not-found")
	refused(t, "remove", obj{"path": "$APPDATA/d"}, "not-empty")
	refused(t, "remove", obj{"path": "$APPDATA/d", "options": obj{"recursive": false}}, "not-empty")
	r.want("APPDATA/d/sub/b", "b")
	ok(t, "remove", obj{"path": "$APPDATA/d/a", "options": all})
	ok(t, "remove", obj{"path": "$APPDATA/d", "options": all})
	if _, err := os.Lstat(r.path("APPDATA/d")); !os.IsNotExist(err) {
		t.Errorf("the folder is still there, error %v", err)
	}
	for _, path := range []string{"$APPDATA", "/APPDATA/", "/", "$HOME/."} {
		refused(t, "remove", obj{"path": path, "options": all}, "bad-path")
		refused(t, "remove", obj{"path": path}, "bad-path")
	}
	r.want("HOME/keep", "keep")
}

// TestRemoveLink removes links, never what they lead to.
func TestRemoveLink(t *testing.T) {
	r := newRoot(t)
	r.put("HOME/d/keep", "keep")
	r.put("APPDATA/d/a", "a")
	r.link("../../HOME/d", "APPDATA/d/link")
	r.link("../HOME/d", "APPDATA/link")
	ok(t, "remove", obj{"path": "$APPDATA/d", "options": obj{"recursive": true}})
	ok(t, "remove", obj{"path": "$APPDATA/link", "options": obj{"recursive": true}})
	r.want("HOME/d/keep", "keep")
	same(t, "what is left", ok(t, "read_dir", obj{"path": "$APPDATA"}), []any{})
}

func TestRename(t *testing.T) {
	r := newRoot(t)
	r.put("APPDATA/a", "a")
	r.put("APPDATA/b", "b")
	r.put("APPDATA/d/x", "x")
	r.put("APPDATA/e/y", "y")
	move := func(from, to string) obj { return obj{"oldPath": from, "newPath": to} }
	ok(t, "rename", move("$APPDATA/a", "$APPDATA/c"))
	r.want("APPDATA/a", "-")
	r.want("APPDATA/c", "a")
	ok(t, "rename", move("$APPDATA/c", "$APPDATA/b"))
	r.want("APPDATA/b", "a")
	ok(t, "rename", obj{"oldPath": "b", "newPath": "b", "options": obj{"oldPathBaseDir": "AppData", "newPathBaseDir": 21}})
	r.want("HOME/b", "a")
	ok(t, "rename", move("$APPDATA/d", "$HOME/d"))
	r.want("HOME/d/x", "x")
	refused(t, "rename", move("$HOME/d", "$APPDATA/e"), "exists")
	refused(t, "rename", move("$APPDATA/none", "$APPDATA/f"), "not-found")
	refused(t, "rename", move("$HOME/b", "$APPDATA/no/b"), "not-found")
	refused(t, "rename", move("$APPDATA", "$HOME/data"), "bad-path")
	refused(t, "rename", move("$HOME/d", "$APPDATA"), "bad-path")
	refused(t, "rename", move("$HOME/../APPDATA/e", "$APPDATA/f"), "bad-path")
	refused(t, "rename", move("$HOME/d", "d"), "bad-path")
}

func TestCopyFile(t *testing.T) {
	r := newRoot(t)
	r.put("APPDATA/a", "contents")
	r.put("APPDATA/long", "something longer than that")
	r.put("APPDATA/d/x", "x")
	cp := func(from, to string) obj { return obj{"fromPath": from, "toPath": to} }
	ok(t, "copy_file", cp("$APPDATA/a", "$APPDATA/b"))
	ok(t, "copy_file", cp("$APPDATA/a", "$APPDATA/long"))
	ok(t, "copy_file", obj{"fromPath": "a", "toPath": "a", "options": obj{"fromPathBaseDir": 14, "toPathBaseDir": "Home"}})
	for _, guest := range []string{"APPDATA/a", "APPDATA/b", "APPDATA/long", "HOME/a"} {
		r.want(guest, "contents")
	}
	refused(t, "copy_file", cp("$APPDATA/none", "$APPDATA/new"), "not-found")
	refused(t, "copy_file", cp("$APPDATA/d", "$APPDATA/new"), "is-a-directory")
	r.want("APPDATA/new", "-")
	refused(t, "copy_file", cp("$APPDATA/a", "$APPDATA/d"), "is-a-directory")
	refused(t, "copy_file", cp("$APPDATA/a", "$APPDATA/no/b"), "not-found")
	refused(t, "copy_file", cp("$APPDATA/a", "$APPDATA"), "bad-path")
	refused(t, "copy_file", cp("$APPDATA/a", "../b"), "bad-path")
}

// TestCopyOntoItself keeps a file that is named twice, whatever the names.
func TestCopyOntoItself(t *testing.T) {
	r := newRoot(t)
	r.put("APPDATA/a", "contents")
	names := []string{"$APPDATA/a", "/APPDATA//./a"}
	if err := os.Link(r.path("APPDATA/a"), r.path("HOME/b")); err == nil {
		names = append(names, "$HOME/b")
	}
	for _, name := range names {
		refused(t, "copy_file", obj{"fromPath": "$APPDATA/a", "toPath": name}, "same-file")
		r.want("APPDATA/a", "contents")
	}
}

func TestForbidden(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may do everything; the host's tests show that a scope refuses")
	}
	r := newRoot(t)
	r.put("APPDATA/d/f", "f")
	r.check(os.Chmod(r.path("APPDATA/d"), 0))
	t.Cleanup(func() { os.Chmod(r.path("APPDATA/d"), 0o700) })
	refused(t, "read_file", obj{"path": "$APPDATA/d/f"}, "forbidden")
	refused(t, "exists", obj{"path": "$APPDATA/d/f"}, "forbidden")
	refused(t, "write_file", obj{"path": "$APPDATA/d/g", "contents": "x"}, "forbidden")
	refused(t, "remove", obj{"path": "$APPDATA/d/f"}, "forbidden")
}
