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
//	platform       linux, macOS, windows, android, iOS, freebsd
//	family         unix, windows
//	arch           x86_64, x86, aarch64, …
//	version        of the kernel; null where the host does not know it
//	eol            the line end of text files
//	exe_extension  "exe" or ""
//	hostname       of the machine
//	locale         of the user, as a BCP 47 tag; null if none is set
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
//     loaded; here all are commands.
//   - os_type is platform; family, arch, version and exe_extension are as there,
//     version is that of the kernel.
//   - default leaves locale out, too.
package os
