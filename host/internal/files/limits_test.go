//go:build unix

package files_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/files"
)

func TestLimits(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dir := t.TempDir()
		plant(t, dir, "f = text")
		b := newBox(t, way, map[string]string{"A": dir}, files.Options{})
		with := func(l files.Limits) guest { return b.callWith(files.Config{Limits: l}, "+rw $A/**") }

		g := with(files.Limits{OpenFiles: 3})
		var fds []int32
		for range 3 {
			fd, err := g.Open(files.RootFD, "A/f", files.OpenFlags{Read: true})
			must(t, err)
			fds = append(fds, fd)
		}
		for _, p := range []string{"A/f", ".", "A"} {
			if _, err := g.Open(files.RootFD, p, files.OpenFlags{Read: true}); !errors.Is(err, files.ErrTooManyOpen) {
				t.Errorf("open %s: %v", p, err)
			}
		}
		must(t, g.CloseFile(fds[0]))
		fd, err := g.Open(files.RootFD, "A/f", files.OpenFlags{Read: true})
		if err != nil || slices.Contains(fds, fd) {
			t.Errorf("descriptor %d, %v: were %v", fd, err, fds)
		}

		g = with(files.Limits{WriteBytes: 100})
		must(t, g.write("A/w", string(make([]byte, 60))))
		if err := g.put("A/w", string(make([]byte, 41)), files.OpenFlags{Write: true}); !errors.Is(err, files.ErrQuota) {
			t.Error(err)
		}
		must(t, g.put("A/w", string(make([]byte, 40)), files.OpenFlags{Write: true, Append: true}))
		if err := g.put("A/w", "x", files.OpenFlags{Write: true, Append: true}); !errors.Is(err, files.ErrQuota) {
			t.Error(err)
		}

		// Holes count, so that a sparse file is no way around.
		g = with(files.Limits{WriteBytes: 1000})
		fd, err = g.Open(files.RootFD, "A/sparse", files.OpenFlags{Write: true, Create: true})
		must(t, err)
		for what, err := range map[string]error{
			"truncate": g.File(fd).Truncate(1 << 40), "write at": second(g.File(fd).WriteAt([]byte("x"), 1<<40)),
		} {
			if !errors.Is(err, files.ErrQuota) {
				t.Errorf("%s: %v", what, err)
			}
		}
		must(t, g.File(fd).Truncate(900))
		must(t, g.File(fd).Truncate(0))
		if err := g.File(fd).Truncate(200); !errors.Is(err, files.ErrQuota) {
			t.Errorf("grown again: %v", err)
		}

		g = with(files.Limits{FilesCreated: 2})
		must(t, g.write("A/one", ""))
		must(t, g.Mkdir(files.RootFD, "A/two"))
		for what, err := range map[string]error{"file": g.write("A/three", ""), "folder": g.Mkdir(files.RootFD, "A/four")} {
			if !errors.Is(err, files.ErrQuota) {
				t.Errorf("a third %s: %v", what, err)
			}
		}
		must(t, g.write("A/one", "still")) // nothing new
		if _, _, created := g.Usage(); created != 2 {
			t.Errorf("%d made", created)
		}
	})
}

// Descriptors go on where the call before ended.
func TestNumbersAreNotReused(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "f = text")
	b := newBox(t, "", map[string]string{"A": dir}, files.Options{})
	first := int32(0)
	seen := map[int32]bool{}
	for range 5 {
		g := b.callWith(files.Config{First: first}, "+r $A/**")
		for range 3 {
			fd, err := g.Open(files.RootFD, "A/f", files.OpenFlags{Read: true})
			must(t, err)
			if seen[fd] {
				t.Errorf("%d again", fd)
			}
			seen[fd] = true
		}
		first = g.Next()
		must(t, g.Close())
	}
	g := b.callWith(files.Config{First: math.MaxInt32}, "+r $A/**")
	if fd, err := g.Open(files.RootFD, "A/f", files.OpenFlags{Read: true}); !errors.Is(err, files.ErrTooManyOpen) {
		t.Errorf("after the last number: %d, %v", fd, err)
	}
}

func TestList(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dir := t.TempDir()
		const n = 5000
		must(t, os.Mkdir(dir+"/d", 0o755))
		for i := range n {
			must(t, os.WriteFile(fmt.Sprintf("%s/d/%04d", dir, i), nil, 0o600))
			if i%10 == 0 {
				must(t, os.WriteFile(fmt.Sprintf("%s/d/hidden%04d", dir, i), nil, 0o600))
			}
		}
		names := 0
		b := newBox(t, way, map[string]string{"A": dir}, files.Options{})
		g := b.callWith(files.Config{Charge: func(u int) error { names += u; return nil }}, "+r $A/**", "-r **/hidden*")
		fd, err := g.Open(files.RootFD, "A/d", files.OpenFlags{Read: true})
		must(t, err)
		f := g.File(fd)
		read := func(limit int) []string {
			var all []string
			for {
				l, err := f.List(uint64(len(all)), limit)
				must(t, err)
				if len(l) == 0 {
					return all
				}
				if len(l) > max(limit, 1) {
					t.Fatalf("%d entries for %d", len(l), limit)
				}
				for _, e := range l {
					if e.Type != files.TypeFile {
						t.Fatal(e)
					}
					all = append(all, e.Name)
				}
			}
		}
		var first []string
		for _, limit := range []int{1 << 30, 1, 7, 1000} {
			all := read(limit)
			first = slices.Clone(all)
			slices.Sort(all)
			if len(all) != n || all[0] != "0000" || all[n-1] != "4999" || len(slices.Compact(all)) != n {
				t.Errorf("by %d: %d names", limit, len(all))
			}
		}
		if names < n/16 {
			t.Errorf("charged %d units", names)
		}
		// Back, ahead and past the end.
		for _, cookie := range []uint64{3, 4000, 10, n - 1, n, n + 1, math.MaxUint64, 5} {
			l, err := f.List(cookie, 1)
			must(t, err)
			if cookie < n != (len(l) == 1) || len(l) == 1 && l[0].Name != first[cookie] {
				t.Errorf("cookie %d: %v", cookie, l)
			}
		}
		stop := errors.New("stop")
		g = b.callWith(files.Config{Charge: func(int) error { return stop }}, "+r $A/**")
		fd, err = g.Open(files.RootFD, "A/d", files.OpenFlags{Read: true})
		must(t, err)
		if _, err := g.File(fd).List(math.MaxUint64, 1); !errors.Is(err, stop) {
			t.Error(err)
		}
	})
}
