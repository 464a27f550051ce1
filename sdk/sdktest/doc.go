// Package sdktest calls the commands of a module from its tests, without a
// host and without WebAssembly: natively, but through the same encoding and
// with the same checks that a host applies.
//
//	func TestForecast(t *testing.T) {
//		h := sdktest.New(t, sdktest.Options{
//			Scope: sdktest.Scope{Allow: []any{map[string]any{"city": "Bonn"}}},
//		})
//		var f Forecast
//		if err := h.Invoke("forecast", Args{City: "Bonn"}, &f); err != nil {
//			t.Fatal(err)
//		}
//	}
//
// Powers that the SDK offers by functions of its own, as sdk.Fetch and sdk/kv, are
// lent by the host's own code, within the scope in the [Options]. Only the path
// from one module to another is a function of the test.
//
// What [New] cannot show: a fresh state per call (variables last from call to
// call here), limits, the deadline, and the powers for files. Files are those of
// the machine, so give handlers their paths relative to a folder that the test
// makes. [NewGuest] shows all of it: the same test runs on the module as it is
// built, in a sandbox of a real host. [Build] and [Open] are for tests of a
// module's own permissions.
package sdktest
