// Package meter rewrites a WebAssembly binary so that its code stops by itself:
// what it executes is paid for out of a slice of fuel, what it nests out of a
// number of bytes of stack, and memory and tables get a maximum. Otherwise the
// new module computes what the old one did. wazero has none of this: its own
// check of the context costs several times as much, and does not stop code
// without loops.
//
// # Fuel
//
// The unit is the weighted instruction (opcodes.go), a fraction of a nanosecond
// in most code. A global holds what is left of the slice; when that is below
// zero at a check, the guest calls the imported function [TickModule].[TickName]
// with the global's value and goes on with the value that it returns. A host
// function that panics ends the call.
//
// Code is paid for before it runs, by debits that stand where control must pass:
// at the entry of a function, at the head of a loop, and, where that makes the
// bill of a path more exact, at the beginning of an arm of an if, after a
// conditional branch, and after the end of a block. A debit pays for what it
// dominates and no later debit pays for; that runs at most once before the debit
// itself runs again. So the debits are an upper bound of what was executed, on
// every path and at every moment, and a branch around something has still paid
// for the code at its end.
//
// Not only instructions take time: locals are made zero at an entry, and where
// ways meet the values that are alive may have to be moved. Both are paid for,
// the second beyond what fits registers.
//
// Checks stand at the heads of loops, at the entries of functions but small ones
// that call nothing, at bulk operations, which are paid for by their length, and
// after every stretch of a few hundred units. The last is for functions that
// return one after another, each with a long way to its end. So between two
// checks there is at most a stretch for each function that is active. Growing
// memory or a table is paid for by what would be added.
//
// memory.fill and memory.copy become calls of functions that do the same in
// pieces of 1 MiB with a check before each, since a fill of all memory takes
// 10 ms, or 100 ms where the system has yet to provide it. The other bulk
// operations run as a whole: they are bounded by the size of a table or of the
// module itself.
//
// # Stack
//
// The upper half of the same global holds the bytes of stack that are left
// ([Unpack]), so that one subtraction and one check pay for both. A function
// that calls others takes its estimated frame at its entry and gives it back at
// its end; a trap gives nothing back, so an instance that trapped must not be
// used again. When nothing is left, tick is called with a negative stack, and
// must not return.
//
// The estimate counts parameters, locals, operands and values that are alive
// across calls. wazero may need more for code that was written for that
// purpose; its own limit, 400 MB, is behind it.
//
// # What it knows of instructions
//
// The gate has a list of opcodes, too. The two are apart: the gate's says what is
// to be checked of an operand, this one what an instruction costs and which
// operands can be skipped; together each would be harder to read, and a mistake
// in one list is found only because there is another. A test holds them against
// each other.
//
// # What it relies on
//
// [Rewrite] does not panic, loops over its input once, and allocates in
// proportion to it, whatever the input is. It checks by itself that no
// instruction, constant, segment, export or start names a function or a global
// that the module does not have, so that nothing that it adds can be reached.
// What it returns holds what is said above if the input is a valid module: the
// gate bounds sizes and nesting before, and wazero's validation of the result
// does the rest, since the added code is valid in any valid body and hides
// nothing in an invalid one. The body of a function must be bounded (the gate's
// 128 KiB), since that bounds the work between two checks. Each check is work
// for the compiler, too, which grows with the values that are alive there: so
// what Rewrite returns must pass the gate once more before it is compiled.
package meter
