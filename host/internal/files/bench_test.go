//go:build unix

package files_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/files"
)

// Opening, reading 4 KiB and closing, beside doing so without a scope.
func BenchmarkOpenReadClose(b *testing.B) {
	dir := b.TempDir()
	must(b, os.MkdirAll(dir+"/notes/sub", 0o755))
	must(b, os.WriteFile(dir+"/notes/sub/f", make([]byte, 4096), 0o600))
	buf := make([]byte, 4096)
	b.Run("unguarded", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f, err := os.Open(filepath.Join(dir, "notes/sub/f"))
			must(b, err)
			_, err = f.Read(buf)
			must(b, err)
			must(b, f.Close())
		}
	})
	for _, way := range []files.Resolver{files.ResolverOpenat2, files.ResolverWalk, files.ResolverRoot} {
		b.Run(string(way), func(b *testing.B) {
			g := newBox(b, way, map[string]string{"A": dir}, files.Options{Forbidden: []string{dir + "/ambit.toml"}}).
				call("+rw $A/notes/**", "-rw $A/notes/private/**")
			b.ReportAllocs()
			for b.Loop() {
				fd, err := g.Open(files.RootFD, "A/notes/sub/f", files.OpenFlags{Read: true})
				must(b, err)
				_, err = g.File(fd).Read(buf)
				must(b, err)
				must(b, g.CloseFile(fd))
			}
		})
	}
}
