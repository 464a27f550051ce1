package acl_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority/acl"
)

// hang is far above what anything here takes on a busy machine.
const hang = time.Minute

// TestHostileManifests: whatever a stranger's manifest holds, to read it and
// to say what it would lend costs little more than its size.
func TestHostileManifests(t *testing.T) {
	list := func(n int, item string) string {
		items := make([]string, n)
		for i := range items {
			items[i] = strings.ReplaceAll(item, "#", fmt.Sprint(i))
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	const module = `{"module":{"name":"m","abi":1}`
	for _, c := range []struct{ name, rest string }{
		{"cycles", `,"set":` + strings.ReplaceAll(list(9000, `{"identifier":"s#","permissions":["s0","s#","s+"]}`), "+", "1")},
		{"commands", `,"command":` + list(14_000, `{"name":"c#","powers":["fs.read","fs.write"]}`)},
		{"a permission of all commands", `,"command":` + list(11_000, `{"name":"c#","powers":["fs.read","fs.write"]}`) +
			`,"permission":[{"identifier":"p","commands":{"allow":` + list(11_000, `"c#"`) + `},"scope":{"allow":` + list(11_000, `"/a"`) + `,"deny":` + list(11_000, `{"path":"/a"}`) + `}}]`},
		{"many permissions of a command", `,"command":` + list(8000, `{"name":"c#","powers":["fs.read"]}`) +
			`,"permission":` + list(5000, `{"identifier":"p#","commands":{"allow":["c7999"]},"scope":{"allow":["/a#"]}}`)},
		{"many powers", `,"command":[{"name":"c","powers":` + list(60_000, `"fs.read"`) + `}]`},
		{"unknown commands", `,"command":` + list(10_000, `{"name":"command_#"}`) + `,"permission":` + list(9000, `{"identifier":"p#","commands":{"allow":["comand_#"]}}`)},
		{"unknown members", `,"set":` + list(9000, `{"identifier":"a-long-name-of-a-set-#","permissions":["b-long-name-of-a-set-#"]}`)},
		{"unknown keys", "," + strings.Trim(list(40_000, `"key#":1`), "[]")},
		{"the same key", strings.Repeat(`,"x":1`, 90_000)},
		{"a deep schema", `,"scope":` + strings.Repeat(`{"properties":{"a":`, 30) + "{}" + strings.Repeat("}}", 30)},
		{"a wide schema", `,"scope":{"properties":{` + strings.Trim(list(9000, `"k#":{"type":["string","integer","null"]}`), "[]") + `}}`},
		{"long names", `,"permission":[{"identifier":"` + strings.Repeat("p", 900_000) + `"}]`},
		{"lists of lists", `,"permission":[{"identifier":"p","scope":{"allow":` + list(900, list(100, "[]")) + `}}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := []byte(module + c.rest + "}")
			if len(text) > 1<<20 {
				t.Fatalf("%d bytes are refused for their size alone", len(text))
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			m, problems := acl.ParseManifestJSON("m.wasm#ambit", text)
			entry := acl.NewLockEntry(m, "")
			lends := entry.Lends()
			(&acl.Lock{Modules: []acl.LockEntry{entry}}).Encode()
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			mib := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%d bytes: %v, %d MiB, %d problems, %d lines", len(text), took, mib, len(problems), len(lends))
			if took > hang || mib > 400 || len(problems) > 2100 {
				t.Errorf("took %v, %d MiB, %d problems", took, mib, len(problems))
			}
		})
	}
}
