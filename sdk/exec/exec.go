// Package exec runs programs of the host, in the shape of os/exec.
//
// A command needs the power exec, and a scope entry for the program with exactly
// these arguments, like { program = "git", args = ["log", { validator = "[a-z]+" }] };
// otherwise errors are [sdk.ErrDenied]. There is no shell, nothing of the host's
// environment, and an empty folder. A program ends with the call, and so does all
// that it started; when its first process exits, the others end, too.
package exec

import (
	"io"

	"github.com/ambit-wasm/ambit/sdk"
	"github.com/ambit-wasm/ambit/sdk/internal/abi"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// Cmd is a program to be run once.
type Cmd struct {
	Program string // as scope entries name it
	Args    []string
	Stdin   io.Reader // read to its end before any output; nil: the input is empty
	Stdout  io.Writer // nil: thrown away
	Stderr  io.Writer // nil: thrown away
}

// Command returns a Cmd with the program and its arguments.
func Command(program string, args ...string) *Cmd { return &Cmd{Program: program, Args: args} }

// ExitError is that a program did not end with 0.
type ExitError struct {
	Code   int    // -1 if a signal ended it
	Signal string // or ""
	Stderr []byte // what [Cmd.Output] read of it
}

// Error says how it ended.
func (e *ExitError) Error() string {
	if e.Signal != "" {
		return "signal: " + e.Signal
	}
	return "exit status " + itoa(e.Code)
}

func itoa(n int) string {
	if n < 0 {
		return "-" + itoa(-n)
	}
	if n >= 10 {
		return itoa(n/10) + itoa(n%10)
	}
	return string(rune('0' + n))
}

// Run runs the program and waits for it. The error is an [*ExitError] if it ran
// and did not end with 0.
func (c *Cmd) Run() error {
	p, err := Start(c.Program, c.Args, c.Stdin != nil)
	if err != nil {
		return err
	}
	if c.Stdin != nil {
		if _, err := io.Copy(p, c.Stdin); err != nil && !isGone(err) {
			return err
		}
		if err := p.CloseInput(); err != nil {
			return err
		}
	}
	for {
		chunk, err := p.Read()
		if err == io.EOF { //nolint:errorlint // it is bare
			return p.Wait()
		}
		if err != nil {
			return err
		}
		to := c.Stdout
		if chunk.Stderr {
			to = c.Stderr
		}
		if to == nil {
			continue
		}
		if _, err := to.Write(chunk.Data); err != nil {
			return err
		}
	}
}

// isGone reports whether the program reads no more, which its exit tells better.
func isGone(err error) bool {
	e, ok := err.(*sdk.PowerError) //nolint:errorlint // it is bare, and errors.As makes guests larger
	return ok && e.Code == "unreachable"
}

type collector struct{ b []byte }

func (c *collector) Write(p []byte) (int, error) {
	c.b = append(c.b, p...)
	return len(p), nil
}

// Output is Run, and returns what the program printed.
func (c *Cmd) Output() ([]byte, error) {
	var out, errs collector
	c.Stdout = &out
	if c.Stderr == nil {
		c.Stderr = &errs
	}
	err := c.Run()
	if e, ok := err.(*ExitError); ok { //nolint:errorlint // it is bare
		e.Stderr = errs.b
	}
	return out.b, err
}

// CombinedOutput is Run, and returns what the program printed, on both streams.
func (c *Cmd) CombinedOutput() ([]byte, error) {
	var out collector
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	return out.b, err
}

// Process is a program that runs.
type Process struct{ id uint64 }

// Start runs a program, whose output has to be read for it to go on. With input it
// reads what is written.
func Start(program string, args []string, input bool) (*Process, error) {
	b := wire.AppendStr(wire.AppendStr(wire.AppendMap(nil, 3), "program"), program)
	b = wire.AppendArray(wire.AppendStr(b, "args"), len(args))
	for _, a := range args {
		b = wire.AppendStr(b, a)
	}
	d, err := sdk.PowerResult(abi.ExecStart(wire.AppendBool(wire.AppendStr(b, "stdin"), input)))
	if err != nil {
		return nil, err
	}
	p := &Process{id: d.Uint()}
	return p, d.Err()
}

func (p *Process) args(n int) []byte {
	return wire.AppendUint(wire.AppendStr(wire.AppendMap(nil, n), "id"), p.id)
}

// Chunk is a piece of output.
type Chunk struct {
	Stderr bool // else of stdout
	Data   []byte
}

// Read returns the next piece of output, of either stream; [io.EOF] if there is no
// more.
func (p *Process) Read() (c Chunk, err error) {
	d, err := sdk.PowerResult(abi.ExecRead(p.args(1)))
	if err != nil {
		return c, err
	}
	if d.Nil() {
		return c, io.EOF
	}
	for range d.Map() {
		switch d.Str() {
		case "stream":
			c.Stderr = d.Str() == "stderr"
		case "data":
			c.Data = d.Bin()
		default:
			d.Skip()
		}
	}
	return c, d.Err()
}

// Write gives input to a program that was started with it.
func (p *Process) Write(b []byte) (int, error) {
	if err := p.write(b, false); err != nil {
		return 0, err
	}
	return len(b), nil
}

// CloseInput ends the input.
func (p *Process) CloseInput() error { return p.write(nil, true) }

func (p *Process) write(b []byte, end bool) error {
	args := wire.AppendBin(wire.AppendStr(p.args(3), "data"), b)
	_, err := sdk.PowerResult(abi.ExecWrite(wire.AppendBool(wire.AppendStr(args, "end"), end)))
	return err
}

// Wait throws away the output that was not read, and returns when the program is
// gone, with an [*ExitError] if it did not end with 0.
func (p *Process) Wait() error {
	d, err := sdk.PowerResult(abi.ExecWait(p.args(1)))
	if err != nil {
		return err
	}
	e := &ExitError{}
	for range d.Map() {
		switch d.Str() {
		case "code":
			e.Code = int(d.Int())
		case "signal":
			e.Signal = d.Str()
		default:
			d.Skip()
		}
	}
	if d.Err() != nil || e.Code == 0 {
		return d.Err()
	}
	return e
}

// Kill ends the program. What it printed last may be lost.
func (p *Process) Kill() error {
	_, err := sdk.PowerResult(abi.ExecKill(p.args(1)))
	return err
}
