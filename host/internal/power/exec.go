package power

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/process"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

const (
	mostArgs     = 256       // of a program
	mostArgBytes = 128 << 10 // all together
)

// Exec is what the sessions of a module share for the power exec.
type Exec struct {
	Programs int64 // that one call may have running
	Output   int64 // bytes that it may read of them
}

// run is a program that a session has running. It implements [io.Closer].
type run struct {
	s *Session
	*process.Process
}

// Close ends the program.
func (r *run) Close() error {
	r.s.running--
	return r.Process.Close()
}

// execStart is {program: string, args: [string]?, stdin: bool?} -> the number of
// the program, which runs until it exits, is killed or the call ends.
func execStart(s *Session, a *args, out []byte) ([]byte, *Error) {
	program, argv, stdin := strings.Clone(a.str("program")), a.strs("args", mostArgs), a.flag("stdin")
	size := 0
	for i := range argv {
		argv[i] = strings.Clone(argv[i])
		size += len(argv[i])
		if strings.Contains(argv[i], "\x00") {
			a.fail("args")
		}
	}
	if size > mostArgBytes {
		a.fail("args")
	}
	if err := a.done(); err != nil {
		return nil, err
	}
	running, code := s.grant.Run(program, argv)
	if code != authority.CodeAllowed {
		return nil, s.Refuse(authority.PowerExec, code, strings.Join(append([]string{program}, argv...), " "), "program", program)
	}
	if err := s.room(); err != nil {
		return nil, err
	}
	if s.running >= s.means.Exec.Programs {
		return nil, &Error{authority.CodeQuota, "the call has too many programs running"}
	}
	_ = s.call.Blocking() // starting one takes some milliseconds
	p, err := process.Start(process.Spec{File: running.Cmd, Args: argv, Stdin: stdin})
	if err != nil {
		s.failed(authority.PowerExec, program, err)
		return nil, &Error{authority.CodeHostError, "the program could not be started"}
	}
	s.running++
	return wire.AppendUint(out, s.hold(&run{s, p})), nil
}

// execRead is {id} -> {stream: "stdout" or "stderr", data: bin}, whatever comes
// next; nil when there is no more.
func execRead(s *Session, a *args, out []byte) ([]byte, *Error) {
	id := a.number("id")
	r, refused := s.run(a, id)
	if refused != nil {
		return nil, refused
	}
	chunk, err := r.Read(s.call.Blocking())
	if err == io.EOF { //nolint:errorlint // Read returns it bare
		return wire.AppendNil(out), nil
	}
	if err != nil {
		return nil, s.execError(err)
	}
	if s.output += int64(len(chunk.Data)); s.output > s.means.Exec.Output {
		r.Kill()
		return nil, &Error{authority.CodeQuota, "the programs of the call printed more than they may"}
	}
	stream := "stdout"
	if chunk.Stderr {
		stream = "stderr"
	}
	out = wire.AppendStr(wire.AppendStr(wire.AppendMap(out, 2), "stream"), stream)
	return wire.AppendBin(wire.AppendStr(out, "data"), chunk.Data), nil
}

// execWrite is {id, data: bin, end: bool?} -> nil, when the program or the pipe to
// it took the data.
func execWrite(s *Session, a *args, out []byte) ([]byte, *Error) {
	data, end := a.bin("data"), a.flag("end")
	id := a.number("id")
	r, refused := s.run(a, id)
	if refused != nil {
		return nil, refused
	}
	if len(data) > 0 {
		if err := r.Write(s.call.Blocking(), data); err != nil {
			return nil, s.execError(err)
		}
	}
	if end {
		r.CloseInput()
	}
	return wire.AppendNil(out), nil
}

// execWait is {id} -> {code: int, signal: string}. It throws away the output that
// was not read. The program is gone then, and its number with it.
func execWait(s *Session, a *args, out []byte) ([]byte, *Error) {
	id := a.number("id")
	r, refused := s.run(a, id)
	if refused != nil {
		return nil, refused
	}
	status, err := r.Wait(s.call.Blocking())
	if err != nil {
		return nil, s.execError(err)
	}
	_ = s.release(id)
	out = wire.AppendInt(wire.AppendStr(wire.AppendMap(out, 2), "code"), int64(status.Code))
	return wire.AppendStr(wire.AppendStr(out, "signal"), strings.ToValidUTF8(status.Signal, "")), nil
}

// execKill is {id} -> nil. What the program printed last may be lost.
func execKill(s *Session, a *args, out []byte) ([]byte, *Error) {
	id := a.number("id")
	r, refused := s.run(a, id)
	if refused != nil {
		return nil, refused
	}
	r.Kill()
	return wire.AppendNil(out), nil
}

// run is the program of a number, once the arguments are read.
func (s *Session) run(a *args, id uint64) (*run, *Error) {
	if err := a.done(); err != nil {
		return nil, err
	}
	return held[*run](s, id)
}

func (s *Session) execError(err error) *Error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return &Error{authority.CodeDeadline, "the call has ended"}
	}
	return &Error{codeUnreachable, "the program takes no input"}
}
