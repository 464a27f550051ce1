// Package host runs the modules of an Ambit app in a sandbox, under the app's
// authority: it loads them, decides on every invoke before any code of a module
// runs, and lends an allowed call what its grant holds and nothing else.
//
//	h, err := host.Open(ctx, "app", host.Config{})
//	res, err := h.Invoke(ctx, host.Window("main"), "notes.list", args)
//
// # An app
//
// [Open] reads a folder: ambit.toml names the app's modules, base dirs and
// limits, capabilities/ and permissions/ hold its policy, modules/ the binaries.
// A wrong policy refuses to open, with all problems at once. A bad module is
// refused alone: [Host.Modules] and the log say why, its commands answer
// module-invalid. So is a module that asks for more than ambit.lock accepted of
// an earlier file of it, before any time goes into compiling it. Modules also
// come and go while the host runs ([Host.Load], [Host.Unload]), or are written
// in Go ([Config].Native, [Host.Handle]): those are trusted code behind the same
// authority. Capabilities can be granted and taken back at run time ([Live]).
//
// # An invoke
//
// invoke.go is the pipeline, one struct through small functions: decide · count
// against limits · ask the interceptors · check the arguments, as msgpack and
// against the command's schema · wait for the caller's other calls, if its instance is kept · lend files ·
// take a clean instance, or that · hand over the request · run under a deadline ·
// check the reply · tell the interceptors · make the instance clean again, or keep
// it · write one audit record. Whatever fails on the way ends there.
//
// A denied invoke never reaches the instance. The counter that proves it,
// [Stats].Entered, stands beside the one place where module code begins.
//
// While a call runs, each of its calls of the host, and each tick of its meter,
// asks whether what allowed it still holds; if not, it ends with the code revoked.
//
// # Modules
//
// A module is a WebAssembly binary of ABI 1 (DESIGN §5.2) with its manifest in
// the custom section "ambit". Before wazero sees it, a gate of our own reads all
// of it: counts must fit the bytes that are there, indices what the module has,
// instructions a list, and functions what the compiler does in short time. What
// it refuses it refuses with the byte where it stands. Imports must be functions
// of the ABI with their exact types, and those of a power are refused unless a
// command declares it. Custom sections never reach wazero, instances have no
// name, so that modules cannot find each other.
//
// Package meter rewrites the code: every 100 µs or so, however its instructions
// are reached, the guest calls a function of the host, tick.go, where deadline,
// cancellation, revocation and [Limits].CPU are looked at, and where Go's
// scheduler and garbage collector get their turn: they wait for guests until then.
// What a call takes of the stack is counted, too, and ends with the code
// stack-limit after a MiB. The metered code passes the gate once more. The system
// may take longer than a guest's slice should: a guest that touches all of its
// memory for the first time keeps the collector waiting for a fault a page, which
// is 20 ms for 64 MiB, and several times that where a hypervisor has yet to
// provide them.
//
// A module is started once, at load, without any power and under the limits of
// a call: ambit.request and ambit.reply end a call that uses them then. A module
// that cannot begin is refused there. What its memory and globals hold after
// _initialize and ambit_warm is its image, from which each call begins: package
// image makes clean instances and resets used ones, in the way that is fastest
// here or that [Config].Reset forces; [ModuleStatus] and the log say which. What a
// language's runtime drew by chance when it started is the same in every call:
// Go's math/rand, the order of its maps, hash seeds, names of temporary files. The
// request carries a fresh seed; a manifest can say freeze = false, and pays for a
// start at each call. [Try] loads a module outside any app and reports how.
//
// # Powers
//
// What a command declares is lent to each call within the entries of its grant
// that fit; package internal/power holds the functions, [Powers] lends them to the
// native tests of modules. Each decides where the effect happens:
//
//   - fs.read, fs.write: WASI, on the opened object; no link is followed.
//   - http: the canonical URL of every hop, and every address when it is dialled.
//     [Config].Secrets puts values into headers that entries name.
//   - kv.read, kv.write: the key; the store is <DataDir>/.kv/kv.db, which one host
//     at a time has open and no scope reaches.
//   - env: the variable, as it was when the host was opened. AMBIT_SECRET_… is
//     never lent, AMBIT_OS_… says what the system is: PLATFORM, FAMILY, ARCH, VERSION,
//     EOL, EXE_EXTENSION, HOSTNAME, LOCALE.
//   - exec: the program and each argument.
//   - invoke: the command, then a decision of its own for the module as the caller,
//     with the chain of those before. It has what its caller has left of time, CPU,
//     host calls and log, at most, and at most [Limits].CallDepth calls are under way
//     because of each other.
//   - emit: the topic; [WithChannel] hears it.
//
// What waits in a power (a fetch, a body, a program) ends within milliseconds when
// the call must, also when the grant is revoked or runs out. What was refused for
// lack of scope is in [Record].Refused and in the log, with the entry that is
// missing; the module reads a code.
//
// # Instances that are kept
//
// If a manifest and all capabilities that match a call say instance = "caller",
// the call runs in an instance that is kept for exactly this caller: its window,
// its webview, its origin (of a remote page the whole URL, as the transport gives
// it), and, if a module calls, all callers before it. What the caller's last call
// left in memory is there, whichever command it was; [CallStats].Instance says
// whether. Others never see it, nor does the caller see it from a call whose
// capabilities do not all agree. One call at a time runs in it, the others wait
// for their turn, within their time: at most 16, more are refused with the code
// quota. They count as calls that run.
//
// State is never promised, a module must do without. It ends when a call does not
// return with a sound reply; when the module goes; after [Limits].KeptIdle; when
// more than [Limits].Kept callers of a module come, or memory is short, that which
// was not used for longest; and when a decision that it was made under does not
// hold any more: revoked, run out, denied, or without instance = "caller". That is
// looked at when the policy changes, when time runs out and at each use, for all
// commands that had a part in the state, and with what they would be granted now.
// So who was granted something again does not find what was there before.
//
// Powers, descriptors, limits and the meter are those of each call alone. What is
// given up is that a module forgets: what one call was told or could read, a later
// one of the same caller can answer with, or send away with a power that the first
// one did not have. Do not say it in a capability that keeps two powers apart.
//
// What was compiled is kept in a folder of the user ([Cache]), by the SHA-256 of
// the metered code, so that the next start of a host need not compile it. Gate and
// meter run each time. Whoever can write there can run code as the user, so that
// a folder that others may write is not used. A host compiles one module at a
// time, and refuses loads with the code quota when 64 wait.
//
// A module's own folder, the variable $MODULE, is <DataDir>/<name>. No scope
// reaches stored keys, ambit.toml, ambit.lock, capabilities/, permissions/, modules/ and
// compiled code, be it the host's, that of AMBIT_CACHE or of the user's cache dir.
//
// # Errors
//
// An invoke returns an [*authority.Denial] if the authority refused it, else an
// [*Error]. Both have a code (DESIGN §4.4). A module's own codes arrive as
// "<module>.<code>", so that it cannot forge ours, except bad-args and
// guest-error. [Visible] is what may be shown on the other side of a transport;
// paths, stack traces and the policy's reasons go to the log and to the audit
// record only.
//
// # Logging
//
// Everything goes to the logger in [Config], under "host" and
// "host.module.<name>", or nowhere. What a module logs or prints is escaped,
// and cut at 4 KiB a line, 1 024 lines and [Limits].Log bytes a call.
//
// # Concurrency
//
// A [Host] is safe for concurrent use. Loads take turns; calls wait for nobody but
// calls of the same caller in an instance that is kept, and more of them than the
// limits allow are refused with the code quota.
//
// # Isolation
//
// What holds: fresh state for each call or, where both sides ask for it, state of
// one caller alone; linear memory, tables and stack of an instance, memory of all
// instances, time and instructions of all code, sizes of all messages and logs,
// number of host calls, files, requests, keys and programs within scopes, module size, what a binary may hold,
// time of compiling it: a function takes two seconds at most, and Limits.Load is
// looked at between functions.
//
// What does not hold yet:
//
//   - The stack is counted by an estimate. Code that was written to need more of
//     wazero than that may take several times the MiB, per call.
//   - There is no bound on the bytes below $MODULE.
//
// So modules that may be hostile, and not only wrong, should not be loaded into
// a process that matters.
//
// # Dependencies
//
// wazero runs WebAssembly in pure Go, hclog is the logger that is injected, and
// go.etcd.io/bbolt keeps stored keys (see package internal/kv), and
// vmihailenco/msgpack encodes and decodes Go values of the host's own side: it
// never sees bytes that the strict scan of package wire has not accepted.
package host
