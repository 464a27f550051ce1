package wasi_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/files"
	"github.com/ambit-wasm/ambit/host/internal/wasi"
)

var noLimits files.Limits

// Output never fails and never grows beyond its limit.
func TestOutput(t *testing.T) {
	engines(t, func(t *testing.T, c wazero.RuntimeConfig) {
		var got bytes.Buffer
		var streams []int
		out := &wasi.Output{Limit: 10, Sink: func(stream int, p []byte) { streams = append(streams, stream); got.Write(p) }}
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

func TestClock(t *testing.T) {
	g := quick(t, &wasi.State{})
	for id := range uint64(2) {
		last := uint64(0)
		for range 1000 {
			g.want(ok, "clock_time_get", id, 0, 100)
			now := g.u64(100)
			if now == 0 || int64(now) < 0 || now < last || now%uint64(time.Millisecond) != 0 {
				t.Fatalf("clock %d: %d after %d", id, now, last)
			}
			last = now
		}
	}
	if d := time.Since(time.Unix(0, int64(g.u64(100)))); d < 0 && d > -time.Hour {
		t.Error(d)
	}
	g.want(eINVAL, "clock_time_get", 2, 0, 100)
	g.want(eINVAL, "clock_time_get", math.MaxUint32, 0, 100)
}

func TestRandom(t *testing.T) {
	g := quick(t, &wasi.State{RandomBytes: 100})
	g.want(ok, "random_get", 0, 60)
	first := bytes.Clone(g.bytes(0, 60))
	if bytes.Count(first, []byte{0}) > 20 {
		t.Errorf("%x", first)
	}
	g.want(ok, "random_get", 0, 40)
	if bytes.Equal(first[:40], g.bytes(0, 40)) {
		t.Error("the same again")
	}
	g.want(ok, "random_get", 0, 0)
	_, err := g.try("random_get", 0, 1)
	var a *wasi.Abort
	if !errors.As(err, &a) || a.Code != authority.CodeCallLimit {
		t.Error(err)
	}
	g = quick(t, nil)
	for range 20 {
		g.want(ok, "random_get", 0, memorySize)
	}
}

// subscription writes one at 48*i: of a clock, or of a descriptor.
func (g *guest) subscription(i int, user uint64, kind byte, id uint32, wait uint64, flags uint16) {
	b := make([]byte, 48)
	le := binary.LittleEndian
	le.PutUint64(b, user)
	b[8] = kind
	le.PutUint32(b[16:], id)
	le.PutUint64(b[24:], wait)
	le.PutUint16(b[40:], flags)
	g.put(uint64(48*i), b...)
}

func (g *guest) events(n int) (users []uint64, errnos []uint16) {
	for i := range n {
		b := g.bytes(uint64(20000+32*i), 32)
		users = append(users, binary.LittleEndian.Uint64(b))
		errnos = append(errnos, binary.LittleEndian.Uint16(b[8:]))
	}
	return users, errnos
}

func TestPoll(t *testing.T) {
	g := quick(t, &wasi.State{})
	const second = uint64(time.Second)
	poll := func(n int) ([]uint64, []uint16) {
		t.Helper()
		g.want(ok, "poll_oneoff", 0, 20000, uint64(n), 30000)
		return g.events(int(g.u32(30000)))
	}
	start := time.Now()
	g.subscription(0, 7, 0, 1, 20e6, 0)
	g.subscription(1, 8, 0, 1, 3600*second, 0)
	if users, _ := poll(2); !slices.Equal(users, []uint64{7}) || time.Since(start) < 20*time.Millisecond {
		t.Error(users, time.Since(start))
	}
	// In the past, at once, on what does not exist, on descriptors: no waiting.
	g.subscription(0, 1, 0, 0, 1, 1)
	g.subscription(1, 2, 0, 1, 0, 0)
	g.subscription(2, 3, 0, 9, second, 0)
	g.subscription(3, 4, 9, 0, second, 0)
	g.subscription(4, 5, 1, 0, 0, 0)
	g.subscription(5, 6, 2, 2, 0, 0)
	g.subscription(6, 7, 1, 77, 0, 0)
	g.subscription(7, 8, 0, 0, math.MaxUint64, 1)
	users, errnos := poll(8)
	if !slices.Equal(users, []uint64{1, 2, 3, 4, 5, 6, 7}) || !slices.Equal(errnos, []uint16{0, 0, eINVAL, eINVAL, 0, 0, eBADF}) {
		t.Error(users, errnos)
	}
	for _, n := range []uint64{0, 257, 1 << 31, math.MaxUint32} {
		g.want(eINVAL, "poll_oneoff", 0, 20000, n, 30000)
	}
	// Events over their own subscriptions.
	g.subscription(0, 1, 1, 0, 0, 0)
	g.subscription(1, 2, 1, 0, 0, 0)
	g.want(ok, "poll_oneoff", 0, 0, 2, 30000)
	if g.u32(30000) != 2 || g.u64(0) != 1 || g.u64(32) != 2 {
		t.Error(g.u32(30000), g.u64(0), g.u64(32))
	}
}

// A sleep ends with the context of the call, and the budget is asked meanwhile.
func TestSleepEnds(t *testing.T) {
	engines(t, func(t *testing.T, c wazero.RuntimeConfig) {
		asked, stop := 0, 1<<30
		revoked := errors.New("revoked")
		st := &wasi.State{Charge: func(int) error {
			if asked++; asked > stop {
				return revoked
			}
			return nil
		}}
		g := newGuest(t, c, st)
		g.subscription(0, 1, 0, 1, math.MaxUint64, 0)
		g.subscription(1, 1, 0, 0, math.MaxUint64, 1)
		for want, ctx := range map[authority.Code]func() (context.Context, context.CancelFunc){
			authority.CodeDeadline: func() (context.Context, context.CancelFunc) {
				return context.WithTimeout(context.Background(), 120*time.Millisecond)
			},
			authority.CodeCanceled: func() (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(context.Background())
				time.AfterFunc(20*time.Millisecond, cancel)
				return ctx, cancel
			},
		} {
			ctx, cancel := ctx()
			g.ctx = with(ctx, st)
			_, err := g.try("poll_oneoff", 0, 20000, 2, 30000)
			cancel()
			var a *wasi.Abort
			if !errors.As(err, &a) || a.Code != want {
				t.Errorf("%s: %v", want, err)
			}
		}
		if asked < 3 {
			t.Errorf("asked %d times", asked)
		}
		g.ctx, asked, stop = with(context.Background(), st), 0, 2
		if _, err := g.try("poll_oneoff", 0, 20000, 2, 30000); !errors.Is(err, revoked) {
			t.Error(err)
		}
	})
}
