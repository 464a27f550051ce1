//go:build linux

package files_test

import (
	"errors"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ambit-wasm/ambit/host/internal/files"
)

// FIFOs, sockets and devices cannot be opened, and nobody waits for them; they
// can be looked at and removed.
func TestSpecial(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dir := t.TempDir()
		plant(t, dir, "file = text")
		mkfifo(t, dir+"/fifo")
		kinds := []string{"fifo"}
		if l, err := net.Listen("unix", dir+"/sock"); err == nil { // too long a path for some systems
			defer l.Close()
			kinds = append(kinds, "sock")
		}
		if isRoot() && runtime.GOOS == "linux" {
			if unix.Mknod(dir+"/null", unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3))) == nil {
				kinds = append(kinds, "null")
			}
			if unix.Mknod(dir+"/zero", unix.S_IFCHR|0o666, int(unix.Mkdev(1, 5))) == nil {
				kinds = append(kinds, "zero")
			}
		}
		g := newBox(t, way, map[string]string{"A": dir}, files.Options{}).call("+rw $A/**")
		for _, k := range kinds {
			for _, o := range []files.OpenFlags{
				{Read: true}, {Write: true}, {Read: true, Write: true}, {}, {Write: true, Append: true},
				{Write: true, Create: true}, {Write: true, Truncate: true},
			} {
				if _, err := g.Open(files.RootFD, "A/"+k, o); !errors.Is(err, files.ErrAccess) {
					t.Errorf("open %s %+v: %v", k, o, err)
				}
			}
			if err := g.Rename(files.RootFD, "A/"+k, files.RootFD, "A/moved"); !errors.Is(err, files.ErrAccess) {
				t.Errorf("rename %s: %v", k, err)
			}
			if err := g.Chtimes(files.RootFD, "A/"+k, files.Times{}); !errors.Is(err, files.ErrAccess) {
				t.Errorf("chtimes %s: %v", k, err)
			}
			if in, err := g.Stat(files.RootFD, "A/"+k, true); err != nil || in.Type != files.TypeOther {
				t.Errorf("stat %s: %v %v", k, in, err)
			}
			if err := g.Remove(files.RootFD, "A/"+k); err != nil {
				t.Errorf("remove %s: %v", k, err)
			}
		}
		for _, o := range []files.OpenFlags{{Read: true}, {Write: true}, {Read: true, Write: true}, {}} {
			fd, err := g.Open(files.RootFD, "A/file", o)
			if err != nil {
				t.Errorf("control %+v: %v", o, err)
			}
			must(t, g.CloseFile(fd))
		}
	})
}

// Files of the kernel look regular and are refused; a base dir there, too.
func TestKernelFiles(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("no /proc")
	}
	for _, dir := range []string{"/proc", "/proc/self", "/sys"} {
		if _, err := files.Open(map[string]string{"A": dir}, files.Options{}); err == nil || !strings.Contains(err.Error(), "kernel") {
			t.Errorf("base dir %s: %v", dir, err)
		}
	}
	if !isRoot() {
		t.Skip("mounting needs root")
	}
	dir := t.TempDir()
	plant(t, dir, "proc/", "file = text")
	if err := unix.Mount("/proc", dir+"/proc", "", unix.MS_BIND, ""); err != nil {
		t.Skip("cannot mount:", err)
	}
	defer func() { must(t, unix.Unmount(dir+"/proc", unix.MNT_DETACH)) }()
	everyWay(t, func(t *testing.T, way files.Resolver) {
		g := newBox(t, way, map[string]string{"A": dir}, files.Options{}).call("+.rw $A/**")
		for _, p := range []string{"A/proc/uptime", "A/proc/1/environ", "A/proc/1/mem", "A/proc/sys/kernel/hostname"} {
			if _, err := g.read(p); !errors.Is(err, files.ErrAccess) {
				t.Errorf("read %s: %v", p, err)
			}
		}
		if _, err := g.read("A/file"); err != nil {
			t.Errorf("control: %v", err)
		}
	})
	if b, err := os.ReadFile(dir + "/proc/uptime"); err != nil || len(b) == 0 {
		t.Errorf("control: %v", err)
	}
}

// A hard link is a name of a file like any other: documented, not prevented.
func TestHardLink(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dir := t.TempDir()
		plant(t, dir, "in/", "out/f = shared")
		must(t, os.Link(dir+"/out/f", dir+"/in/hard"))
		g := newBox(t, way, map[string]string{"A": dir}, files.Options{}).call("+rw $A/in/**")
		if text, err := g.read("A/in/hard"); err != nil || text != "shared" {
			t.Errorf("%q, %v", text, err)
		}
		if _, err := g.read("A/out/f"); !errors.Is(err, files.ErrAccess) {
			t.Errorf("by its other name: %v", err)
		}
	})
}

// The name of a mount point says nothing about what is mounted there, so an
// empty one folds.
func TestFoldsMounted(t *testing.T) {
	if !isRoot() {
		t.Skip("mounting needs root")
	}
	dir := t.TempDir()
	plant(t, dir, "there/", "plain/")
	if err := unix.Mount("none", dir+"/there", "tmpfs", 0, ""); err != nil {
		t.Skip("cannot mount:", err)
	}
	defer func() { must(t, unix.Unmount(dir+"/there", unix.MNT_DETACH)) }()
	if !files.Folds(dir + "/there") {
		t.Error("an empty mounted folder does not fold")
	}
	plant(t, dir, "there/name = x")
	for _, name := range []string{"/there", "/plain"} {
		if files.Folds(dir + name) {
			t.Errorf("control: %s folds", name)
		}
	}
}
