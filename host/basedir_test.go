package host_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/ambit-wasm/ambit/host"
)

// TestBaseDir: what the paths of [dirs] mean.
func TestBaseDir(t *testing.T) {
	app, home := t.TempDir(), t.TempDir()
	if runtime.GOOS == "windows" {
		t.Skip("the folders have other variables")
	}
	t.Setenv("HOME", home)
	t.Setenv("TMPDIR", "/tmp/x")
	config, err := os.UserConfigDir()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"data": filepath.Join(app, "data"), "../data": filepath.Join(filepath.Dir(app), "data"), "/srv/data": "/srv/data",
		"$HOME": home, "$HOME/notes/a": filepath.Join(home, "notes/a"), "$CONFIG/notes": filepath.Join(config, "notes"), "$TEMP": "/tmp/x",
		"$HOMES": filepath.Join(app, "$HOMES"), "a/$HOME": filepath.Join(app, "a/$HOME"),
	} {
		if got, err := host.BaseDir(app, path); got != want || err != nil {
			t.Errorf("%s is %q, %v; want %q", path, got, err, want)
		}
	}
	for _, bad := range []string{"", "relative"} {
		t.Setenv("HOME", bad)
		if got, err := host.BaseDir(app, "$HOME/x"); err == nil {
			t.Errorf("with HOME=%q it is %q", bad, got)
		}
	}
}

// TestOpenSystemDir: a folder of the user's is a base dir like any other.
func TestOpenSystemDir(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	write(t, home, "notes/a.md", "x")
	dir := app(t, map[string]string{"ambit.toml": "[dirs]\nNOTES = \"$HOME/notes\"\n"}, nil)
	h, err := host.Open(t.Context(), dir, host.Config{Cache: shared})
	if err != nil {
		t.Fatal(err)
	}
	closeHost(t, h)
	write(t, dir, "ambit.toml", "[dirs]\nNOTES = \"$HOME/none\"\n")
	if h, err := host.Open(t.Context(), dir, host.Config{Cache: shared}); err == nil {
		closeHost(t, h)
		t.Error("a folder that is not there was opened")
	}
}
