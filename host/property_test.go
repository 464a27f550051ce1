package host_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// TestDeniedMeansNotEntered is the first promise: over random policies and
// requests, a call enters its module if and only if the authority allows it.
// A denied one leaves the entry counter where it was; an allowed one, the
// control, moves it by one.
func TestDeniedMeansNotEntered(t *testing.T) {
	const policies, requests = 2500, 6
	var sink host.MemorySink
	h := open(t, app(t, map[string]string{"ambit.toml": "[[module]]\nname = \"a\"\n[[module]]\nname = \"b\"\n[[module]]\nname = \"gone\"\n"},
		map[string][]byte{"a": wasmtest.Echo(sets("a")), "b": wasmtest.Echo(sets("b"))}), host.Config{Audit: &sink})
	r := rand.New(rand.NewPCG(1, 2))
	denied, allowed := 0, 0
	for range policies {
		var ids []string
		for range 1 + r.IntN(4) {
			id, err := h.Live().Grant(randomCapability(r), time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		for range requests {
			caller, command := randomCaller(r), pick(r, "a.one", "a.two", "b.one", "b.two", "b.three", "gone.one", "c.one", "one", "")
			before := h.Stats()
			want := h.Live().Decide(caller, command)
			_, err := h.Invoke(t.Context(), caller, command, nil)
			after := h.Stats()
			if (err == nil) != want.Allowed() {
				t.Fatalf("%s for %+v: decided %s, ended %v", command, caller, want.Code(), err)
			}
			if err == nil {
				allowed++
				if after.Entered != before.Entered+1 {
					t.Fatalf("%s for %+v: allowed, and entered %d times", command, caller, after.Entered-before.Entered)
				}
				continue
			}
			denied++
			if !errors.Is(err, authority.ErrDenied) || after.Entered != before.Entered || after.Memory != before.Memory {
				t.Fatalf("%s for %+v: %v; entered %d times", command, caller, err, after.Entered-before.Entered)
			}
		}
		for _, id := range ids {
			h.Live().Revoke(id)
		}
	}
	if records := len(sink.Records()); records != policies*requests {
		t.Errorf("%d records of %d calls", records, policies*requests)
	}
	if allowed < policies/10 || denied < policies/10 {
		t.Errorf("the test says little: %d allowed, %d denied", allowed, denied)
	}
	if s := h.Stats(); s.Denied != uint64(denied) || s.Entered != uint64(allowed) {
		t.Errorf("stats = %+v, %d denied, %d allowed", s, denied, allowed)
	}
}

// sets is a manifest with three commands and a few sets.
func sets(name string) string {
	return fmt.Sprintf(`{"module":{"name":%q,"version":"1.0.0","abi":1},"command":[{"name":"one"},{"name":"two"},{"name":"three"}],
"default":{"permissions":["allow-one"]},
"set":[{"identifier":"all","description":"d","permissions":["allow-one","two-not-three"]},{"identifier":"nested","description":"d","permissions":["all"]}],
"permission":[{"identifier":"two-not-three","commands":{"allow":["two"],"deny":["three"]}}]}`, name)
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func patterns(r *rand.Rand, texts ...string) (out []authority.Pattern) {
	for range r.IntN(3) {
		out = append(out, authority.Pattern{Text: pick(r, texts...)})
	}
	return out
}

func randomCapability(r *rand.Rand) authority.Capability {
	c := authority.Capability{
		Identifier: pick(r, "x", "y", "z"), Local: r.IntN(4) > 0, Observe: r.IntN(10) == 0,
		Windows:  patterns(r, "main", "m*", "side", "*"),
		Webviews: patterns(r, "main", "side", "s?de"),
		Remote:   patterns(r, "https://a.example", "https://*.example/x"),
		Modules:  patterns(r, "a", "*"),
	}
	for range 1 + r.IntN(3) {
		c.Permissions = append(c.Permissions, authority.Entry{Reference: authority.Reference{Identifier: pick(r, "a", "b") + ":" +
			pick(r, "default", "all", "nested", "two-not-three", "allow-one", "allow-two", "allow-three", "deny-one", "deny-two")}})
	}
	if r.IntN(8) == 0 {
		c.Platforms = []authority.Platform{pick(r, authority.Linux, authority.Windows, authority.MacOS)}
	}
	return c
}

func randomCaller(r *rand.Rand) authority.Caller {
	switch r.IntN(8) {
	case 0:
		return authority.Caller{}
	case 1:
		return authority.Caller{Origin: authority.ModuleOrigin(pick(r, "a", "b"))}
	case 2, 3:
		return host.Remote(pick(r, "main", "side"), pick(r, "https://a.example/", "https://b.example/x", "http://a.example", "no url"))
	}
	return host.WindowOf(pick(r, "main", "side", "other"), pick(r, "main", "side", "other"))
}
