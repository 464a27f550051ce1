// Package command holds the commands of the fs module: plain functions over
// package os, without a line about permissions. In a guest every path begins
// at the virtual root of the call, below which the host shows the base dirs
// and enforces the scope; natively, for tests, [Files.Root] stands before it.
//
// # Errors
//
// All errors are [*sdk.Error] with one of these codes; messages name the path
// as the guest sees it and nothing of the host.
//
//	bad-path          no base, an unknown base, a "..", a NUL, too long, or a base dir itself where something below it is needed
//	bad-args          an argument that makes no sense
//	forbidden         out of the call's scope; nothing is said about what is there
//	not-found         no such file or folder
//	exists            there is one already
//	not-a-directory   a file where a folder is needed
//	is-a-directory    a folder where a file is needed
//	not-empty         a folder that still holds something, be it out of scope
//	is-symlink        a symbolic link; none is followed
//	same-file         source and target of a copy are one file
//	cross-device      cannot be renamed as a whole; copy instead
//	not-utf8          not text
//	name-too-long  no-space  quota  too-large  too-many-open  read-only  busy  unsupported  io
package command

import "github.com/ambit-wasm/ambit/sdk"

// Files are the commands, over the files below one root. It holds no state
// but the root.
type Files struct {
	// Root is put in front of every path of a guest. It is empty in a guest;
	// a test sets it to a folder of its own, with folders like APPDATA in it.
	Root string
}

// Register registers all commands with the SDK and returns their names.
func (f *Files) Register() []string {
	return []string{
		handle("read_text_file", f.readTextFile),
		handle("read_file", f.readFile),
		handle("read_dir", f.readDir),
		handle("exists", f.exists),
		handle("stat", f.stat),
		handle("lstat", f.lstat),
		handle("size", f.size),
		handle("write_text_file", f.writeTextFile),
		handle("write_file", f.writeFile),
		handle("append", f.append),
		handle("truncate", f.truncate),
		handle("mkdir", f.mkdir),
		handle("remove", f.remove),
		handle("rename", f.rename),
		handle("copy_file", f.copyFile),
	}
}

func handle[A, R any](name string, f func(A) (R, error)) string {
	sdk.Handle(name, func(_ *sdk.Call, a A) (R, error) { return f(a) })
	return name
}

// none is the result of a command that has none: it travels as nil.
type none = *struct{}

// pathArgs are the arguments of most commands.
type pathArgs struct {
	Path    string       `json:"path"`
	Options *baseOptions `json:"options"`
}

// baseOptions are the options that all commands on one path have.
type baseOptions struct {
	BaseDir any `json:"baseDir"` // see baseDir
}

func (o *baseOptions) base() any {
	if o == nil {
		return nil
	}
	return o.BaseDir
}

// is reads a switch that may be left out or nil.
func is(b *bool, otherwise bool) bool {
	if b == nil {
		return otherwise
	}
	return *b
}
