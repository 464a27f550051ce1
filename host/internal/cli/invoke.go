package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/jsonvalue"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/hashicorp/go-hclog"
	"github.com/spf13/cobra"
)

const invokeLong = `Invoke opens an app as a host does, calls one command as the given caller, and
prints the result. The call is decided, limited and sandboxed as every call.

Arguments are key=text or key:=json words, or one JSON object with --args
(--args - reads it from the standard input). Bytes are {"$bytes": "<base64>"}
in JSON, both ways.

For people, a text is printed as it is, and anything else as JSON; bytes go
out as they are unless the output is a terminal. With --json it is
{"ok": …} or {"err": {"code", "message", "data"}}.

With --stats, what the call used follows on stderr, or with --json under the
key "stats". It is zero for what the call did not come to: a denied call has
used no cpu and no memory. The number of cpu is that of weighted instructions,
which the limit cpu in ambit.toml bounds.

Exit codes
  0  done    3  denied    1  the call failed, or the app does not load    2  wrong usage`

// maxArgs bounds what --args - reads: more than any envelope takes.
const maxArgs = 64 << 20

type invokeFlags struct {
	appFlags
	callerFlags
	cacheFlags
	args     string
	argsSet  bool
	logLevel string
	stats    bool
}

var logLevels = []string{"off", "error", "warn", "info", "debug", "trace"}

func (c *cli) invokeCommand() *cobra.Command {
	var f invokeFlags
	cmd := &cobra.Command{
		Use:   "invoke --window LABEL MODULE.COMMAND [KEY=TEXT | KEY:=JSON]... [--args JSON]",
		Short: "Call one command and print its result",
		Long:  invokeLong,
		Example: `  ambit invoke --window main fs.read_text_file path=/APPDATA/notes/a.md
  ambit invoke --window main --args '{"limit": 3}' notes.list
  echo '{"title": "x"}' | ambit invoke --window main --json notes.add --args -
  ambit invoke --window main --stats notes.list        and what did it use?`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("the command (MODULE.COMMAND) is missing")
			}
			return nil
		},
	}
	cmd.RunE = c.run(func(ctx context.Context, args []string) (int, error) {
		f.argsSet = cmd.Flags().Changed("args")
		return c.invoke(ctx, &f, args[0], args[1:])
	})
	cmd.DisableFlagsInUseLine = true
	f.addFolder(cmd)
	f.callerFlags.add(cmd)
	f.cacheFlags.add(cmd)
	cmd.Flags().StringVar(&f.args, "args", "", "all arguments as one `JSON` object; - reads it from the standard input")
	cmd.Flags().StringVar(&f.logLevel, "log-level", "error", "the least `level` that the host logs to stderr: "+strings.Join(logLevels, ", "))
	complete(cmd, "log-level", logLevels...)
	cmd.Flags().BoolVar(&f.stats, "stats", false, "print what the call used, also if it failed or was denied")
	return cmd
}

func (c *cli) invoke(ctx context.Context, f *invokeFlags, name string, words []string) (int, error) {
	caller, err := f.caller()
	if err != nil {
		return exitUsage, err
	}
	if _, _, err := parseCommand(name); err != nil {
		return exitUsage, err
	}
	args, err := c.invokeArgs(f, words)
	if err != nil {
		return exitUsage, err
	}
	logger, err := c.logger(f.logLevel)
	if err != nil {
		return exitUsage, err
	}
	cache, err := c.cache(&f.cacheFlags, logger)
	if err != nil {
		return exitUsage, err
	}
	defer func() { _ = cache.Close(context.WithoutCancel(ctx)) }()
	var seen trace
	config := host.Config{Logger: logger, Cache: cache, Profile: f.profile, Secrets: host.EnvSecrets(), Audit: &seen}
	var used *trace
	if f.stats {
		used = &seen
	}
	h, err := c.openHost(ctx, &f.appFlags, config)
	if err != nil {
		if f.json {
			_, _ = c.printAnswer(nil, err, nil)
		}
		return exitError, err
	}
	defer func() { _ = h.Close(context.WithoutCancel(ctx)) }()
	res, err := h.Invoke(ctx, caller, name, args)
	if f.json {
		return c.printAnswer(res.Value, err, used)
	}
	code := exitOK
	if err != nil {
		code, err = c.printFailure(err), nil
		seen.printRefused(c.stderr)
	} else {
		err = c.printResult(c.stdout, res.Value)
	}
	if used != nil {
		used.printStats(c.stderr)
	}
	return code, err
}

// openHost opens the app; what is wrong with its policy goes to stderr.
func (c *cli) openHost(ctx context.Context, f *appFlags, config host.Config) (*host.Host, error) {
	fsys, err := c.openApp(f)
	if err != nil {
		return nil, err
	}
	if _, err := fs.Stat(fsys, appFile); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no %s in %q (an app's folder has one, even if it is empty; name the folder with --app)", appFile, f.folder)
	}
	h, err := host.Open(ctx, c.path(f.folder), config)
	if problems, ok := errors.AsType[authority.Problems](err); ok {
		c.printProblems(c.stderr, problems)
		count, _ := countProblems(problems)
		return nil, fmt.Errorf("the app in %q does not load: %s", f.folder, count)
	}
	return h, err
}

// invokeArgs reads the arguments from words or from --args.
func (c *cli) invokeArgs(f *invokeFlags, words []string) (map[string]any, error) {
	if !f.argsSet {
		return parseArgs(words)
	}
	if len(words) > 0 {
		return nil, usagef("--args and %q both give arguments (use one way)", words[0])
	}
	text := []byte(f.args)
	if f.args == "-" {
		var err error
		if text, err = io.ReadAll(io.LimitReader(c.stdin, maxArgs)); err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
	}
	v, err := jsonvalue.Parse(text)
	if err != nil {
		return nil, usagef("--args: %v", err)
	}
	args, ok := v.(map[string]any)
	if !ok {
		return nil, usagef("--args: arguments are one JSON object, {\"name\": value, …}")
	}
	return args, nil
}

func (c *cli) logger(level string) (hclog.Logger, error) {
	for _, l := range logLevels {
		if l == level {
			return hclog.New(&hclog.LoggerOptions{
				Name: "ambit", Level: hclog.LevelFromString(level), Output: c.stderr,
			}), nil
		}
	}
	return nil, usagef("--log-level %q is not one of %s", level, strings.Join(logLevels, ", "))
}

// failureJSON is what the other side of a call gets to see of an error.
type failureJSON struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data"`
}

// failure is an error of an invoke as the operator may see it, with its exit
// code.
func failure(err error) (failureJSON, int) {
	if denial, ok := errors.AsType[*authority.Denial](err); ok {
		d := denial.Decision
		return failureJSON{Code: string(d.Code()), Message: d.Explain()}, exitDenied
	}
	if failed, ok := errors.AsType[*host.Error](err); ok {
		return failureJSON{Code: string(failed.Code), Message: failed.Message, Data: jsonvalue.Encodable(failed.Data)}, exitError
	}
	return failureJSON{Code: string(authority.CodeHostError), Message: err.Error()}, exitError
}

// printAnswer prints how an invoke ended as JSON, with what it used unless that
// is nil.
func (c *cli) printAnswer(value any, err error, used *trace) (int, error) {
	answer, code := make(map[string]any), exitOK
	if err != nil {
		answer["err"], code = failure(err)
	} else {
		answer["ok"] = jsonvalue.Encodable(value)
	}
	if used != nil {
		answer["stats"] = used
	}
	return code, writeJSON(c.stdout, answer)
}

// printFailure prints why a call was denied or failed, with what only the
// operator may see.
func (c *cli) printFailure(err error) int {
	f, code := failure(err)
	if denial, ok := errors.AsType[*authority.Denial](err); ok {
		c.errorf("%s", f.Message)
		c.printRemedy(c.stderr, denial.Decision.Remedy())
		return code
	}
	c.errorf("%s: %s", f.Code, f.Message)
	if failed, ok := errors.AsType[*host.Error](err); ok && failed.Err != nil {
		fmt.Fprintf(c.stderr, "  cause: %s\n", printable.Line(failed.Err.Error()))
	}
	if f.Data != nil {
		fmt.Fprintln(c.stderr, "  data:")
		_ = writeJSON(c.stderr, f.Data)
	}
	return code
}

// printResult prints what a command returned for people.
func (c *cli) printResult(w io.Writer, v any) error {
	var err error
	switch v := v.(type) {
	case nil:
	case string:
		text := v
		if isTerminal(w) {
			text = printable.Text(v)
		}
		_, err = io.WriteString(w, strings.TrimSuffix(text, "\n")+"\n")
	case []byte:
		if isTerminal(w) {
			_, err = fmt.Fprintf(w, "(%s; redirect the output, or give --json)\n", size(int64(len(v))))
			break
		}
		_, err = w.Write(v)
	default:
		err = writeJSON(w, jsonvalue.Encodable(v))
	}
	return err
}
