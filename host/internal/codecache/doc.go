// Package codecache keeps what wazero compiles in a folder, so that a process
// need not compile what another one has compiled before.
//
// # How
//
// wazero has a cache of its own in a folder, but believes what it finds there:
// a file that was cut or changed becomes machine code, or makes loads fail. So
// the folder that wazero sees is not the cache. It is a staging folder of one
// [Cache], which is there only while a module is compiled. [Cache.Compile] looks
// for an entry, checks it, and writes the bytes that it checked to where wazero
// will look for them; if wazero compiles after all, what it has written there
// becomes the new entry. Nobody who is not the owner can write in between.
//
// # Entries
//
// An entry is a file <key>.code: a header (magic, the name under which wazero
// asks for the code, its length, the SHA-256 of the key and of all of these and
// of the code), then the code. The key is the SHA-256 of
//
//   - the binary as it is compiled, that is, after the gate and the meter. Both
//     run at each load, and whatever they write into a module, limits included,
//     is in the key, so that no version of theirs has to be.
//   - how wazero is set up ([Options].Settings), wazero's version and checksum,
//     and the version of Go, from the build info of the program: compiled code
//     holds offsets into Go structs. A program that does not know these, as one
//     in which wazero is replaced or comes from a workspace, and as tests of
//     other packages than main, keeps nothing on disk.
//   - operating system, architecture, and features of the CPU.
//
// wazero's own name for the code stands for the CPU features that it uses; an
// entry that it does not ask for is compiled anew and replaced.
//
// An entry is used only if it is a regular file of the current user that nobody
// else may write, and all of its bytes are right. Else it is removed, and the
// module compiled. Entries are written under another name and renamed, so that
// any number of processes may share the folder. When all entries together have
// more than [Options].MaxBytes, those that were used longest ago are removed;
// use sets the time of the file. Other files in the folder are left alone.
//
// Trouble with the folder never fails a load, with one exception: wazero cannot
// be told to forget its folder, so that a load fails if the folder has become
// one that may not be searched since the cache was opened.
//
// # What this protects against
//
// Whoever can write into the folder can run code as its user: the SHA-256 keeps
// damage out, not an author. So [Open] refuses a folder that does not belong to
// the current user or that others may write, symbolic links resolved, and one
// that others could move away: each folder above must belong to the user or to
// root, and must not be writable by others, unless it is sticky or below one that
// others cannot enter. A folder that is missing is made with mode 0700.
//
// A module can do nothing: names are hashes, and the host keeps the folder out
// of every scope. Not protected against: root, other processes of the same user,
// access lists that the mode does not show (macOS, NFS), and disks that answer
// each reader differently. On Windows and other systems without Unix owners,
// neither owner nor mode is checked: the default folder is below %LocalAppData%,
// which only the user, administrators and the system can write; another one is
// as safe as its access list.
//
// # Dependencies
//
// golang.org/x/sys/cpu tells the CPU's features; wazero needs the module anyway.
package codecache
