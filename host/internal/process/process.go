// Package process runs programs for modules: one file with its arguments, no
// shell, nothing of the host's environment, and an end for all that it started.
//
// A program gets its arguments as they are, a few variables that have nothing of
// the host's ([Environment]), an empty folder of its own, and the descriptors 0, 1
// and 2. It runs in a process group of its own. When its first process exits, or
// is killed, so are all others: the group, and on Linux also those that left it,
// which are found by their parents and by a variable that only they have. On Linux
// it dies with the host, too.
//
// On Linux, descriptors that the host itself inherited are marked so that no
// program gets them; those that Go opens are so anyway.
//
// Not protected: a program runs as the host's user, with all that this user may
// do. A process that leaves its group, lets itself be adopted and clears its
// environment is not found; on systems other than Linux, leaving the group is
// enough, and on Windows only the first process is killed. Who may replace the
// file of a program decides what runs.
package process

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

// Spec says what is run.
type Spec struct {
	File  string   // absolute, or a name that is looked up in the host's PATH
	Args  []string // without the program's own name
	Stdin bool     // it is given input; else that is empty
}

// Chunk is a piece of output.
type Chunk struct {
	Stderr bool // else of stdout
	Data   []byte
}

// Status is how a program ended.
type Status struct {
	Code   int    // -1 if a signal ended it
	Signal string // or ""
}

// Process is a program that runs. Its methods are for one goroutine at a time.
type Process struct {
	cmd    *exec.Cmd
	dir    string
	marker string
	stdin  io.WriteCloser // nil: none, or closed

	output chan Chunk // closed when there is no more
	kill   chan struct{}
	once   sync.Once
	ended  chan struct{} // all of it is gone
	status Status
}

// chunkSize is how much output is read at a time, in bytes.
const chunkSize = 32 << 10

// markerVariable is how processes are found that a program has started.
const markerVariable = "AMBIT_RUN"

// Environment returns the variables of a program whose folder is dir.
func Environment(dir string) []string {
	if runtime.GOOS == "windows" {
		root := os.Getenv("SystemRoot")
		return []string{"SystemRoot=" + root, "PATH=" + root + `\System32;` + root, "TEMP=" + dir, "TMP=" + dir, "USERPROFILE=" + dir}
	}
	return []string{"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=" + dir, "TMPDIR=" + dir, "LANG=C.UTF-8"}
}

// ErrFile is that a program's file cannot be run.
var ErrFile = errors.New("the program cannot be found or run")

// Start runs a program. It must be closed.
func Start(s Spec) (*Process, error) {
	file, err := exec.LookPath(s.File)
	if err == nil && !filepath.IsAbs(file) {
		err = errors.New("PATH leads to a folder that is not absolute")
	}
	if err == nil && runtime.GOOS == "windows" && isBatch(file) {
		err = errors.New("batch files read their arguments as a shell does")
	}
	if err != nil {
		return nil, errors.Join(ErrFile, err)
	}
	dir, err := os.MkdirTemp("", "ambit-run-")
	if err != nil {
		return nil, err
	}
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	p := &Process{
		dir: dir, marker: markerVariable + "=" + hex.EncodeToString(id[:]),
		output: make(chan Chunk, 2), kill: make(chan struct{}), ended: make(chan struct{}),
	}
	p.cmd = &exec.Cmd{
		Path: file, Args: append([]string{s.File}, s.Args...), Dir: dir, Env: append(Environment(dir), p.marker), SysProcAttr: attributes(),
	}
	if err := p.start(s.Stdin); err != nil {
		return nil, errors.Join(ErrFile, err, os.RemoveAll(dir))
	}
	return p, nil
}

func isBatch(file string) bool {
	ext := strings.ToLower(filepath.Ext(file))
	return ext == ".bat" || ext == ".cmd"
}

// start starts the process, and what looks after it. The pipes are made here and
// not by exec, whose Wait would close them before all is read.
func (p *Process) start(stdin bool) error {
	var files []*os.File
	pipe := func() (r, w *os.File, err error) {
		r, w, err = os.Pipe()
		if err == nil {
			files = append(files, r, w)
		}
		return r, w, err
	}
	outR, outW, err1 := pipe()
	errR, errW, err2 := pipe()
	theirs := []*os.File{outW, errW}
	var err3 error
	if stdin {
		var r, w *os.File
		if r, w, err3 = pipe(); err3 == nil {
			p.cmd.Stdin, p.stdin = r, w
			theirs = append(theirs, r)
		}
	}
	p.cmd.Stdout, p.cmd.Stderr = outW, errW
	err := errors.Join(err1, err2, err3)
	if err == nil {
		started := make(chan error)
		go p.lookAfter(started)
		err = <-started
	}
	if err != nil {
		for _, f := range files {
			_ = f.Close()
		}
		return err
	}
	for _, f := range theirs {
		_ = f.Close()
	}
	var pumps sync.WaitGroup
	pumps.Go(func() { p.pump(outR, false) })
	pumps.Go(func() { p.pump(errR, true) })
	go func() {
		pumps.Wait()
		close(p.output)
	}()
	return nil
}

// lookAfter starts the process, waits for its end or for that it is killed, and
// ends all that is left. It keeps its thread, since a process that is to die with
// its parent dies with the thread that started it.
func (p *Process) lookAfter(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	keepDescriptors()
	if err := p.cmd.Start(); err != nil {
		started <- err
		return
	}
	started <- nil
	pid, exited := p.cmd.Process.Pid, make(chan struct{})
	var killer sync.WaitGroup
	killer.Go(func() {
		select {
		case <-p.kill:
			killAll(pid, p.marker)
		case <-exited:
		}
	})
	awaitExit(p.cmd)
	close(exited)
	killer.Wait()
	killAll(pid, p.marker)
	_ = p.cmd.Wait() // if that was not done yet; the state says it all
	p.status = statusOf(p.cmd.ProcessState)
	_ = os.RemoveAll(p.dir)
	close(p.ended)
}

// pump hands output on, and throws away what comes after the kill.
func (p *Process) pump(r *os.File, stderr bool) {
	defer func() { _ = r.Close() }()
	for {
		b := make([]byte, chunkSize)
		n, err := r.Read(b)
		if n > 0 {
			select {
			case p.output <- Chunk{stderr, b[:n]}:
			case <-p.kill:
			}
		}
		if err != nil {
			return
		}
	}
}

// Read returns the next piece of output, and [io.EOF] when there is no more.
func (p *Process) Read(ctx context.Context) (Chunk, error) {
	select {
	case c, ok := <-p.output:
		if !ok {
			return Chunk{}, io.EOF
		}
		return c, nil
	case <-ctx.Done():
		return Chunk{}, context.Cause(ctx)
	}
}

// Write gives input. It returns when the program, or the pipe to it, took it.
func (p *Process) Write(ctx context.Context, b []byte) error {
	if p.stdin == nil {
		return errors.New("it takes no input")
	}
	defer context.AfterFunc(ctx, p.Kill)() // which ends a write that waits
	_, err := p.stdin.Write(b)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// CloseInput ends the input.
func (p *Process) CloseInput() {
	if p.stdin != nil {
		_ = p.stdin.Close()
		p.stdin = nil
	}
}

// Wait throws away the output that is left and returns how the program ended.
func (p *Process) Wait(ctx context.Context) (Status, error) {
	p.CloseInput()
	for {
		if _, err := p.Read(ctx); err == io.EOF { //nolint:errorlint // Read returns it bare
			break
		} else if err != nil {
			return Status{}, err
		}
	}
	select {
	case <-p.ended:
		return p.status, nil
	case <-ctx.Done():
		return Status{}, context.Cause(ctx)
	}
}

// Kill begins to end the program and all that it started. It may be called by any
// goroutine.
func (p *Process) Kill() { p.once.Do(func() { close(p.kill) }) }

// Close kills what runs, and waits until it is gone.
func (p *Process) Close() error {
	p.Kill()
	p.CloseInput()
	<-p.ended
	return nil
}
