// Package cli is the command line `ambit` as a library: [Main] takes the
// arguments, the environment and the streams, and returns the exit code, so
// that the whole of it is tested in-process.
//
// # Shapes that scripts rely on
//
// Text is for people and may change; with --json each command prints one JSON
// value on stdout whose shape is fixed (DESIGN §8): lists are empty, never
// null. Exit codes: 0 yes or ok, 1 an error, 2 wrong usage, 3 denied. Warnings
// never change an exit code. What a command was asked for goes to stdout, all
// else (errors, problems that kept it from answering, logs) to stderr.
//
// # Terminal safety
//
// Policies, modules and results are foreign text. What is printed for people
// passes [escape], which shows control characters, ANSI sequences, bidi and
// invisible characters as escapes; JSON output escapes the same characters as
// JSON does. No input makes the program print a Go stack: a panic is a bug of
// ours, reported as such with the version.
//
// # Patches
//
// Subcommands that change files print what they would change as a unified diff
// (--dry-run), which `patch -p1` and `git apply` take. It is made by package
// diff of github.com/rogpeppe/go-internal, which the tests need anyway: the Go
// project's own, of 260 lines, in linear time for hostile files, too. A patch is
// exact, so its text is only escaped where it goes to a terminal.
//
// # Why cobra
//
// Subcommands with flags that come in groups, help of man-page quality
// with examples, shell completion for four shells and "did you mean" are what
// github.com/spf13/cobra gives for one dependency (and pflag, its own), and
// people know how such a command line behaves. The alternatives were the
// standard flag package, with all of that written and tested by us, and
// urfave/cli, which brings as much code and a less common look. Cobra is used
// here only, so programs that embed the host do not link it.
package cli
