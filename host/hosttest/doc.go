// Package hosttest attacks a host. It is the hostile catalogue as a package: Ambit
// tests itself with it, an app tests its own limits and policy, and the author of a
// module sees what a host does not allow.
//
//	func TestHostile(t *testing.T) {
//		hosttest.Run(t, func(ctx context.Context, c host.Config) (*host.Host, error) {
//			c.Limits.Memory = 16 << 20 // whatever the app sets
//			return host.Open(ctx, "app", c)
//		})
//	}
//
// On the command line it is "ambit attack --app app".
//
// # Cases
//
// [Cases] lists what is tried, by the row of the catalogue: binaries that are wrong
// (rows 001 to 028), modules that take too much (029 to 050), that lie to the host
// (051 to 068), that misuse its functions (069 to 084), callers and policies (085 to
// 111), files (112 to 125), requests (126 to 132), origins (133 to 138), what an app
// is made of (139 to 146), and attacks that the catalogue does not have (from 200
// on). Most attackers are binaries that are put together byte by byte; those that
// read better as text or C are in testdata, with their source.
//
// Where a row of the catalogue has no case, the host has nothing that could be
// attacked so: it unpacks no archives (026, 027), asks nobody (106), and has no
// registry, no signatures and no replicas (138 to 140, 143, 144, 146). What is about
// front ends is with the tests of package ipc (133, 134, 136, 137). Rows 103 (an older version of a module) and 116 (a race in Go's
// os.Root, which lists nothing here) are not promised, and 111, the comparison with a
// second implementation, is with the tests of the authority.
//
// # What is asserted
//
// Besides what a case expects, after each of them:
//
//   - the host is alive: a goroutine that wants to run every 5 ms never waits more
//     than 50 ms, while the garbage collector runs every 20 ms
//   - a denied call entered no module
//   - texts that were hidden in the environment, in files, in the arguments and the
//     folder of a neighbour are in no result, no error, no log and no record, and no
//     path of the host is in what callers see
//   - goroutines, descriptors, calls and memory are back to what they were, and no
//     file outside of the modules' folders has changed
//   - each call left one record, with the code that the caller got, the policy and the
//     place of the rule, in texts that print as they are
//   - an honest module next door was answered within twice the time that it takes
//     alone and 50 ms, at the 99th percentile
//   - the attacker's own next honest call is answered
//
// A case that is late, by the first or the last but one of these, is tried again, at
// most twice: what others do on the machine does not happen three times. Cases that
// would take the process down if a guard were missing run in a child process, with a
// limit of memory and time.
//
// That each case fails without the guard that it is about is shown by "make guards",
// which takes them out one by one.
package hosttest
