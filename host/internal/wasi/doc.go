// Package wasi is Ambit's own subset of WASI preview 1.
//
// All 46 functions exist, so every guest links. 34 of them work, which is what
// the whole of Go's os package uses; the others answer ENOTSUP. wazero's own
// WASI is not used: its mounts are no sandbox, its sleep ignores deadlines, and
// its writes amplify.
//
// [Register] is called once per runtime. Each function asks the context of the
// guest's call for its [State] (see [Key]). Without one there is no power, but
// a Go guest still starts.
//
// # What a guest sees
//
// No arguments and no environment. Descriptor 0 is at its end. Descriptors 1
// and 2 never fail; they go to the [Output] of the state, and what is over its
// limit is dropped. Descriptor 3 is the only preopened folder, "/", whose
// folders are the base dirs in scope, decided in each call by package files.
// Higher descriptors belong to the call.
//
// Clocks tick in milliseconds. poll_oneoff sleeps until the context of the call
// is done; descriptors are always ready.
//
// # Bounds
//
// Every pointer and length is checked; a bad one is EFAULT, before anything
// happened. One read or write takes at most 1024 buffers and moves at most
// 16 MiB (a short count, which guests expect). Paths have at most 4096 bytes.
// Listings hold a window of entries, however large the folder. Files, bytes
// and random bytes are limited per call; State.Charge is asked before work.
//
// # Conformance
//
// testdata/wasi-testsuite.txt says which programs of WebAssembly/wasi-testsuite
// pass, 53 of 72, and why the others do not: links are neither made nor read,
// descriptors are not renumbered and lose no rights, the environment is empty,
// times are set by path, and what is out of scope is EACCES.
//
// # How a call ends early
//
// proc_exit, a sleep that outlives its context, too much randomness and a
// refusal by State.Charge end the guest's call by a panic with an error, which
// wazero recovers and wraps: errors.As finds the *[Abort], or the error of
// Charge, in what the exported function's Call returns. The rest of the text
// of that error is wazero's and holds names chosen by the guest. The module is
// not closed. As after any trap, its instance must be thrown away.
//
// # What this does not protect against
//
// A guest without memory is refused by whoever loads it; here it would trap.
// Reading and writing files blocks as long as the disk does. What package
// files does not protect against.
package wasi
