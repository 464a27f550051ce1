// Package log is the log module: lines for the app's log, from pages and other
// modules. This package holds no code; the module is
//
//	manifest.toml  the command with its arguments, permissions, default
//	command/       what the command does, over sdk.Log; tested natively
//	guest/         the program that is compiled to Wasm
//
// and is built by
//
//	ambit build -o log.wasm modules/log/guest
//
// # Commands
//
//	log  {level, message, location?, file?, line?, keyValues?} -> null
//
// The level is 1 (trace), 2 (debug), 3 (info), 4 (warn) or 5 (error). The line goes
// to the host's logger, under the name of the module, with the caller's window or
// origin in front: the host knows who calls, whatever the message says. The host
// escapes what is no printable text, cuts long lines, and bounds what one call
// logs.
//
// # Permissions
//
// default is allow-log. It has no scope.
//
// # Differences from Tauri's plugin
//
//   - Targets, rotation and formats are the host's own: the app gives it a logger.
//   - There is no attachLogger; pages do not hear the log.
//   - keyValues are appended to the line, by key.
//
// # What is not protected
//
// Whoever may log may fill the log, as much in each call as the limit says.
package log
