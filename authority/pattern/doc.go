// Package pattern holds the patterns of policies: globs for labels, names and
// commands, path patterns, and URL patterns. They decide who may call and what
// a call may reach, so each has one grammar, written down here, and a matcher
// that no pattern and no input can slow down: matching takes at most a small
// multiple of the product of the two lengths and allocates nothing, compiling
// takes time and memory in proportion to the pattern.
//
// What is malformed is an error, never something that silently matches less:
// a deny that matches nothing is worse than a refused start. All errors are of
// type [*Error] and name the byte. Patterns have at most 4096 bytes, are not
// empty, are valid UTF-8 and hold no control characters.
//
// # Labels
//
// A [Label], for windows and webviews, is a glob with the grammar of Rust's
// glob crate and its default options, which Tauri uses. It matches a whole
// text, case-sensitively:
//
//	?        any one character
//	*        any run of characters, also empty; "/", ":" and leading dots too
//	[abc]    one of these; [a-z] a range; [!a-z] one that is not among these;
//	         a "]" directly after "[" or "[!" is a member, as is a "-" at an end
//	**       only as a whole component between slashes: "**/" stands for nothing
//	         or any run that ends in "/", a final "**" for any run
//	         ("a**" and "***" are errors)
//	other    itself; there are no escapes ([*] is a star) and no braces
//
// # Names
//
// A [Name] has the same grammar without "**", since "*" matches slashes, too,
// and refuses in addition what Rust's crate takes but nobody means: braces,
// ranges like [z-a], and [^a].
//
//   - Keys and topics are free texts: [CompileName]. No character separates
//     anything: user:* matches user:1 and user:1/name. What a "*" may match
//     may hold characters that no pattern can, like newlines.
//   - Variables of the environment are written without "$": [CompileVar].
//     APP_* matches APP_HOME. Case counts. "=", "$", "%", spaces and
//     characters beyond ASCII are errors.
//   - Modules: [CompileModule]. notes-* matches notes-2. What is not in their
//     names (small letters, digits, inner hyphens) is an error.
//   - Commands, as [CompileCommand]: a glob for the module, a dot, and a glob
//     for the command. Neither matches a dot: notes.* is every command of one
//     module, *.get_* those of all modules that start so, and * alone, like
//     *.*, all. A pattern that no command can match ("notes", "Notes.get",
//     "notes.get-all", "a.b.c") is an error.
//
// A text becomes the pattern that matches it alone by [Literal].
//
// # Paths
//
// A [Path] is a list of components separated by "/":
//
//	path      = variable [ "/" components ] | "/" components | "**" [ "/" components ]
//	variable  = "$" upper-case letter { upper-case letter | digit | "_" }
//	component = "**" | glob as a Name is, which stays in its component
//
// "**" stands for any number of components, none included; as the last
// component of an allow it stands for at least one, so that $APPDATA/** is
// what is below the directory and $APPDATA the directory itself. As a deny,
// d/** also is d. A pattern without a variable, "**/*.key", is anywhere.
//
// Refused are: empty components, a final slash, "." and "..", a backslash, a
// variable that is not first, "**" next to other characters, braces, more than
// 63 components, a component of more than 255 characters.
//
// [Path.Bind] puts the real directory in the place of the variable. Its
// characters are literal, whatever they are. [PathOptions] say how to read the
// rest. As an allow: bytes are compared, without regard to case or normal
// form, so that a name that only looks like an allowed one is not allowed; and
// a component matches a name that starts with a dot only if it starts with a
// dot itself, unless Dotfiles is set. As a deny: dotfiles are always covered,
// and with Fold, for file systems that ignore them, differences in case and
// normal form are ignored. Folding takes away too much rather than too little
// (see below).
//
// A [PathMatcher] answers three questions about a clean path: whether it
// matches; whether a path below it might, so that it is on the way
// ([PathMatcher.Beneath], never a false no); and whether all paths below it do
// ([PathMatcher.Covers], never a false yes).
//
// Folding: two names that some file system holds to be one (by simple or full
// case folding, by canonical equivalence, or by ignoring characters without
// width) always fold to the same text. Some names that are different for all
// file systems also do: all combining marks are dropped, so "é", "è" and "e"
// fold to the same. In a folded deny "?" stands for up to three folded
// characters ("ß" is "SS"), and so does a class that is negated, holds more
// than 256 characters, or one that folds to none or several. Not covered:
// Windows' short names (SECRET~1), names with final dots or spaces, and
// streams (a:b), which the opener must refuse.
//
// # URLs
//
// [ParseURL] brings a URL with a host into canonical form, as the URL standard
// (https://url.spec.whatwg.org) does for the "special" schemes http, https,
// ws, wss and ftp, and refuses what the standard only takes to repair it:
//
//   - The scheme and the host are written small; the scheme's own port is left
//     out; user info is dropped and noted ([ParsedURL.HasUser]).
//   - A host that ends in a number is an IPv4 address, in any of its spellings
//     (127.1, 0x7f.0.0.1, 017700000001, 2130706433), and is written as four
//     decimal numbers. IPv6 addresses are written compressed; ::ffff:1.2.3.4,
//     which reaches the same machine as 1.2.3.4, is written so.
//   - A final dot of a host is kept: "example.com." is another name.
//   - Dot segments of the path are resolved, also when written %2e. Escapes of
//     letters, digits and "-._~" are resolved, all others get capital digits;
//     what must be escaped is. (The standard keeps %41; servers do not.)
//   - Refused: control characters, tabs and newlines, space around the URL,
//     backslashes; URLs without "://" and a host; file URLs; hosts with "%" or
//     characters beyond ASCII (use punycode) or with characters that are not
//     letters, digits, "-", "_", "."; empty labels; zones; stray "%"; segments
//     that hide dots from the standard but not from some servers (..%2f, ..;).
//   - For schemes that are not special hosts are names, in small letters.
//
// A [URL] is a pattern with the syntax of URLPattern constructor strings, as
// far as Tauri uses it. It is matched against canonical URLs:
//
//	pattern = scheme "://" host [ ":" port ] [ "/" path ] [ "?" query ] [ "#" fragment ]
//	*       any run of characters, also empty, within the part
//	:name   in host and path, at the start of a label or segment: one or more
//	        characters other than "." (host) or "/" (path)
//	{…}?    the group or nothing; groups do not nest
//	/**     as a segment of the path: nothing, or "/" and any run
//	\c      the character c; a ":" before what is no letter, "_" or "$" means
//	        itself without, and so do those of an IPv6 address
//
// Literal text is brought into canonical form as in a URL. What is left out is
// filled in as in Tauri: a path that is empty or "/", an empty query and an
// empty fragment stand for any. A port that is left out stands for the
// scheme's own port only; a port is a number or "*". "*.example.com" does not
// match "example.com". A host of numbers and wildcards ("192.168.*") matches
// IPv4 addresses only, never a name like 192.168.example.com. No wildcard
// matches the final dot of a host.
//
// Refused are: regular expressions (…), the modifiers + and *, and ? after
// anything but a group; user info; wildcards in IPv6 addresses; names of groups
// beyond ASCII; characters that URLPattern would want escaped.
//
// What a pattern with a path cannot do is make a server read the path as we
// do: a server may take %3A for ":" or ignore case. A deny with a path is only
// as good as the server's reading; one without is exact.
package pattern
