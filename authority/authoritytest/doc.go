// Package authoritytest is for the tests of programs that embed Ambit: it
// asserts what a policy allows and denies, keeps the whole of it in a golden
// file, and makes random policies with a reference that answers for them.
//
// # Testing a policy
//
// A policy is code that nobody runs until it matters. Its test is a table, one
// line for each thing that the app relies on:
//
//	func TestPolicy(t *testing.T) {
//		a := authoritytest.Load(t, os.DirFS("app"), acl.Options{}, modules...)
//		main, preview := authoritytest.Window("main"), authoritytest.Window("preview")
//		handbook := authoritytest.Page("main", "https://handbook.example.com/")
//
//		authoritytest.Allow(t, a, main, "notes.add")
//		authoritytest.Deny(t, a, preview, "notes.add", authority.CodeDeniedByRule)
//		authoritytest.Scope(t, a, preview, "fs.read_text_file", "fs.read $APPDATA/notes/*.md")
//		authoritytest.DenyAll(t, a, handbook)
//		authoritytest.Matrix(t, a, "testdata/policy.txt", main, preview, handbook)
//	}
//
// [Allow] and [Deny] say whether; [Scope] says with what, entry by entry;
// [Until] says how long; [Matrix] says everything at once, so that no change
// of the policy goes unseen. A line that fails prints [Decision.Explain] and,
// if something was denied, [Decision.Remedy].
//
// # Every deny has a control
//
// Most denies prove nothing: a caller whose name is misspelt, or a command
// that does not exist, is denied by every policy. So Deny asks for the code
// as well, and does not take the caller's word: unless a rule denied it by
// name, the same policy must allow the same caller something else. Who is to
// be denied everything is asserted with [DenyAll], which has its control in
// that the policy allows somebody something.
//
// # Time
//
// The assertions ask as if nothing had run out yet, so that they say the same
// today and in ten years. Until is for what does run out.
//
// # Random policies
//
// [Generator] makes policies and requests, [Reference] says what the answer
// is, [AnswerOf] what the engine's is, and [Archive] prints a policy as files.
// Whoever builds on the authority (a transport, a cache of decisions, another
// engine) can hold it against them.
//
// # What this does not show
//
// The assertions ask the authority alone. That the transport builds the right
// caller, and that the host keeps to the grant, is for other tests.
package authoritytest
