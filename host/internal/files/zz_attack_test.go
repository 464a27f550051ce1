//go:build unix

package files_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/host/internal/files"
)

func TestZZStaleIdentity(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		top := t.TempDir()
		plant(t, top, "app/ambit.toml = x", "app/modules/m.wasm = x", "a/")
		b := newBox(t, way, map[string]string{"A": top + "/a"}, files.Options{Forbidden: []string{top + "/app/ambit.toml", top + "/app/modules"}})
		g := b.call("+rw $A/**")
		must(t, os.Remove(top+"/app/modules/m.wasm"))
		bad := 0
		for i := range 200 {
			if err := g.write(fmt.Sprintf("A/f%d", i), "mine"); err != nil {
				bad++
			}
		}
		t.Log("innocent files refused:", bad)
	})
}

func TestZZCreateFolder(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		top := t.TempDir()
		b := newBox(t, way, map[string]string{"A": top}, files.Options{})
		g := b.call("+rw $A/**")
		fd, err := g.Open(files.RootFD, "A/x", files.OpenFlags{Read: true, Write: true, Create: true, Folder: true})
		t.Log(fd, err)
		_, _, n := g.Usage()
		_, e := os.Stat(top + "/x")
		t.Log("made", n, e)
	})
}

func TestZZPolicyLink(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		top := t.TempDir()
		plant(t, top, "a/d/main.toml = policy", "app/capabilities/main.toml -> ../../a/d/main.toml")
		b := newBox(t, way, map[string]string{"A": top + "/a"}, files.Options{Forbidden: []string{top + "/app/capabilities"}})
		g := b.call("+.rw $A/**")
		t.Log("direct", g.write("A/d/main.toml", "evil"))
		t.Log("rename", g.Rename(files.RootFD, "A/d", files.RootFD, "A/e"))
		t.Log(g.Mkdir(files.RootFD, "A/d"))
		t.Log(g.write("A/d/main.toml", "evil"))
		p, _ := os.ReadFile(top + "/app/capabilities/main.toml")
		t.Logf("policy now %q", p)
	})
}

func TestZZRenameFDs(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		top := t.TempDir()
		b := newBox(t, way, map[string]string{"A": top}, files.Options{})
		deep := "A" + strings.Repeat("/d", 600)
		must(t, os.MkdirAll(filepath.Join(top, strings.Repeat("d/", 600)), 0o700))
		_ = deep
		most := 0
		g := b.callWith(files.Config{Charge: func(int) error {
			l, _ := os.ReadDir("/proc/self/fd")
			most = max(most, len(l))
			return nil
		}}, "+rw $A/**")
		t.Log(g.Rename(files.RootFD, "A/d", files.RootFD, "A/e"), "fds", most)
	})
}

func TestZZListAfterMove(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		top := t.TempDir()
		b := newBox(t, way, map[string]string{"A": top}, files.Options{})
		plant(t, top, "x/")
		g := b.call("+rw $A/x/**", "+rw $A/x", "+rw $A/y")
		fd, err := g.Open(files.RootFD, "A/x", files.OpenFlags{Read: true, Folder: true})
		must(t, err)
		t.Log(g.Rename(files.RootFD, "A/x", files.RootFD, "A/y"))
		plant(t, top, "y/secret = s")
		l, err := g.File(fd).List(0, 10)
		t.Log(l, err)
		_, err = g.Open(fd, "secret", files.OpenFlags{Read: true})
		t.Log(err)
	})
}

func TestZZHold(t *testing.T) {
	top := t.TempDir()
	b := newBox(t, files.ResolverOpenat2, map[string]string{"A": top}, files.Options{})
	must(t, os.MkdirAll(filepath.Join(top, strings.Repeat("d/", 2000)), 0o700))
	must(t, os.MkdirAll(top+"/flat", 0o700))
	for i := range 9000 {
		must(t, os.WriteFile(fmt.Sprintf("%s/flat/%d", top, i), nil, 0o600))
	}
	g := b.call("+rw $A/**")
	for _, n := range []string{"d", "flat"} {
		s := time.Now()
		err := g.Rename(files.RootFD, "A/"+n, files.RootFD, "A/e"+n)
		t.Log(n, err, time.Since(s))
	}
}
