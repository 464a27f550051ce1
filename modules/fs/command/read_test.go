//go:build !wasip1

package command_test

import (
	"os"
	"testing"
	"time"
)

func TestReadFile(t *testing.T) {
	r := newRoot(t)
	r.put("APPDATA/text", "grüß\n")
	r.put("APPDATA/bytes", "a\xff\x00")
	r.put("APPDATA/empty", "")
	same(t, "text", ok(t, "read_text_file", obj{"path": "$APPDATA/text"}), "grüß\n")
	same(t, "empty text", ok(t, "read_text_file", obj{"path": "$APPDATA/empty"}), "")
	same(t, "bytes", ok(t, "read_file", obj{"path": "$APPDATA/bytes"}), []byte("a\xff\x00"))
	same(t, "no bytes", ok(t, "read_file", obj{"path": "$APPDATA/empty"}), []byte{})
	refused(t, "read_text_file", obj{"path": "$APPDATA/bytes"}, "not-utf8")
}

func TestReadDir(t *testing.T) {
	r := newRoot(t)
	r.put("APPDATA/d/b.md", "b")
	r.put("APPDATA/d/a.md", "a")
	r.put("APPDATA/d/sub/c", "c")
	r.put("APPDATA/d/.hidden", "h")
	r.check(os.Mkdir(r.path("APPDATA/none"), 0o755))
	entry := func(name string, dir, file, link bool) obj {
		return obj{"name": name, "isDirectory": dir, "isFile": file, "isSymlink": link}
	}
	want := []any{
		entry(".hidden", false, true, false), entry("a.md", false, true, false),
		entry("b.md", false, true, false), entry("sub", true, false, false),
	}
	same(t, "listing", ok(t, "read_dir", obj{"path": "$APPDATA/d"}), want)
	same(t, "listing with a slash", ok(t, "read_dir", obj{"path": "d/", "options": obj{"baseDir": 14}}), want)
	same(t, "empty listing", ok(t, "read_dir", obj{"path": "$APPDATA/none"}), []any{})
	same(t, "root", ok(t, "read_dir", obj{"path": "/"}), []any{entry("APPDATA", true, false, false), entry("HOME", true, false, false)})
	refused(t, "read_dir", obj{"path": "$APPDATA/d/a.md"}, "not-a-directory")
	refused(t, "read_dir", obj{"path": "$APPDATA/missing"}, "not-found")

	r.link("a.md", "APPDATA/none/link")
	same(t, "listing of a link", ok(t, "read_dir", obj{"path": "$APPDATA/none"}), []any{entry("link", false, false, true)})
}

func TestExists(t *testing.T) {
	r := newRoot(t)
	r.put("APPDATA/f", "f")
	for path, want := range map[string]bool{
		"$APPDATA": true, "$APPDATA/f": true, "$APPDATA/g": false, "$APPDATA/g/h": false, "$APPDATA/f/g": false, "/": true,
	} {
		same(t, path, ok(t, "exists", obj{"path": path}), want)
	}
	same(t, "base dir", ok(t, "exists", obj{"path": "", "options": obj{"baseDir": "AppData"}}), true)
	r.link("nowhere", "APPDATA/link")
	same(t, "dangling link", ok(t, "exists", obj{"path": "$APPDATA/link"}), true)
}

func TestStat(t *testing.T) {
	r := newRoot(t)
	r.put("APPDATA/f", "12345")
	when := time.UnixMilli(1_700_000_000_123)
	r.check(os.Chtimes(r.path("APPDATA/f"), when, when))
	info := func(path string) obj {
		t.Helper()
		a, b := ok(t, "stat", obj{"path": path}), ok(t, "lstat", obj{"path": path})
		same(t, "lstat of "+path, b, a)
		return a.(obj)
	}
	file := info("$APPDATA/f")
	want := obj{
		"isFile": true, "isDirectory": false, "isSymlink": false, "size": int64(5), "mtime": when.UnixMilli(),
		"atime": file["atime"], "birthtime": nil, "readonly": nil, "fileAttributes": nil, "dev": nil, "ino": nil, "mode": nil,
		"nlink": nil, "uid": nil, "gid": nil, "rdev": nil, "blksize": nil, "blocks": nil,
	}
	same(t, "stat", file, want)
	if dir := info("$APPDATA"); dir["isDirectory"] != true || dir["isFile"] != false {
		t.Errorf("stat of a folder = %v", dir)
	}
	refused(t, "stat", obj{"path": "$APPDATA/none"}, "not-found")
	refused(t, "lstat", obj{"path": "$APPDATA/f/g"}, "not-a-directory")

	r.link("f", "APPDATA/link")
	refused(t, "stat", obj{"path": "$APPDATA/link"}, "is-symlink")
	link := ok(t, "lstat", obj{"path": "$APPDATA/link"}).(obj)
	if link["isSymlink"] != true || link["isFile"] != false || link["isDirectory"] != false {
		t.Errorf("lstat of a link = %v", link)
	}
}

func TestSize(t *testing.T) {
	r := newRoot(t)
	r.put("APPDATA/d/a", "12345")
	r.put("APPDATA/d/sub/b", "123")
	r.put("APPDATA/d/sub/deep/c", "12")
	r.put("HOME/big", "1234567890")
	same(t, "file", ok(t, "size", obj{"path": "$APPDATA/d/a"}), int64(5))
	same(t, "folder", ok(t, "size", obj{"path": "$APPDATA/d"}), int64(10))
	same(t, "base", ok(t, "size", obj{"path": "$APPDATA"}), int64(10))
	same(t, "root", ok(t, "size", obj{"path": "/"}), int64(20))
	refused(t, "size", obj{"path": "$APPDATA/none"}, "not-found")

	r.link("../../HOME", "APPDATA/d/link")
	same(t, "folder with a link", ok(t, "size", obj{"path": "$APPDATA/d"}), int64(10))
	refused(t, "size", obj{"path": "$APPDATA/d/link"}, "is-symlink")
}
