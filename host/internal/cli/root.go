package cli

import (
	"context"
	"strings"

	"github.com/ambit-wasm/ambit/authority/suggest"
	"github.com/spf13/cobra"
)

const rootLong = `Ambit is a runtime authority for WebAssembly commands. An app's folder says
which modules it loads and who may call which of their commands, with what
scope; ambit checks that folder, explains it, and runs it.

Files
  ambit.toml                 the app: modules, windows, folders, limits
  ambit.lock                 what the app accepted of each module ("ambit lock")
  capabilities/**            who may do what: TOML, JSON or JSON5
  permissions/<module>/**    permissions that the app adds to a module's own
  modules/<module>.wasm      the modules, each with its manifest inside

Exit codes
  0  yes, or done       2  wrong usage
  1  an error           3  denied
Warnings never change an exit code.

Environment
  NO_COLOR      if set, text is not colored (as with --color=never)
  AMBIT_CACHE   the folder for compiled code (as --cache-dir), or off (as --no-cache)`

// root builds the command tree. It is built anew for each run, so that runs
// share nothing.
func (c *cli) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "ambit",
		Short: "Check, explain and run the policy of an Ambit app",
		Long:  rootLong,
		Example: `  ambit check --app app                        is the policy sound?
  ambit can --window main fs.read_text_file    may this window call it, and why?
  ambit invoke --window main notes.list        call it
  ambit attack --app app                       does it hold against hostile modules?`,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.ArbitraryArgs,
	}
	root.RunE = c.run(func(ctx context.Context, args []string) (int, error) {
		if len(args) == 0 {
			root.SetOut(c.stderr)
			return exitUsage, root.Help()
		}
		return c.noCommand(ctx, args)
	})
	// The root runs only to say that it needs a subcommand.
	root.SetUsageTemplate(strings.Replace(root.UsageTemplate(), "{{if .Runnable}}", "{{if and .Runnable .HasParent}}", 1))
	root.SetVersionTemplate("ambit {{.Version}}\n")
	root.SetHelpCommand(c.helpCommand())
	root.PersistentFlags().StringVar(&c.color, "color", "auto", "color text for people: `when` is auto, always or never")
	root.AddCommand(c.checkCommand(), c.resolveCommand(), c.canCommand(), c.whoCanCommand(), c.matrixCommand(), c.invokeCommand(), c.serveCommand(), c.attackCommand(),
		c.permissionCommand(), c.capabilityCommand(), c.inspectCommand(), c.lockCommand(), c.diffCommand(), c.buildCommand(), c.schemaCommand(), c.docsCommand(), c.typesCommand(), c.versionCommand())
	complete(root, "color", "auto", "always", "never")
	return root
}

// noCommand answers a command line that names no subcommand of ours.
func (c *cli) noCommand(_ context.Context, args []string) (int, error) {
	names := c.subcommands()
	if near := suggest.Nearest(args[0], names); near != "" {
		return exitUsage, usagef("unknown subcommand %q (did you mean %q?)", args[0], near)
	}
	return exitUsage, usagef("unknown subcommand %q (one of %s)", args[0], strings.Join(names, ", "))
}

func (c *cli) subcommands() []string {
	return []string{"check", "resolve", "can", "who-can", "matrix", "invoke", "serve", "attack", "permission", "capability", "inspect", "lock", "diff", "build", "schema", "docs", "types", "version", "completion", "help"}
}

// helpCommand is cobra's, except that an unknown topic is wrong usage.
func (c *cli) helpCommand() *cobra.Command {
	var help *cobra.Command
	help = &cobra.Command{
		Use:   "help [command]",
		Short: "Explain a subcommand",
		RunE: c.run(func(ctx context.Context, args []string) (int, error) {
			cmd, rest, err := help.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return c.noCommand(ctx, args)
			}
			cmd.InitDefaultHelpFlag()
			return exitOK, cmd.Help()
		}),
	}
	return help
}

// complete offers the words for a flag in shell completion.
func complete(cmd *cobra.Command, flag string, words ...string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}
