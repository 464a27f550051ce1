// Package wasmtest assembles small WebAssembly binaries by hand, for tests: a
// [Module] with sections in order, [Code] for function bodies, [Guest] for
// modules that speak ABI 1, and raw sections for binaries that are wrong on
// purpose. It checks nothing, so that tests can build what must be refused.
package wasmtest
