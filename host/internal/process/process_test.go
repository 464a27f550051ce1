//go:build linux

package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary is the program: its first argument says what it does.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && strings.HasPrefix(os.Args[1], "child:") {
		child(strings.TrimPrefix(os.Args[1], "child:"), os.Args[2:])
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(what string, args []string) {
	switch what {
	case "args":
		fmt.Printf("%q", args)
	case "env":
		for _, v := range os.Environ() {
			if !strings.HasPrefix(v, markerVariable+"=") {
				fmt.Println(v)
			}
		}
	case "dir":
		dir, _ := os.Getwd()
		names, _ := os.ReadDir(".")
		_ = os.WriteFile("left", []byte("x"), 0o600)
		fmt.Print(dir, " ", len(names))
	case "fds":
		names, _ := os.ReadDir("/proc/self/fd")
		for _, n := range names {
			if to, err := os.Readlink("/proc/self/fd/" + n.Name()); err == nil {
				fmt.Println(to)
			}
		}
	case "echo":
		_, _ = io.Copy(os.Stdout, os.Stdin)
	case "both":
		fmt.Print("out")
		fmt.Fprint(os.Stderr, "err")
	case "exit":
		code, _ := strconv.Atoi(args[0])
		os.Exit(code)
	case "flood":
		for {
			_, _ = os.Stdout.Write(make([]byte, 1<<16))
		}
	case "sleep":
		fmt.Println("ready")
		time.Sleep(time.Hour)
	case "closed": // lives on without its output
		fmt.Println("ready")
		_ = os.Stdout.Close()
		_ = os.Stderr.Close()
		time.Sleep(time.Hour)
	case "family", "daemon", "orphan": // starts others, which hold its output
		for i := range 3 {
			c := exec.Command(os.Args[0], "child:sleep")
			c.Stdout = os.Stdout
			c.SysProcAttr = &syscall.SysProcAttr{Setsid: what != "family"}
			if what == "orphan" && i == 0 { // whose parent is gone soon
				c = exec.Command(os.Args[0], "child:daemon-and-exit")
				c.Stdout = os.Stdout
			}
			if err := c.Start(); err != nil {
				fmt.Println(err)
			}
			fmt.Println(c.Process.Pid)
		}
		if len(args) > 0 { // the first process exits, the others stay
			return
		}
		time.Sleep(time.Hour)
	case "daemon-and-exit":
		c := exec.Command(os.Args[0], "child:sleep")
		c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		_ = c.Start()
	}
}

func start(t *testing.T, s Spec) *Process {
	t.Helper()
	p, err := Start(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func spec(what string, args ...string) Spec {
	return Spec{File: os.Args[0], Args: append([]string{"child:" + what}, args...)}
}

// collect reads all output of a program.
func collect(t *testing.T, p *Process) (stdout, stderr string, s Status) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		c, err := p.Read(ctx)
		if err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if c.Stderr {
			stderr += string(c.Data)
		} else {
			stdout += string(c.Data)
		}
	}
	s, err := p.Wait(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return stdout, stderr, s
}

func TestRun(t *testing.T) {
	t.Setenv("CANARY", "canary-4d2f")
	args := []string{"a b", "", "$HOME", "`id`", "'", "\"", "*", "--", "-x"}
	if out, _, _ := collect(t, start(t, spec("args", args...))); out != fmt.Sprintf("%q", args) {
		t.Errorf("arguments %s", out)
	}
	out, _, _ := collect(t, start(t, spec("env")))
	if strings.Contains(out, "canary") || !strings.Contains(out, "PATH=") || len(strings.Fields(out)) > 6 {
		t.Errorf("environment %s", out)
	}
	p := start(t, spec("dir"))
	if out, _, _ := collect(t, p); out != p.dir+" 0" {
		t.Errorf("directory %s, want %s", out, p.dir)
	}
	if _, err := os.Stat(p.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its folder is left: %v", err)
	}
	if out, errs, s := collect(t, start(t, spec("both"))); out != "out" || errs != "err" || s != (Status{}) {
		t.Errorf("%q, %q, %v", out, errs, s)
	}
	if _, _, s := collect(t, start(t, spec("exit", "7"))); s != (Status{Code: 7}) {
		t.Errorf("%v", s)
	}
	if out, _, _ := collect(t, start(t, spec("echo"))); out != "" {
		t.Errorf("without input it read %q", out)
	}
	in := spec("echo")
	in.Stdin = true
	p = start(t, in)
	if err := p.Write(t.Context(), []byte("hello")); err != nil {
		t.Error(err)
	}
	p.CloseInput()
	if out, _, _ := collect(t, p); out != "hello" {
		t.Errorf("%q", out)
	}
	if err := p.Write(t.Context(), []byte("x")); err == nil {
		t.Error("input was taken after its end")
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("here", []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"", "no-such-program", "here", "./here", filepath.Join(dir, "none"), dir, "a\x00b"} {
		if p, err := Start(Spec{File: file}); !errors.Is(err, ErrFile) {
			t.Errorf("%q: %v", file, err)
			if err == nil {
				_ = p.Close()
			}
		}
	}
	t.Setenv("PATH", ".")
	if _, err := Start(Spec{File: "here"}); !errors.Is(err, ErrFile) {
		t.Errorf("by a relative PATH: %v", err)
	}
	t.Setenv("PATH", filepath.Dir(os.Args[0]))
	s := spec("both")
	s.File = filepath.Base(os.Args[0])
	if out, _, _ := collect(t, start(t, s)); out != "out" {
		t.Errorf("control, by PATH: %q", out)
	}
}

// TestDescriptors: a program gets none that the host has open, not even those
// that are not marked to be closed.
func TestDescriptors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "canary")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	bare, err := syscall.Dup(int(f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(bare)
	out, err := exec.Command(os.Args[0], "child:fds").Output()
	if err != nil || !strings.Contains(string(out), file) {
		t.Errorf("control: %s, %v", out, err)
	}
	if out, _, _ := collect(t, start(t, spec("fds"))); strings.Contains(out, file) || !strings.Contains(out, "/dev/null") {
		t.Errorf("descriptors %s", out)
	}
}

// TestEnds: nothing of a program is left when it is closed, its context ends, or
// its first process exits, whatever its processes do to stay.
func TestEnds(t *testing.T) {
	for _, what := range []string{"sleep", "closed", "flood", "family", "daemon", "orphan"} {
		for _, how := range []string{"close", "exit"} {
			if how == "exit" && !slices.Contains([]string{"family", "daemon", "orphan"}, what) {
				continue
			}
			t.Run(what+"/"+how, func(t *testing.T) {
				s := spec(what)
				if how == "exit" {
					s = spec(what, "exit")
				}
				p := start(t, s)
				if what != "flood" && how == "close" {
					want := map[string]int{"family": 6, "daemon": 6, "orphan": 5}[what] // lines
					for lines := 0; lines < max(want, 1); {
						c, err := p.Read(t.Context())
						if err != nil {
							t.Fatal(err)
						}
						lines += strings.Count(string(c.Data), "\n")
					}
				}
				if how == "exit" {
					collect(t, p)
				}
				if err := p.Close(); err != nil {
					t.Error(err)
				}
				if left := descendants(p.cmd.Process.Pid, p.marker); len(left) > 0 {
					t.Errorf("left: %v", left)
				}
			})
		}
	}
}

func TestContext(t *testing.T) {
	for name, f := range map[string]func(context.Context, *Process) error{
		"read":  func(ctx context.Context, p *Process) error { _, err := p.Read(ctx); return err },
		"wait":  func(ctx context.Context, p *Process) error { _, err := p.Wait(ctx); return err },
		"write": func(ctx context.Context, p *Process) error { return p.Write(ctx, make([]byte, 1<<20)) },
	} {
		s := spec("sleep")
		s.Stdin = true
		p := start(t, s)
		if _, err := p.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if err := f(ctx, p); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
}

// TestNothingLeft: no goroutine, descriptor or folder stays of many programs.
func TestNothingLeft(t *testing.T) {
	count := func() (int, int) {
		fds, _ := os.ReadDir("/proc/self/fd")
		return len(fds), runtime.NumGoroutine()
	}
	fds, goroutines := count()
	for i := range 30 {
		p := start(t, spec([]string{"both", "flood", "sleep"}[i%3]))
		_, _ = p.Read(t.Context())
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	for range 100 {
		if f, g := count(); f <= fds && g <= goroutines {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	f, g := count()
	t.Errorf("%d descriptors and %d goroutines, before %d and %d", f, g, fds, goroutines)
}
