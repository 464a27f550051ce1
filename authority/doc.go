// Package authority decides who may call which command, with what scope, and
// says why. It is the heart of Ambit, and free of everything else in it: it
// imports the standard library only, reads no file, opens no connection, has
// no clock and starts no goroutine. Package authority/acl reads policies from
// files; package host asks before it lets a module run.
//
// # The model
//
// A module's [Manifest] offers commands, each with the powers it needs, and
// permissions over them: named rules that allow or deny commands and bring
// scope along, sets of them, and a default. For every command the permissions
// allow-<command> and deny-<command> exist without being written. A
// [Capability] is what the app grants: permissions, to windows, webviews,
// remote origins or modules. [New] checks all of it and resolves it to rules
// ([Resolved]); problems come all at once, with place and hint.
//
// # The decision
//
// [Authority.Decide] answers a [Request] in this order: the module is known,
// it is usable, the command is known, no deny that means this caller, an allow
// that matches this caller; else it denies. A rule means a caller if the
// origin matches and the window or the webview does; if the caller is a
// module, its name must match, and with "via" the window that began the chain
// of calls. Deny beats allow in every order, and binds only the callers that
// its capability names. What cannot be told (whether a capability has run
// out, when the request has no time; which window began a chain) does not
// allow, and does deny.
//
// An allow comes with a [Grant], the witness that the host works with: the
// scope entries of the rules that matched, and which powers they lend. The
// authority never looks into scopes to decide: a command without a fitting
// entry runs, but without that power.
//
// A capability that only observes takes part in no decision.
// [Decision.Observed] says what it would have changed, so that a stricter or a
// wider policy can be watched before it is in force.
//
// # Whose word counts
//
// A manifest is a third party's wish. Scope in it that would lend a power
// outside the module's own folder, and members of other modules in its sets,
// count only once the app has accepted the manifest ([Manifest.Accepted]) or
// written them itself (App). A capability that names what does not count is an
// error that says what it would have lent.
//
// # Errors
//
// New reports [Problems]; their codes are stable. Decide never fails. The
// error for a deny is a [Denial], which is [ErrDenied]. There are two texts
// for a deny: [Decision.Explain] and [Decision.Remedy] for the operator;
// [Decision.CallerCode] is all that the other side may be told.
//
// The zero Decision, a nil *Authority, the zero Caller and a nil *Live deny.
// No input makes this package panic.
//
// # Concurrency
//
// An Authority, its decisions and grants are immutable and safe for concurrent
// use. [Live] holds the one in force while capabilities are granted, revoked
// and replaced at run time.
//
// # Security considerations
//
// The authority believes the Caller: a transport that mixes up windows or
// origins undoes all of it. It bounds what a hostile manifest can cost, but
// not what an app's own files ask for. It does not enforce scopes: that is
// done where the effect happens, by who holds the Grant. A module that may be
// called by two windows sees the calls of both; what it then tells the one of
// the other is not the authority's to prevent.
package authority
