// Package wire is the envelope between Ambit's host and its guests: the
// messages of ABI 1, a strict and bounded msgpack codec for them, and the
// limits. Host and guests share it, so it uses the standard library only,
// and none of fmt, encoding/json and errors.As, which would make each guest a
// quarter larger and more.
//
// # Messages
//
// A [Request] goes to the guest, a [Reply] comes back; the result of a power
// call has the shape of a reply without data. All are msgpack maps with
// string keys:
//
//	request  {v, id, command, args, scope: {allow, deny}, global: {allow, deny},
//	          caller: {window, webview, origin, chain}, deadline, seed}
//	reply    {ok: any}  or  {err: {code, message, data}}
//
// testdata/vectors.json holds examples, right and wrong, for implementations
// in other languages.
//
// # Values
//
// nil, bool, int (signed and unsigned, 64 bits), float, str, bin, array and
// map. Map keys are strings, no key occurs twice in a map, strings are valid
// UTF-8. Ext types (timestamps among them) and the byte 0xc1 are refused. An
// integer may be written longer than it needs to be; this package writes the
// shortest form. Floats may be NaN or infinite.
//
// # Reading
//
// There are three ways to read, and all agree on what a valid value is:
//
//   - [Scan] checks a whole message and builds nothing. The host scans every
//     byte that a guest hands over before anything else reads it.
//   - [Dec] is a cursor, for code that knows the shape, and [Dec.Any] for code
//     that does not.
//   - [Plan] decodes into Go types; [Marshal] and [Unmarshal] are its short forms.
//
// The one exception is [Raw], a value that is passed on: there Dec and Plan
// look at the structure only.
//
// None of them trusts a count: memory grows with the values that are really
// there. Containers may nest [MaxDepth] deep, and a message holds at most
// [Limits.Elements] keys and values, since a small message can become large
// in memory. Time is linear in the input, apart from n log n for the keys of
// large maps, which are sorted and not hashed.
//
// Strings and byte slices that Dec, Plan, ParseRequest and ParseReply return
// alias the input: whoever reuses the input's buffer must copy them first.
// Dec.Any copies.
//
// # Errors
//
// Every error of this package is an [*Error]: a short text, the path of the
// value where it is known, and the byte offset. What it quotes of the input is
// cut short and printable.
//
// # Concurrency
//
// Functions and plans are safe for concurrent use, a [Dec] is not.
package wire
