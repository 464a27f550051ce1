// Package shell is the shell module: programs of the machine that the app names,
// with the arguments that it allows. There is no shell in it. This package holds
// no code; the module is
//
//	manifest.toml  commands with their powers and arguments, permissions, default
//	command/       what the commands do, over sdk/exec; tested natively
//	guest/         the program that is compiled to Wasm
//
// and is built by
//
//	ambit build -o shell.wasm modules/shell/guest
//
// # Commands
//
//	execute  {program, args?, stdin?, options?} -> {code, signal, stdout, stderr}
//	spawn    the same and topic -> {code, signal}; emits {event, payload} under the
//	         topic: Stdout, Stderr with what was printed, at last Terminated
//
// options.encoding = "raw" gives output as bytes, else it is text.
//
// # Permissions
//
// default holds both commands and no program. A grant names programs, in the form
// of Tauri's scope:
//
//	{ identifier = "shell:default", allow = [
//	  { name = "log", cmd = "git", args = ["log", "--oneline", { validator = "[a-z]+" }] },
//	] }
//
// # Differences from Tauri's plugin
//
//   - The number of arguments must be that of the entry. There, arguments too many
//     are dropped, and so are all of them if args is false.
//   - A fixed argument must be given as it is. There, what the caller gives is
//     replaced by it.
//   - A validator matches the whole argument. There "a|b" is "^a|b$", which takes
//     "axx". With raw = true it may match a part, as there.
//   - The first entry that fits counts, not the first of the name, and entries that
//     deny are looked at.
//   - The caller chooses neither folder nor environment: cwd and env are not
//     taken. A program has an empty folder and a few variables.
//   - There are no sidecars: cmd is an absolute path, or a name in PATH.
//   - A program lives as long as the call: there is no pid, kill or stdin_write. To
//     kill it is to cancel the call; input is given at the start.
//   - There is no open.
//
// # What is not protected
//
// A program runs as the user whom the host runs as, outside any sandbox. What it
// does with its arguments is its own: many take options that run other programs or
// write files. Allow few, with narrow validators.
package shell
