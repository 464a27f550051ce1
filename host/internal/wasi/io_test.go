package wasi_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/ambit-wasm/ambit/host/internal/files"
	"github.com/ambit-wasm/ambit/host/internal/wasi"
)

var noLimits files.Limits

// Output never fails and never grows beyond its limit.
func TestOutput(t *testing.T) {
	engines(t, func(t *testing.T, c wazero.RuntimeConfig) {
		var got bytes.Buffer
		var streams []int
		out := &wasi.Output{Limit: 10, Sink: sink(func(stream int, p []byte) { streams = append(streams, stream); got.Write(p) })}
		g := newGuest(t, c, &wasi.State{Output: out})
		g.str(100, "hello, world")
		p, n := g.vectors(200, 100, 5, 105, 2, 0, 0)
		g.want(ok, "fd_write", 1, p, n, 300)
		if g.u32(300) != 7 || got.String() != "hello, " {
			t.Errorf("%d, %q", g.u32(300), &got)
		}
		p, n = g.vectors(200, 107, 5, 100, 12)
		g.want(ok, "fd_write", 2, p, n, 300)
		if g.u32(300) != 17 || got.String() != "hello, wor" || out.Taken() != 10 || out.Dropped() != 14 {
			t.Errorf("%d, %q, %d, %d", g.u32(300), &got, out.Taken(), out.Dropped())
		}
		if !slices.Equal(streams, []int{1, 1, 2}) {
			t.Error(streams)
		}
		// Half a gigabyte out of 256 KiB: 1024 overlapping buffers.
		many := make([]uint32, 2048)
		for i := range many {
			many[i] = uint32(i%2) * (memorySize / 2)
		}
		p, n = g.vectors(memorySize/2, many...)
		g.want(ok, "fd_write", 1, p, n, 0)
		if g.u32(0) != 1024*memorySize/2 || got.Len() != 10 {
			t.Errorf("%d, %d", g.u32(0), got.Len())
		}
		// The host's own log shares the limit.
		out.Write(2, []byte("more"))
		if got.Len() != 10 {
			t.Error("over the limit")
		}
	})
}

func TestVectors(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(dir+"/f", bytes.Repeat([]byte("abcdefgh"), 100), 0o600))
	g := quick(t, scoped(t, dir, noLimits))
	fd, e := g.open("A/f", 0, rightRead|rightWrite, 0)
	if e != ok {
		t.Fatal(e)
	}
	for _, f := range []string{"fd_read", "fd_write"} {
		for _, to := range []uint64{0, 1, fd} {
			if f == "fd_read" && to == 1 || f == "fd_write" && to == 0 {
				continue
			}
			p, n := g.vectors(1000, 100, 4)
			g.want(eFAULT, f, to, p, n, memorySize-3) // where the result goes
			g.want(eFAULT, f, to, memorySize-7, 1, 500)
			g.want(eFAULT, f, to, math.MaxUint32, 1, 500)
			g.want(eINVAL, f, to, p, 1025, 500)
			g.want(eINVAL, f, to, p, 500000, 500)
			g.want(eINVAL, f, to, p, math.MaxUint32, 500)
			p, n = g.vectors(1000, 100, 4, memorySize-1, 2)
			g.want(eFAULT, f, to, p, n, 500)
			p, n = g.vectors(1000, 100, 4, 4, math.MaxUint32)
			g.want(eFAULT, f, to, p, n, 500)
			p, n = g.vectors(1000, math.MaxUint32, 1)
			g.want(eFAULT, f, to, p, n, 500)
			g.want(ok, f, to, p, 0, 500)
			if g.u32(500) != 0 {
				t.Errorf("%s %d: moved %d", f, to, g.u32(500))
			}
		}
	}
	// Nothing of that moved the position; several buffers are filled in order.
	p, n := g.vectors(1000, 100, 3, 200, 0, 300, 5)
	g.want(ok, "fd_read", fd, p, n, 500)
	if g.u32(500) != 8 || string(g.bytes(100, 3)) != "abc" || string(g.bytes(300, 5)) != "defgh" {
		t.Errorf("%d %q %q", g.u32(500), g.bytes(100, 3), g.bytes(300, 5))
	}
	// A buffer over the table itself: the guest hurts only itself.
	p, n = g.vectors(1000, 1000, 16, 1000, 16)
	if e := g.call("fd_read", fd, p, n, 500); e != ok || g.u32(500) > 32 {
		t.Errorf("errno %d, moved %d", e, g.u32(500))
	}
	// The end of the file.
	g.want(ok, "fd_seek", fd, 0, 2, 600)
	p, n = g.vectors(1000, 100, 3)
	g.want(ok, "fd_read", fd, p, n, 500)
	if g.u32(500) != 0 || g.u64(600) != 800 {
		t.Errorf("read %d at %d", g.u32(500), g.u64(600))
	}
}

func TestFiles(t *testing.T) {
	engines(t, func(t *testing.T, c wazero.RuntimeConfig) {
		dir := t.TempDir()
		g := newGuest(t, c, scoped(t, dir, files.Limits{OpenFiles: 2, WriteBytes: 100, FilesCreated: 2}))
		fd, e := g.open("A/f", 1|4, rightRead|rightWrite, 0)
		if e != ok || fd != 4 {
			t.Fatal(e, fd)
		}
		p, n := g.vectors(1000, 100, 10)
		g.str(100, "0123456789")
		g.want(ok, "fd_write", fd, p, n, 500)
		g.want(ok, "fd_pwrite", fd, p, n, 5, 500)
		g.want(eINVAL, "fd_pwrite", fd, p, n, 1<<63, 500)
		g.want(eDQUOT, "fd_pwrite", fd, p, n, 1<<40, 500)
		g.want(ok, "fd_tell", fd, 500)
		if g.u64(500) != 10 {
			t.Error(g.u64(500))
		}
		g.want(ok, "fd_pread", fd, p, n, 3, 500)
		if string(g.bytes(100, 10)) != "3401234567" {
			t.Errorf("%q", g.bytes(100, 10))
		}
		g.want(ok, "fd_filestat_get", fd, 600)
		if g.u64(632) != 15 || g.bytes(616, 1)[0] != 4 {
			t.Errorf("size %d type %d", g.u64(632), g.bytes(616, 1)[0])
		}
		g.want(ok, "fd_filestat_set_size", fd, 3)
		g.want(eINVAL, "fd_filestat_set_size", fd, 1<<63)
		g.want(eDQUOT, "fd_filestat_set_size", fd, 1<<40)
		g.want(eINVAL, "fd_seek", fd, 0, 3, 600)
		g.want(eINVAL, "fd_seek", fd, math.MaxUint64, 0, 600)
		g.want(ok, "fd_sync", fd)
		g.want(ok, "fd_fdstat_get", fd, 600)
		if g.bytes(600, 1)[0] != 4 || g.u64(608)&(rightRead|rightWrite) != rightRead|rightWrite {
			t.Errorf("%x", g.bytes(600, 24))
		}
		if _, e := g.open("A/f", 4|1, rightWrite, 0); e != eEXIST {
			t.Error(e)
		}
		if _, e := g.open("A/f/", 1, rightWrite, 0); e != eISDIR {
			t.Error(e)
		}
		fd2, e := g.open("A/f", 0, rightWrite, 1)
		if e != ok {
			t.Fatal(e)
		}
		g.want(ok, "fd_fdstat_get", fd2, 600)
		if g.bytes(602, 1)[0] != 1 || g.u64(608)&(rightRead|rightWrite) != rightWrite {
			t.Errorf("%x", g.bytes(600, 24))
		}
		g.want(eBADF, "fd_read", fd2, p, n, 500)
		if _, e := g.open("A/f", 0, rightRead, 0); e != eMFILE {
			t.Error(e)
		}
		g.want(ok, "fd_close", fd2)
		g.want(eBADF, "fd_close", fd2)
		if fd3, e := g.open("A", 2, rightRead, 0); e != ok || fd3 == fd2 {
			t.Error(fd3, e)
		}
		for _, x := range []struct {
			path         string
			oflags, fdfl uint64
			e            uint32
		}{
			{"A/none", 0, 0, eNOENT}, {"/etc/passwd", 0, 0, eACCES}, {"../etc", 0, 0, eACCES}, {"B/x", 0, 0, eACCES}, {"", 0, 0, eINVAL},
			{"A/f\x00", 0, 0, eINVAL}, {"A/\xff", 0, 0, eILSEQ}, {"A/" + strings.Repeat("x", 300), 0, 0, eNAMETOOLONG},
			{"A/f", 16, 0, eINVAL}, {"A/f", 1 << 31, 0, eINVAL}, {"A/f", 0, 32, eINVAL}, {"A/f/x", 0, 0, eNOTDIR},
		} {
			if _, e := g.open(x.path, x.oflags, rightRead, x.fdfl); e != x.e && e != eMFILE {
				t.Errorf("open %.20q %d: %d, want %d", x.path, x.oflags, e, x.e)
			}
		}
	})
}

func TestPaths(t *testing.T) {
	dir := t.TempDir()
	must(t, os.MkdirAll(dir+"/d/e", 0o755))
	must(t, os.WriteFile(dir+"/f", []byte("text"), 0o600))
	must(t, os.Symlink("f", dir+"/l"))
	g := quick(t, scoped(t, dir, noLimits))
	path := func(at uint64, s string) []uint64 { return []uint64{3, at, g.str(at, s)} }
	one := func(s string) []uint64 { return path(0, s) }
	two := func(a, b string) []uint64 { return append(path(0, a), path(1000, b)...) }
	g.want(ok, "path_create_directory", one("A/new")...)
	g.want(eEXIST, "path_create_directory", one("A/new")...)
	g.want(ok, "path_remove_directory", one("A/new")...)
	g.want(eNOTEMPTY, "path_remove_directory", one("A/d")...)
	g.want(eNOTDIR, "path_remove_directory", one("A/f")...)
	g.want(eISDIR, "path_unlink_file", one("A/d")...)
	g.want(ok, "path_rename", two("A/f", "A/g")...)
	g.want(ok, "path_rename", two("A/d", "A/d2")...)
	g.want(eACCES, "path_rename", two("A/l", "A/l2")...)
	g.want(ok, "path_unlink_file", one("A/l")...)
	g.want(eNOENT, "path_unlink_file", one("A/l")...)
	must(t, os.Symlink("g", dir+"/l"))
	n := g.str(0, "A/l")
	g.want(eLOOP, "path_filestat_get", 3, 1, 0, n, 100)
	g.want(ok, "path_filestat_get", 3, 0, 0, n, 100)
	if g.bytes(116, 1)[0] != 7 {
		t.Error("no link")
	}
	if _, e := g.open("A/l", 0, rightRead, 0); e != eLOOP {
		t.Error(e)
	}
	g.want(eACCES, "path_readlink", 3, 0, n, 100, 100, 50)
	g.want(eACCES, "path_symlink", 0, n, 3, 0, n)
	g.want(eACCES, "path_link", 3, 0, 0, n, 3, 0, n)
	n = g.str(0, "A/g")
	g.want(ok, "path_filestat_set_times", 3, 1, 0, n, 11, 1e18, 1|4)
	g.want(ok, "path_filestat_get", 3, 1, 0, n, 100)
	if g.u64(140) != 11 || g.u64(148) != 1e18 {
		t.Errorf("%d %d", g.u64(140), g.u64(148))
	}
	for _, x := range [][]uint64{{0, 0, 3}, {0, 0, 12}, {0, 0, 16}, {1 << 63, 0, 1}, {0, 1 << 63, 4}} {
		g.want(eINVAL, "path_filestat_set_times", append([]uint64{3, 1, 0, n}, x...)...)
	}
	must(t, os.WriteFile(dir+"/d2/.hidden", nil, 0o600))
	g.want(eXDEV, "path_rename", two("A/d2", "A/d3")...)
}

// A bad pointer has no effect: nothing is opened or made.
func TestBadPointers(t *testing.T) {
	dir := t.TempDir()
	st := scoped(t, dir, noLimits)
	g := quick(t, st)
	n := g.str(0, "A/new")
	const bad = memorySize - 2
	g.want(eFAULT, "path_open", 3, 0, 0, n, 1, rightWrite, 0, 0, bad)
	g.want(eFAULT, "path_open", 3, 0, bad, n, 1, rightWrite, 0, 0, 0)
	g.want(eFAULT, "path_open", 3, 0, math.MaxUint32, n, 1, rightWrite, 0, 0, 0)
	g.want(eNAMETOOLONG, "path_open", 3, 0, 0, math.MaxUint32, 1, rightWrite, 0, 0, 0)
	g.want(eFAULT, "path_create_directory", 3, bad, n)
	g.want(eFAULT, "path_rename", 3, 0, n, 3, bad, n)
	g.want(eFAULT, "path_filestat_get", 3, 0, 0, n, bad)
	g.want(eFAULT, "fd_filestat_get", 3, bad)
	g.want(eFAULT, "fd_fdstat_get", 3, bad)
	g.want(eFAULT, "fd_prestat_get", 3, bad)
	g.want(eFAULT, "fd_prestat_dir_name", 3, memorySize, 1)
	g.want(eFAULT, "fd_readdir", 3, bad, 100, 0, 0)
	g.want(eFAULT, "fd_readdir", 3, 0, math.MaxUint32, 0, 0)
	g.want(eFAULT, "fd_readdir", 3, 0, 100, 0, bad)
	g.want(eFAULT, "fd_seek", 3, 0, 0, bad)
	g.want(eFAULT, "fd_tell", 3, bad)
	g.want(eFAULT, "clock_time_get", 0, 0, bad)
	g.want(eFAULT, "args_sizes_get", 0, bad)
	g.want(eFAULT, "environ_sizes_get", bad, 0)
	g.want(eFAULT, "random_get", bad, 100)
	g.want(eFAULT, "random_get", 0, math.MaxUint32)
	g.want(eFAULT, "poll_oneoff", bad, 0, 1, 0)
	g.want(eFAULT, "poll_oneoff", 0, bad, 1, 0)
	g.want(eFAULT, "poll_oneoff", 0, 0, 1, bad)
	if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
		t.Errorf("made %v, %v", names, err)
	}
	if open, _, _ := st.Files.Usage(); open != 0 {
		t.Errorf("%d files open", open)
	}
}

// wazero leaves garbage in the upper half of an i32; it is masked off.
func TestMask(t *testing.T) {
	engines(t, func(t *testing.T, c wazero.RuntimeConfig) {
		g := newGuest(t, c, &wasi.State{})
		const garbage = 0xdeadbeef << 32
		g.want(ok, "fd_prestat_get", 3|garbage, 100|garbage)
		g.want(ok, "random_get", 100|garbage, 10|garbage)
		g.want(ok, "clock_time_get", 1|garbage, 0, 100|garbage)
	})
}

func TestReaddir(t *testing.T) {
	dir := t.TempDir()
	var want []string
	for i := range 300 {
		n := strings.Repeat("n", i%50) + string(rune('a'+i%26)) + strings.Repeat("z", i/26)
		if os.WriteFile(dir+"/"+n, nil, 0o600) == nil && !slices.Contains(want, n) {
			want = append(want, n)
		}
	}
	slices.Sort(want)
	for _, size := range []uint64{100, 128, 1000, 4096, 100000} {
		g := quick(t, scoped(t, dir, noLimits))
		fd, e := g.open("A", 2, rightRead, 0)
		if e != ok {
			t.Fatal(e)
		}
		var got []string
		cookie := uint64(0)
		for done := false; !done; {
			g.want(ok, "fd_readdir", fd, 4096, size, cookie, 0)
			used := uint64(g.u32(0))
			if used > size {
				t.Fatalf("used %d of %d", used, size)
			}
			done = used < size
			b := g.bytes(4096, used)
			for len(b) >= 24 {
				n := uint64(binary.LittleEndian.Uint32(b[16:]))
				if uint64(len(b)) < 24+n {
					break
				}
				got = append(got, string(b[24:24+n]))
				cookie = binary.LittleEndian.Uint64(b)
				if b[20] != 4 {
					t.Errorf("%q has type %d", got[len(got)-1], b[20])
				}
				b = b[24+n:]
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("with %d bytes: %d names, want %d", size, len(got), len(want))
		}
		g.want(ok, "fd_readdir", fd, 4096, 0, 0, 0)
		g.want(ok, "fd_readdir", fd, 4096, 10, 0, 0)
		if g.u32(0) != 10 {
			t.Errorf("used %d of 10", g.u32(0))
		}
	}
}
