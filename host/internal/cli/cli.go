package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/spf13/cobra"
)

// The exit codes. Warnings never change one.
const (
	exitOK     = 0 // yes, or done
	exitError  = 1 // a policy, a module or a call is wrong
	exitUsage  = 2 // the command line is wrong
	exitDenied = 3 // the authority said no
)

// cli is one run of the command line.
type cli struct {
	dir            string // what relative paths are relative to; "" is the current folder
	env            []string
	stdin          io.Reader
	stdout, stderr io.Writer
	color          string
	exit           int  // what the subcommand returned
	ran            bool // a subcommand took over: its errors are not usage errors
}

// Main runs the command line: args without the program's name, env as in
// [os.Environ]. It returns the exit code, never panics, and ends early, with
// an error, when the process is interrupted.
func Main(args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := &cli{env: env, stdin: stdin, stdout: stdout, stderr: stderr}
	return c.main(args)
}

func (c *cli) main(args []string) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(c.stderr, "ambit: internal error: %s\n  this is a bug in ambit %s, and we are sorry; please report it with the command that you ran\n",
				printable.Line(fmt.Sprint(r)), version())
			code = exitError
		}
	}()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the process at once

	root := c.root()
	root.SetArgs(args)
	root.SetIn(c.stdin)
	root.SetOut(c.stdout)
	root.SetErr(c.stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return c.exit
	}
	return c.fail(cmd, err)
}

// fail prints err and returns its exit code. Whatever went wrong before a
// subcommand took over is wrong usage.
func (c *cli) fail(cmd *cobra.Command, err error) int {
	c.errorf("%s", err.Error())
	var usage *usageError
	if c.ran && !errors.As(err, &usage) {
		return exitError
	}
	fmt.Fprintf(c.stderr, "  run %q for usage\n", cmd.CommandPath()+" --help")
	return exitUsage
}

// errorf prints a message for people on stderr, in the form of all of them.
func (c *cli) errorf(format string, args ...any) {
	text := strings.TrimRight(fmt.Sprintf(format, args...), "\n")
	fmt.Fprintf(c.stderr, "%s %s\n", c.paint(c.stderr, red, "ambit:"), printable.Text(text))
}

// usageError is an error of the command line itself.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// run wraps a subcommand's function, which returns the exit code or an error.
func (c *cli) run(f func(ctx context.Context, args []string) (int, error)) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		c.ran = true
		switch c.color {
		case "auto", "always", "never":
		default:
			return usagef("--color %q is not one of auto, always, never", c.color)
		}
		code, err := f(cmd.Context(), args)
		c.exit = code
		return err
	}
}

// path makes a path of the command line one that the process can open.
func (c *cli) path(name string) string {
	if c.dir == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.dir, name)
}

// exactly accepts as many arguments as there are names.
func exactly(names ...string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usagef("%s is missing", names[len(args)])
		case len(args) > len(names):
			return usagef("%q is one argument too many", args[len(names)])
		}
		return nil
	}
}
