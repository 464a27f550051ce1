package authority

import "github.com/ambit-wasm/ambit/authority/schema"

// Manifest is what a module offers: commands with the powers each needs, and
// permissions over them. It is a third party's wish, not policy (DESIGN §4.1).
type Manifest struct {
	Position
	Name        string // [a-z0-9-]+, the key of the access-control list
	Version     string
	Description string
	ABI         int    // 1
	Instance    string // "call" (also when empty) or "caller"
	NoFreeze    bool   // the manifest says freeze = false

	Commands    []Command
	Scope       *schema.Schema // the module's own scope keys; nil: none
	Default     *Set           // nil: the module has no default
	Sets        []Set
	Permissions []Permission

	// Accepted says that the app trusts the module's own scopes and foreign
	// set members: `trusted = true`, a lock that names this digest, or files
	// of the app itself. The zero value trusts nothing.
	Accepted bool
	// Invalid, if not empty, is why a module that the app names cannot be
	// used (refused or missing). References to it resolve to nothing and its
	// commands answer [CodeModuleInvalid].
	Invalid string
}

// Command is one callable function of a module.
type Command struct {
	Position
	Name        string // [a-z][a-z0-9_]*
	Description string
	Powers      []Power
	Timeout     int64          // milliseconds; 0: the host's limit
	Args        *schema.Schema // nil: anything
}

// Permission is a named rule of a manifest.
type Permission struct {
	Position
	Identifier  string
	Description string
	Allow, Deny []CommandName // commands.allow, commands.deny
	Scope       ScopeRules
	Platforms   []Platform // none: all
	App         bool       // written by the app (permissions/<module>/), so it is policy
}

// CommandName is a command as a permission names it.
type CommandName struct {
	Position
	Name string
}

// ScopeRules are scope values as written.
type ScopeRules struct{ Allow, Deny []ScopeValue }

// ScopeValue is one scope entry as written: a map[string]any, or a string that
// stands for the module's primary key. Values are nil, bool, int64, float64,
// string, []any and map[string]any.
type ScopeValue struct {
	Position
	Value any
}

// Set is a named list of permissions, of sets, or of both; the set called
// "default" is a manifest's default.
type Set struct {
	Position
	Identifier  string
	Description string
	Members     []Reference
	App         bool // written by the app, so it is policy
}

// Reference names a permission, a set, or "default", with the module's name
// and a colon in front when it is another module's.
type Reference struct {
	Position
	Identifier string
}

// Platform is a target that a capability or permission is limited to.
type Platform string

// The platforms, spelled as in Tauri; FreeBSD is a later addition there.
const (
	Linux   Platform = "linux"
	MacOS   Platform = "macOS"
	Windows Platform = "windows"
	Android Platform = "android"
	IOS     Platform = "iOS"
	FreeBSD Platform = "freebsd"
)
