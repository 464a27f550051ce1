// Package fs is the fs module: commands that read and change files below the
// base dirs of an app. This package holds no code; the module is
//
//	manifest.toml  commands with their powers and arguments, permissions, sets, default
//	command/       what the commands do, over package os; tested natively
//	guest/         the program that is compiled to Wasm
//	internal/gen/  writes the regular part of the manifest
//
// and is built by
//
//	ambit build -o fs.wasm modules/fs/guest
//
// # Commands
//
//	read_text_file   path                      a string; the file must be UTF-8
//	read_file        path                      bytes
//	read_dir         path                      [{name, isDirectory, isFile, isSymlink}], by name
//	exists           path                      a bool
//	stat, lstat      path                      {isFile, isDirectory, isSymlink, size, mtime, atime, …}
//	size             path                      bytes of a file, or of all files below a folder
//	write_text_file  path, contents            contents: a string, or bytes that are UTF-8
//	write_file       path, contents            contents: bytes or a string
//	append           path, contents            likewise, at the end of the file
//	truncate         path, len                 len: default 0
//	mkdir            path                      options: recursive
//	remove           path                      options: recursive
//	rename           oldPath, newPath          options: oldPathBaseDir, newPathBaseDir
//	copy_file        fromPath, toPath          options: fromPathBaseDir, toPathBaseDir
//
// Every command takes options, all but the last two with baseDir. The three
// that write take append, create (default true) and createNew. A path is
// "$APPDATA/notes/a.md", the same as "/APPDATA/notes/a.md", or relative to
// options.baseDir: a name like "AppData", or Tauri's number for it. A ".." is
// an error (bad-path). Package command lists the error codes.
//
// # Powers
//
// What reads declares fs.read, what writes fs.write, copy_file both. So does
// rename, which reads nothing: the host moves no file that the call may not
// read to where it may, and it knows what the call may read by that power.
// remove lists folders, but with fs.write alone: the host shows a folder's
// entries to whoever may write them.
//
// No command looks at its scope. The host decides about every file at the
// moment it is opened, changed or listed, so a mistake in this module can do
// no more than a grant allows; see the description of files in package host.
//
// # Permissions
//
// Besides allow-<command> and deny-<command>, which every module has:
//
//	read-all, read-files, read-dirs, read-meta, write-all, write-files
//	    commands without a scope: they do nothing until a scope is added
//	scope-<dir>, scope-<dir>-recursive, scope-<dir>-index
//	    a scope without commands: it holds for every fs command that the same
//	    callers have
//	scope
//	    neither; to be granted with allow and deny entries
//	allow-<dir>-read, -write, -meta, each also with -recursive
//	    commands and the scope that is theirs alone
//	deny-<dir>-secrets, for home, config, data and localdata
//	    keys, tokens, browser profiles, files that run at login; the recursive
//	    grants of these dirs include it, unless they end in -with-secrets
//	deny-default
//	    the folders in which a web view keeps its data, if they are in $APPDATA
//	default
//	    allow-appdata-read-recursive and deny-default
//
// <dir> is app (the next five), appconfig, appdata, applocaldata, appcache,
// applog, audio, cache, config, data, desktop, document, download, home,
// localdata, picture, public, resource, temp, video. An app must declare a dir
// before it can grant it; default needs APPDATA and nothing else.
//
// The scopes in the manifest count once the app says that it trusts the module,
// or its lock file has accepted the module's digest. Until then an app grants
// commands and writes scopes of its own.
//
// # Differences from Tauri's plugin
//
//   - A grant of one dir and a grant of another do not mix. There,
//     allow-document-read and allow-appdata-write together let a window write
//     documents, since all scopes of the plugin are poured into one list. Here
//     allow-<dir>-… is a permission with a scope of its own; only scope-<dir>…
//     and scope go to every command, as there. The price: to copy from one dir
//     to another, grant allow-copy-file with both.
//   - default reads $APPDATA and no other folder of the app, so that an app has
//     to declare one dir only, and it makes no folder: base dirs exist.
//   - meta grants show what is in a folder, not only that it exists; the host
//     filters listings, and the scope "$X" alone shows an empty one.
//   - No link is followed, anywhere, so stat of one is an error (is-symlink),
//     while lstat, exists, read_dir and remove deal with the link itself.
//   - There are no handles (open, create, read, write, seek, fstat, ftruncate,
//     read_text_file_lines): nothing survives a call. append is new instead.
//     There is no watch.
//   - stat tells nothing about owner, permission bits, device and inode: these
//     fields are null, readonly and birthtime too.
//   - mode is taken and has no effect: new files are 0600, new folders 0700.
//   - rename does not replace an empty folder; copy_file copies no permissions,
//     and refuses to copy a file onto itself, which would empty it.
//   - A base dir itself cannot be removed, renamed or copied.
//
// # What is not protected
//
//   - Files outlive calls. Whoever may write a file that another caller reads
//     has a way to talk to that caller, and a full disk is full for all.
//   - Writes are not atomic: a call that is ended half-way, by its deadline
//     say, leaves half a file or half a tree. To replace a file at once, write
//     another and rename it.
//   - Between two calls, and between looking and doing inside one, others may
//     change the files. Each single step is decided anew.
//   - A hard link inside a scope is the file it links, wherever else that is.
//   - Lists of secrets are never complete. They are a second line behind the
//     rule that wildcards of an allow entry match no name that begins with a
//     dot; a narrow grant is the first.
package fs

//go:generate go run ./internal/gen manifest.toml
