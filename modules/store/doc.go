// Package store is the store module: values under keys, which outlive calls and
// the app. This package holds no code; the module is
//
//	manifest.toml  commands with their powers and arguments, permissions, default
//	command/       what the commands do, over sdk/kv; tested natively
//	guest/         the program that is compiled to Wasm
//
// and is built by
//
//	ambit build -o store.wasm modules/store/guest
//
// # Commands
//
// Each takes {store?}, the name of a store; "default" if it is left out.
//
//	get      {key}               -> {value, exists}
//	set      {key, value, ttl?}  -> null; gone after ttl milliseconds
//	has      {key}               -> bool
//	delete   {key}               -> whether there was one
//	clear                        -> how many keys were removed
//	keys, values, entries, length
//
// Lists show what the scope shows. A change is on the disk when the command
// returns, as a whole or not at all.
//
// # Permissions
//
// A store is the part of a key before its first slash, so scope entries name
// stores and keys alike:
//
//	{ identifier = "store:read-all", allow = [{ key = "settings/*" }] }
//	{ identifier = "store:write-all", allow = [{ key = "settings/window-*" }] }
//
// default is both on "default/*". What scope-… permissions of this module grant
// holds for all its commands, as in Tauri.
//
// # Differences from Tauri's plugin
//
//   - Scope entries: the plugin has none, and whoever may use it may use every
//     store. Here the keys are granted.
//   - There are no resource ids, and no load, save, reload, reset and auto-save:
//     every change is saved at once. A store has no defaults.
//   - A store is no file, and its name no path.
//   - get returns {value, exists}, where the plugin returns the pair.
//   - delete, clear: the result says what was there.
//   - There is ttl, and there are quotas of keys and bytes for all stores
//     together.
//   - Nothing is emitted when a value changes.
//
// # What is not protected
//
// All callers of the module share its stores: who may write a key that another
// reads has a way to talk to it.
package store
