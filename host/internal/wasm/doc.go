// Package wasm reads the outline of WebAssembly binaries that nobody vouches
// for: sections, types, imports, exports, limits of memory and tables, custom
// sections. It runs before wazero sees the bytes, since a file of 15 bytes with
// a false count kills the process inside wazero's decoder.
//
// [Parse] never allocates by a claimed count: every count is held against the
// bytes that are left and against [Limits] first. Its time is linear in the
// input, and what it keeps is small: the code is walked by the sizes of its
// bodies, not by instructions. What instructions do is left to wazero's
// validation, and to the gate once it exists.
//
// [Module.Core] returns what may be given to wazero: the binary without its
// custom sections (the decoder for names trusts counts too, and a name chosen
// by the module is not wanted) and with a maximum written into its tables,
// which wazero does not limit.
//
// The binary format is that of the core specification, version 2, as far as
// wazero has it enabled by default. Threads, exceptions, 64-bit and multiple
// memories, typed references and extended constant expressions are refused.
package wasm
