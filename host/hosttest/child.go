package hosttest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/ambit-wasm/ambit/host/internal/printable"
)

const (
	// childVariable is set in the environment of a child process.
	childVariable = "AMBIT_HOSTTEST_CHILD"

	// childMark begins the lines of a child's output that are results.
	childMark = "hosttest-result:"

	// childMemory is how much memory a child may have, in bytes, and childTime how
	// long it may take for a case. A case has its own time, which is shorter: it does
	// not end if the process is stuck.
	childMemory = 352 << 20
	childTime   = tries*longestCase + 10*time.Second
)

// IsChild reports whether this process was started to run cases for another one: it
// has to call [Serve].
func IsChild() bool { return os.Getenv(childVariable) != "" }

// Serve runs the cases whose names it reads from in, a line each, and writes their
// results to out. It is for a child process whose in and out are standard input and
// output.
func Serve(ctx context.Context, open Open, in io.Reader, out io.Writer) error {
	byName := make(map[string]Case)
	for _, c := range cases() {
		byName[c.Name] = c
	}
	a := NewAttacker(open, nil)
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		c, ok := byName[lines.Text()]
		if !ok {
			return fmt.Errorf("hosttest: there is no case %q", lines.Text())
		}
		b, err := json.Marshal(a.Attack(ctx, c))
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "\n%s%s\n", childMark, b); err != nil {
			return err
		}
		if residentBytes(os.Getpid()) > childMemory/2 { // the next case is to have its own
			debug.FreeOSMemory()
		}
	}
	return a.Close()
}

// other is a child process. A nil one is none.
type other struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	results chan Result // closed when it is gone
	errors  tail
	watch   sync.WaitGroup

	mu     sync.Mutex
	killed string // why
}

// attackElsewhere runs a case in the child, which is started if there is none.
func (a *Attacker) attackElsewhere(ctx context.Context, c Case) Result {
	failed := func(format string, args ...any) Result {
		a.other.stop()
		a.other = nil
		return Result{Case: c.Name, Happened: "the process is gone", Breaches: []string{fmt.Sprintf(format, args...)}}
	}
	if a.other == nil {
		o, err := start(ctx, a.child)
		if err != nil {
			return failed("it did not run: %v", err)
		}
		a.other = o
	}
	o := a.other
	if _, err := fmt.Fprintln(o.in, c.Name); err != nil {
		return failed("it did not run: %v", err)
	}
	timer := time.AfterFunc(childTime, func() { o.kill(fmt.Sprintf("it did not end in %v", childTime)) })
	defer timer.Stop()
	if r, ok := <-o.results; ok {
		return r
	}
	err := o.wait()
	if o.killed != "" {
		return failed("%s", o.killed)
	}
	return failed("it took the process down: %v: %s", err, printable.Cut(o.errors.head(), 300))
}

func start(ctx context.Context, child func(context.Context) *exec.Cmd) (*other, error) {
	o := &other{cmd: child(ctx), results: make(chan Result)}
	if o.cmd.Env == nil {
		o.cmd.Env = os.Environ()
	}
	o.cmd.Env = append(o.cmd.Env, childVariable+"=1")
	o.cmd.Stderr = &o.errors
	in, err := o.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := o.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := o.cmd.Start(); err != nil {
		return nil, err
	}
	o.in = in
	gone := make(chan struct{})
	o.watch.Go(func() {
		defer close(gone)
		defer close(o.results)
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var r Result
			if text, ok := bytes.CutPrefix(lines.Bytes(), []byte(childMark)); ok && json.Unmarshal(text, &r) == nil {
				o.results <- r
			}
		}
	})
	o.watch.Go(func() {
		for {
			select {
			case <-gone:
				return
			case <-time.After(20 * time.Millisecond):
			}
			if n := residentBytes(o.cmd.Process.Pid); n > childMemory {
				o.kill(fmt.Sprintf("it took %d MiB of memory, more than %d", n>>20, childMemory>>20))
			}
		}
	})
	return o, nil
}

func (o *other) kill(why string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.killed == "" {
		o.killed = why
		_ = o.cmd.Process.Kill()
	}
}

// wait waits for the end of the process.
func (o *other) wait() error {
	o.watch.Wait()
	return o.cmd.Wait()
}

// stop ends the process, which has nothing to do.
func (o *other) stop() {
	if o == nil {
		return
	}
	_ = o.in.Close()
	timer := time.AfterFunc(childTime, func() { o.kill("") })
	defer timer.Stop()
	for range o.results { // those of a case that was given up
	}
	_ = o.wait()
}

// tail keeps the beginning of what a child writes to standard error.
type tail struct {
	mu sync.Mutex
	b  []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p[:min(len(p), 4096-len(t.b))]...)
	return len(p), nil
}

// head is the first line that says something.
func (t *tail) head() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for line := range strings.Lines(string(t.b)) {
		if line = strings.TrimSpace(line); line != "" {
			return line
		}
	}
	return "it says nothing"
}

// residentBytes is the memory that a process has now, or 0 where the system does
// not tell.
func residentBytes(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	var size, resident int64
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		return 0
	}
	return resident * int64(os.Getpagesize())
}
