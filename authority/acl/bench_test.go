package acl_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
)

// BenchmarkCheck loads and resolves a folder of 1000 files and 10 000 rules.
func BenchmarkCheck(b *testing.B) {
	const files, entries, commands = 1000, 10, 1000
	app := fstest.MapFS{
		"ambit.toml":           {Data: []byte("[dirs]\nAPPDATA = \"data\"\n")},
		"permissions/m/m.toml": {Data: []byte("commands = [\"c0\"" + many(1, commands, ", \"c%d\"") + "]\n")},
	}
	for i := range files - 2 {
		var list strings.Builder
		for j := range entries {
			fmt.Fprintf(&list, "  { identifier = \"m:allow-c%d\", allow = [{ path = \"$APPDATA/%d/**\" }] },\n", (i*entries+j)%commands, j)
		}
		app[fmt.Sprintf("capabilities/c%d.toml", i)] = &fstest.MapFile{Data: fmt.Appendf(nil,
			"identifier = \"c%d\"\nwindows = [\"w%d\", \"view-*\"]\npermissions = [\n%s]\n", i, i%7, &list)}
	}
	b.ReportAllocs()
	for b.Loop() {
		read, ps := acl.Load(app, acl.Options{PolicyOnly: true, Platform: authority.Linux})
		a, all := acl.Check(read, ps, nil)
		if len(all) > 0 {
			b.Fatal(all)
		}
		if rules := len(a.Resolved().Allow); rules != (files-2)*entries {
			b.Fatalf("%d rules", rules)
		}
	}
}

// many prints the numbers from a to b by a format.
func many(a, b int, format string) string {
	var s strings.Builder
	for i := a; i < b; i++ {
		fmt.Fprintf(&s, format, i)
	}
	return s.String()
}
