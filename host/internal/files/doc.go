// Package files gives a call the files of its scope and nothing else. It knows
// of base dirs, patterns and paths, not of Wasm.
//
// [Open] resolves the base dirs that an app declares ($APPDATA, $HOME, …) and
// keeps a handle of each. [Bases.Scope] binds the patterns of a grant to them.
// A [Table] holds what one call has open. A guest names a file as VAR/path,
// relative to a virtual root whose folders are the base dirs, or to a folder
// that it has opened.
//
// # How a path is decided
//
// A guest's path is cleaned lexically and turned into one canonical path below
// the base dir, whatever variable led there, so a rule for $APPDATA also binds
// who comes through $HOME. Patterns see that path. Since no symbolic link is
// followed in any name of it, the canonical path is the path that is reached,
// and deciding it once suffices.
//
// For each power, reading and writing, a path is allowed, on the way to
// something allowed, or denied. Deny wins. Writing does not imply reading, but
// whoever may read or write a path may know that it is there and of what kind
// and size it is, and sees it in listings. What is on the way can be looked at
// and listed, if it is a folder. A listing shows nothing else. Out of scope is
// always [ErrAccess], before the disk is touched: a denied path and a missing
// one look alike.
//
// What is reached must be a regular file or a folder, decided on the open
// object; so a FIFO cannot block and a device cannot be used. Files of /proc
// and /sys are refused. Links are told about, and can be removed; they are not
// followed, read, made or renamed.
//
// Rules may be written through symbolic links, too: a deny then also binds what
// the links mean when the scope is made, an absolute allow may lead to a base
// dir through links above it.
//
// A rename gives no access that was not there before, see [Table.Rename]. A
// base dir is neither renamed nor removed, under any name.
//
// Options.Forbidden is out of every scope, by path and by identity, and so is
// what its links lead to and through when the base dirs are opened. No folder
// that leads to it is moved.
//
// # Ways to reach a file
//
// On Linux openat2 resolves a path in one system call that refuses links. On
// other Unix systems, and where the kernel or a container refuses openat2,
// each name is opened with O_NOFOLLOW from the folder before. Elsewhere each
// step through os.Root is verified; see below. [Bases.Resolver] tells which.
//
// # What this does not protect against
//
//   - Hard links. A hard link inside a base dir is what it is: a name of a
//     file. Guests cannot make any. (Forbidden files are refused under every
//     name.)
//   - Mount points. What is mounted below a base dir belongs to it; a bind
//     mount gives a place a second path that rules for the first do not bind.
//     Forbidden folders are recognised there, but not folders that were made
//     in them after they were last looked at.
//   - Other processes that write in a base dir. They can move folders while a
//     call uses them; no link that they make is followed. With [ResolverRoot]
//     only, a rename between two folders that such a process swaps for a link
//     in that instant may hit another place inside the same base dir.
//   - File systems that fold case or normal form below a base dir that does
//     not, unless [Options].Fold says so. It is found out for the base dir.
//   - What the operating system lets the process do. Files keep their owners
//     and modes; quotas of a [Table] bound a call, not a disk.
//   - Fine clocks. Times of files are told as the file system has them.
package files
