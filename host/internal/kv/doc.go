// Package kv keeps keys and values for modules, each in a [Namespace] of its own:
// the store behind the powers kv.read and kv.write.
//
// It is one file of go.etcd.io/bbolt, chosen since it is small, alive, has one
// dependency, and commits by writing a new root after everything else is on the
// disk: what [Namespace.Set] acknowledged is there after a crash, and what it did
// not is there as a whole or not at all. Writers that come while a commit is under
// way share the next one.
//
// A namespace counts its keys and bytes in the same transaction that changes
// them. A key that has expired is gone for readers at once; the writes that follow
// remove what has expired, some of it each, and only then is it no longer counted.
//
// A damaged file is an error, not a panic: bbolt panics when pages make no sense,
// and the system faults when a file that is mapped was cut off; both are caught,
// and the store answers with [ErrDamaged] from then on. What is not caught is a
// file that somebody changed on purpose so that its pages form a circle: the file
// is the host's own, and nobody else may write it.
package kv
