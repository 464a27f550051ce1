// Package power is what calls do with the powers that they are lent: the
// functions of ABI 1 that reach outside, without the memory of a guest. The host
// wraps them for guests, and sdk/sdktest for the tests of modules, so that both
// decide with the same code.
//
// # The story
//
// A [Session] belongs to one call. It gets a function's arguments, an envelope
// that is copied and read strictly before anything looks at it, and gives back a
// result: {ok} or {err: {code, message}}. What is not an envelope is an error of
// [Session.Do] and ends the call. Each function decides by itself, on the object
// of its effect, what the call's grant lends of its power; what it refuses for
// that reason is noted, with the scope entry that is missing, for the operator.
// The guest reads a code and a text that says nothing of the host.
//
// What a call opens (a response's body, a running program) has a number, counts
// against a limit, and is closed with the session.
//
// Each power has a file: env.go, invoke.go, emit.go, and so on.
package power
