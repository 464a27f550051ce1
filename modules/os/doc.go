// Package os is the os module: what the system is on which the app runs. This
// package holds no code; the module is
//
//	manifest.toml  commands with their powers and arguments, permissions, default
//	command/       what the commands do, over sdk.Env; tested natively
//	guest/         the program that is compiled to Wasm
//
// and is built by
//
//	ambit build -o os.wasm modules/os/guest
//
// # Commands
//
//	platform       linux, macos, windows, android, ios, freebsd, …
//	os_type        the same
//	family         unix, windows
//	arch           x86_64, x86, aarch64, arm, riscv64, …
//	version        of the kernel, as 6.8.0-41-generic or 10.0.22631
//	eol            the line end of text files
//	exe_extension  "exe" or ""
//	hostname       of the machine
//	locale         of the user, as a BCP 47 tag, from LC_ALL, LC_MESSAGES or LANG
//
// They take no arguments, and return a string; null for what the host does not
// know. Facts are as they were when the host was opened.
//
// A guest's own runtime knows only wasip1: the host sets variables for these
// facts, AMBIT_OS_PLATFORM and so on, which the power env lends.
//
// # Permissions
//
// allow-<command> carries the scope of its fact, so it is enough by itself, once
// the app trusts the module. default leaves hostname and locale out, since they
// tell users apart.
//
// # Differences from Tauri's plugin
//
//   - There each fact but hostname and locale is written into the page when it is
//     loaded, whoever may see it; here all are commands with a permission each.
//   - default leaves locale out, too.
//   - version is that of the kernel, not of the distribution or product: the host
//     reads no files and asks no programs for it.
//   - os_type tells BSDs from Linux.
//   - locale is null on systems whose users choose it elsewhere than in variables,
//     as Windows and macOS.
//
// # What is not protected
//
// Who is lent fs or exec may find the same facts there. Each fact that is shown
// tells a little which machine it is; a few together can tell it apart.
package os
