package authority

// Caller is who invokes. It is built by a transport, never read from a
// payload. The zero Caller has no origin and matches nothing.
type Caller struct {
	Window  string // label; empty for module callers
	Webview string // label; often the same as Window
	Origin  Origin
	// Chain holds the callers before this one, the root first, when a module
	// calls a module.
	Chain []Caller
}

// Request is one question to the authority. An Authority and a [Decision] keep
// its slices and do not change them; neither may the caller.
type Request struct {
	Caller  Caller
	Module  string
	Command string // without the module
	Now     int64  // Unix nanoseconds, from the host; without it nothing that expires is granted
	// Spent names the capabilities whose limits (calls per second, concurrent
	// calls) the host knows to be used up. What they allow does not count;
	// what they deny does.
	Spent []string
}
