package acl

import "github.com/ambit-wasm/ambit/authority"

// App is an app's folder as read by [Load]: what the app declares, what it
// grants, and what it adds to its modules. It is not changed after Load.
type App struct {
	Name     string // app.name; may be empty
	Profile  string // the profile in effect
	Platform authority.Platform
	// PolicyOnly says that the folder was read without modules, so that
	// permissions/<module>/ is that module's whole manifest.
	PolicyOnly bool
	// Partial says that some file could not be read at all, so that what it
	// defines is missing here and references to it cannot resolve. There is
	// an error for each such file.
	Partial bool

	// Dirs are the declared base dirs, name to path as written: absolute, or
	// relative to the app's folder, or as [SystemDir] takes it. Nil if there is no
	// [dirs].
	Dirs map[string]string
	// DirPositions are where the paths of Dirs stand, by name.
	DirPositions map[string]authority.Position
	Windows      []Window
	Modules      []ModuleRef
	Limits       Limits // zero values mean the host's defaults

	// Capabilities are those that are in effect under the profile: those that
	// stand in ambit.toml itself, then those of files, in order. Unselected
	// are the others.
	Capabilities []authority.Capability
	Unselected   []authority.Capability
	// Permissions are what the app's own files in permissions/ add to each
	// module, by module name.
	Permissions map[string]*Additions
	// Lint is what [lint] and the profile mean to the linter. Who knows where
	// the app's folder is adds the places of files.
	Lint authority.LintOptions
	// Lock is what ambit.lock says; nil if there is none.
	Lock *Lock

	listed bool // app.capabilities is there: only what it lists is in effect
	torn   bool // ambit.toml itself could not be read
}

// Window is a [[window]] of ambit.toml.
type Window struct {
	authority.Position
	Label  string
	Host   string // host name label under which it is served; empty: the label
	Assets string // folder of its pages, slash-separated, relative to the app's
	Remote string // origin of a remote page that may use the window's host, as browsers write it
}

// ModuleRef is a [[module]] of ambit.toml.
type ModuleRef struct {
	authority.Position
	Name    string
	File    string // slash-separated, relative to the app's folder
	Trusted bool   // the module's own scopes and foreign set members count
	Limits  Limits // of this module; zero values mean the app's
}

// Additions are what an app's own files add to a module, or, without modules,
// the whole manifest. All of it is policy.
type Additions struct {
	authority.Position // of the first thing in it
	Module             string
	Default            *authority.Set
	Sets               []authority.Set
	Permissions        []authority.Permission
	Commands           []authority.CommandName // names listed as commands = […]
}

// Limits bound what modules use (DESIGN §6.4). Zero means the host's default.
type Limits struct {
	ModuleSize    int64 // module_size: bytes of a module's file
	Memory        int64 // memory: bytes of linear memory of one instance
	MemoryTotal   int64 // memory_total: bytes of all guests' memory together; [limits] only
	Tables        int64 // tables: elements of an instance's tables
	CallDepth     int64 // call_depth: modules that call modules, the first counted
	Deadline      int64 // deadline: milliseconds of one call
	CPU           int64 // cpu: weighted instructions of one call
	Request       int64 // request: bytes of a call's envelope
	Reply         int64 // reply: bytes of a reply's envelope
	Log           int64 // log: bytes logged by one call
	Clock         int64 // clock: milliseconds that the clocks of guests show multiples of
	Random        int64 // random: bytes of randomness taken by one call
	HostCalls     int64 // host_calls: by one call
	OpenFiles     int64 // open_files: at a time in one call
	WriteBytes    int64 // write_bytes: bytes written to files by one call
	FilesCreated  int64 // files_created: by one call
	Keys          int64 // keys: that a module stores
	KeyBytes      int64 // key_bytes: bytes of a module's keys and their values
	KeyValue      int64 // key_value: bytes of one value
	FetchBytes    int64 // fetch_bytes: bytes sent over HTTP by one call, and as many received
	FetchesAll    int64 // fetches_total: HTTP requests open at a time; [limits] only
	Programs      int64 // programs: that one call has running at a time
	ProgramOutput int64 // program_output: bytes read of programs by one call
	Invokes       int64 // invokes: of other commands by one call
	EventRate     int64 // event_rate: events emitted by one call, a second
	EventSize     int64 // event_size: bytes of one event
	ModuleData    int64 // module_data: bytes below $MODULE
	Concurrent    int64 // concurrent: calls of one module at a time
	ConcurrentAll int64 // concurrent_total: calls of all modules at a time; [limits] only
}
