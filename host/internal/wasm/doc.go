// Package wasm is the gate: it decides what the bytes of a module that nobody
// vouches for may be, before wazero sees them. A file of 15 bytes with a false
// count kills the process inside wazero's decoder, one of 4 KB keeps its
// compiler busy for eight seconds, and neither can be called off.
//
// [Parse] reads a binary once, from the first byte to the last. Every count is
// held against the bytes that are left and against [Limits] before anything is
// allocated for it; every index against what the module itself has, so that
// nothing that is added to it later can be named from within. Of code it walks
// every instruction: opcodes are those of a list, blocks match, labels, locals,
// globals, functions, types, tables, segments and lanes exist, alignments are
// at most the natural ones, references are to functions that are declared, and
// the stack of operands has as many values as are taken. Its time is linear in
// the input (30 ms for a Go guest of 3 MB), and before it refuses it allocates
// less than 1 MiB. A refusal is an [*Error], with the byte where it stands and
// the name of the feature of WebAssembly that would be needed, if that is why.
//
// What is left to wazero's validation are the types of operands, and what
// follows from them: it is thorough, it is linear, and it sees nothing that did
// not pass here. Where wazero reads instructions otherwise than the
// specification, the gate only lets through what both read alike.
//
// The compiler's work is bounded through the shape of functions, since it grows
// with the square of the blocks in one, with the values that are alive at each
// of them, and with nested loops times locals squared. A function within
// [Limits] compiles in two seconds at most; between functions the host's
// deadline for loading is looked at.
//
// [Module.Core] returns what is given to wazero: the binary without its custom
// sections (the decoder for names trusts counts too, and a name chosen by the
// module is not wanted) and with a maximum written into its tables, which
// wazero does not limit.
//
// The binary format is that of the core specification, version 2, which is what
// wazero has enabled by default. Imports of memories, tables and globals are
// read, so that the host can say that it refuses them.
package wasm
