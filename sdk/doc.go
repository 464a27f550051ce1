// Package sdk is for authors of Ambit modules in Go. A command is a function:
//
//	package main
//
//	import "github.com/ambit-wasm/ambit/sdk"
//
//	type Args struct {
//		City string `json:"city"`
//	}
//
//	type Forecast struct {
//		City string `json:"city"`
//		High int    `json:"high"`
//	}
//
//	func init() {
//		sdk.Handle("forecast", func(c *sdk.Call, a Args) (Forecast, error) {
//			return Forecast{City: a.City, High: 21}, nil
//		})
//	}
//
//	func main() {}
//
// Beside it lies a manifest.toml that names the command. Build both with
// `ambit build`, or the module alone with
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -ldflags="-s -w"
//
// Register commands in init functions: main never runs.
//
// # What a handler gets
//
// The arguments arrive decoded and strictly checked, see [Handle]. The [Call]
// tells who asks and how long the host will wait. [Scope] returns what the
// app's policy says about this call in the module's own words. Files are
// reached through package os below /NAME for a base directory $NAME, as far as
// the scope of the call allows: the host enforces that, not the module.
//
// [Log] writes to the host's log, sdk/slogx by log/slog. sdk/contextx makes a
// context of the call's deadline.
//
// # Powers
//
// Whatever else a command reaches, the host lends it: requests over HTTP by
// [Fetch] (sdk/httpx for net/http), stored keys by package sdk/kv, variables by
// [Env], programs by package sdk/exec, commands of other modules by [Invoke],
// events for the caller by [Emit]. A command needs the power in its manifest, and
// an entry of its scope that fits; else the error is [ErrDenied], which is
// fs.ErrPermission, too, and makes the answer "forbidden". What a call opens is
// closed with it.
//
// # Errors
//
// An error ends the call. The caller of "weather.forecast" sees the code of an
// [*Error] as "weather.<code>"; other errors have the code "error", and those
// of package os "forbidden", "not-found" or "exists". [Coded] passes on the code
// of a power. A panic becomes "guest-error" with its text, and its stack goes to
// the log.
//
// # State
//
// Each call starts from the module's initial state, an image that is taken
// after the init functions: what a handler leaves in variables is gone. So is
// what a runtime draws at start: use [Rand]. Before the image is taken the SDK
// runs each codec once and reserves [WarmHeap] bytes, since memory that grows
// during a call makes the next one slower. In a module whose manifest says
// instance = "caller", variables last from call to call of one caller, if the
// policy says so too.
//
// Code that runs during initialization has no host: it can neither log nor
// open files.
//
// # Testing
//
// Handlers are plain Go, and run natively under go test. Package sdktest calls
// them through the real encoding with any scope and caller, and lends powers by the
// host's own code; it also builds modules and opens real hosts.
//
// # Size
//
// A module that only uses this package has about 2.3 MB. Package time adds
// 0.3 MB, os 0.4 MB, fmt 0.6 MB, encoding/json 1 MB and net/http 8 MB, and the
// time to load grows with the size.
package sdk
