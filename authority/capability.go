package authority

// Capability is what an app grants: permissions to callers. The zero value
// matches no caller.
type Capability struct {
	Position
	Identifier  string
	Description string
	Local       bool      // pages of the app itself; files default to true
	Remote      []Pattern // URL patterns of remote origins (remote.urls)
	Windows     []Pattern // window labels
	Webviews    []Pattern // webview labels; a caller matches by window OR webview
	Modules     []Pattern // callers that are modules
	Via         []Pattern // with Modules: only chains that such a window began
	Permissions []Entry
	Platforms   []Platform // none: all
	Expires     int64      // Unix nanoseconds; 0: never
	Observe     bool       // mode = "observe": takes part in no decision
	Instance    string     // "" or "caller"
	Limits      Limits
}

// Pattern is a pattern as written, with its place.
type Pattern struct {
	Position
	Text string
}

// Entry is one granted permission or set, with extra scope for its members.
type Entry struct {
	Reference
	Scope ScopeRules
}

// Limits bound how often a grant may be used; zero is unlimited.
type Limits struct {
	CallsPerSecond int
	Concurrent     int
}
