// Package hostile has the modules of the hostile catalogue that more than one
// package is tested with: those that are wrong as binaries, those that a host does
// not load, those that want to run for ever, and those that answer what is no
// answer. Package [github.com/ambit-wasm/ambit/host/hosttest] runs them against a
// host, the packages that have the guards test these alone.
package hostile
