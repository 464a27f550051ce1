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
// to the host's logger, under the name of the module, as
//
//	[main] message at location in file:line key=value other="another value"
//
// with the caller in front: the label of a page's window, and its origin if it is
// not the app's own, or module:<name>. The host knows who calls, whatever the
// message says.
//
// Of a message 2 KiB are logged, of any other text 256 bytes, of pairs 64, of the
// whole line 4 KiB; what is cut ends in "…". The host escapes what is no printable
// text, so that a line stays one line, and bounds how many lines and bytes one call
// logs. A message above 64 Ki characters, another text but a key above 1 Ki, or a
// 65th pair is refused, with bad-args.
//
// # Permissions
//
// default is allow-log. It has no scope.
//
// # Differences from Tauri's plugin
//
//   - Targets, rotation and formats are the host's own: the app gives it a logger.
//   - There is no attachLogger; pages do not hear the log.
//   - keyValues are appended to the line, by key, without those that are null.
//   - The line says who called; there the target says only that it was a webview.
//
// # What is not protected
//
// Whoever may log may fill the log, as much in each call as the limit says; limits
// of a capability bound the calls. What follows the caller is the caller's text: a
// message can look as if it had a place and pairs.
package log
