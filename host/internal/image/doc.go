// Package image gives each call an instance in the state in which its module
// was after it was started, for less than starting it costs. The module is
// started once; what its memory and its globals hold then is the image. An
// instance that has served a call is reset to it and serves the next.
//
// # What may be reset
//
// An instance has more state than memory and globals: tables, and segments that
// were dropped. A module whose code can change those, or that has a global that
// can change and is a vector or a reference, which cannot be set from outside,
// is started anew for each call ([Restart]). So is one for which that is asked.
// An instance whose memory has grown, or whose call ended in another way than by
// returning, is thrown away, and the next one is made of the image.
//
// Whoever wants to keep the state of a call neither puts nor closes its instance,
// and lets the next one begin with [Instance.Resume].
//
// Nothing of a call is left when [Image.Put] returns, neither in what the next
// one can read nor in what it gets when it grows.
//
// # Strategies
//
// How a memory becomes the image again depends on its size and on the system.
// [Copy] and [Compare] work everywhere. On Linux an image is also a sealed file
// in memory that instances map privately, so that they share the pages that
// they do not write: [Remap] drops the others, [Scan] and [Track] ask the kernel
// which they are and copy them back. A trial at load measures all, checks that
// each gives back every byte, and the fastest is taken.
//
// # Accounting
//
// All linear memory, that of images included, is taken from one [Budget]. When
// it is used up, instances that wait for calls are closed first, then what else
// the host can spare. Mapped memory
// counts in full, although most of it is shared.
package image
