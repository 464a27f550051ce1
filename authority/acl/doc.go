// Package acl reads an app's access-control files, the manifests of modules,
// and the lock, into the model of package authority. It is the only package
// that imports a parser.
//
// # Strict, and all at once
//
// A policy that two readers understand differently is worse than none, so
// nothing in a file is ever ignored. An unknown key, a key written twice or in
// the wrong case, a wrong type, a value outside its bounds, a name given
// twice, a file that has another ending, a link to a folder, text that is not
// UTF-8: each is an error that says file, line, column, what is wrong and,
// where it can be guessed, what was meant. Only what is documented is passed
// over: the keys "$schema" and "version", folders called schemas, Markdown,
// and hidden files that do not end like a policy file.
//
// No problem hides another: every file is read to its end, and all problems
// are returned together. A file whose grammar is broken gives one problem, and
// the other files are still read ([App.Partial]).
//
// # What is read
//
//	ambit.toml                          the app: [app] [dirs] [[window]] [[module]] [limits] [profile.<name>] [lint]
//	ambit.lock                          what the app has accepted from its modules ([Lock])
//	capabilities/**/*.toml|json|json5   one capability, a list, or a table with the list "capabilities"
//	permissions/<module>/**/*.toml|json what the app adds to a module; directly in permissions/: to the module "app"
//
// In a list "capabilities" of ambit.toml, of [app] or of a profile, a capability
// itself can stand in the place of an identifier. It is in effect where the list
// is, and is checked as one in a file is, also if its profile is not chosen.
//
// The forms of capabilities and permissions are Tauri's, with what DESIGN §4.1
// adds. A manifest is read from TOML, as its author writes it, or from the JSON
// that a binary carries ([ParseManifest], [ParseManifestJSON],
// [EncodeManifest]).
//
// [Load] reads a folder from an [io/fs.FS]; [App.Policy] puts it together with
// the modules that the host found; [Check] does both and compiles.
//
// # A manifest is a wish
//
// What a module's own manifest lends counts only if the app trusts the module
// by name, or has accepted exactly this file in ambit.lock. [NewLockEntry]
// makes the entry, [LockEntry.Lends] says in plain words what it would lend.
// An entry whose text was changed by hand accepts nothing, so that what people
// review is what is accepted. The app's own files are policy and need no
// acceptance.
//
// Another file of a module that was accepted must not be loaded at all if it
// asks for more than the entry holds ([App.Exceeds], [LockEntry.Beyond]); if it
// asks for the same or less, it is like one that nobody has accepted.
//
// # Changes
//
// [Apply] makes an [authority.Edit] in the text of a file and leaves all else
// as it is, byte for byte. It works on the places that the loader found, not on
// patterns of text, and loads what comes out before it returns it: a file is
// changed as was meant, or not at all. Of the lines around:
//
//   - an entry of a list is added as the last one, on a line of its own if the
//     others have that, and a [[table]] behind the last of its kind;
//   - with an entry go its comma, the comment behind it on its line, and its
//     line if nothing else stands there; comments on lines above it stay, since
//     they may be about those below, too;
//   - with a [[table]] go the tables below it and the comment lines right above
//     it, except at the top of a file, where a licence may stand.
//
// JSON5 is not changed.
//
// # Parsers
//
// Files of all formats become one tree of nodes with places, and one set of
// readers works on it.
//
// TOML is parsed by github.com/pelletier/go-toml/v2, package unstable. It has
// no dependencies, is maintained and fuzzed, and gives the place of every key
// and scalar, which a loader that points at a line cannot do without
// (BurntSushi/toml, the other candidate, tells places only in its errors). Of
// its decoder only dates are taken: it stops at the first duplicate, tells no
// places of values, and takes time quadratic in the keys (5 s for 40 000 keys;
// this package takes 35 ms). What may be defined where is decided here, in
// linear time, and a fuzz test compares that with the decoder. That "unstable"
// may change its API is a price that the exact version in go.mod bounds.
//
// JSON has a scanner of our own, since encoding/json accepts duplicate
// members, members in the wrong case and invalid UTF-8, and does not tell
// places; a fuzz test compares the two on what both accept.
//
// No file, of whatever format, may hold characters that make it look like what
// it is not: those that change the direction of text (U+202A to U+202E, U+2066
// to U+2069), and line ends that only some programs show (U+0085, U+2028,
// U+2029). In strings they can be written as escapes.
//
// JSON5 is read by the same scanner, as strictly. Of its grammar
// (https://spec.json5.org) it leaves out what a person and a parser may read
// differently: escapes that only drop their backslash ('\S' for 'S'), control
// characters in strings and comments, a comment to the end of the line that
// ends before the line does (with a lone carriage return), Infinity and NaN.
//
// # Schemas
//
// [App.Schemas] writes JSON Schemas of an app's files, for editors. Tests hold
// them to the loader with github.com/santhosh-tekuri/jsonschema/v6, a full
// validator that only they import; what modules bring as schemas is checked by
// package schema, never by it.
//
// # Bounds
//
// A file has at most 1 MiB, 100 000 values, 64 levels of nesting, and 1000
// reported problems; an app 10 000 files of 64 MiB together, in folders 32
// deep. Only regular files are opened. No input makes this package panic.
//
// # What this does not protect against
//
// Who can write to the app's folder can write policy. Load takes files one
// after the other, so a folder that changes meanwhile may be read half old,
// half new.
package acl
