// Package abi holds the host functions of ABI 1 as the SDK sees them: the
// imports in a guest, a stand-in elsewhere.
package abi
