//go:build !wasip1

package sdk_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// guestMost is what a guest with typed arguments may weigh, in bytes. Every
// byte is compiled when the module is loaded.
const guestMost = 2_350_000

// buildGuest builds a guest as authors do and returns its file.
func buildGuest(t testing.TB, dir string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a guest")
	}
	file := filepath.Join(t.TempDir(), "guest.wasm")
	goTool(t, dir, true, "build", "-buildmode=c-shared", "-ldflags=-s -w", "-o", file, ".")
	return file
}

// goTool runs the go command, without a network, and returns what it prints.
func goTool(t testing.TB, dir string, guest bool, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off", "GOFLAGS=-buildvcs=false")
	if guest {
		cmd.Env = append(cmd.Env, "GOOS=wasip1", "GOARCH=wasm")
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestGuestSize(t *testing.T) {
	info, err := os.Stat(buildGuest(t, "testdata/echo"))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes of %d", info.Size(), guestMost)
	if info.Size() > guestMost {
		t.Errorf("a guest with typed arguments has %d bytes, more than %d", info.Size(), guestMost)
	}
}

func TestGuestDependencies(t *testing.T) {
	if testing.Short() {
		t.Skip("runs go list")
	}
	deps := strings.Fields(goTool(t, "testdata/echo", true, "list", "-deps", "."))
	for _, want := range []string{"github.com/ambit-wasm/ambit/sdk", "github.com/ambit-wasm/ambit/sdk/wire", "reflect"} {
		if !slices.Contains(deps, want) {
			t.Errorf("the list is not that of a guest: %s is not in it", want)
		}
	}
	for _, heavy := range []string{"fmt", "log", "log/slog", "net", "net/http", "encoding/json", "os", "time", "io/fs"} {
		if slices.Contains(deps, heavy) {
			t.Errorf("a guest depends on %s", heavy)
		}
	}
	for _, path := range deps {
		if strings.Contains(path, ".") && !strings.HasPrefix(path, "github.com/ambit-wasm/ambit/sdk") {
			t.Errorf("a guest depends on %s", path)
		}
	}
}

func TestGuestsVet(t *testing.T) {
	if testing.Short() {
		t.Skip("runs go vet")
	}
	for _, dir := range []string{"testdata/echo", "testdata/probe", "testdata/consumer"} {
		goTool(t, dir, false, "vet", ".")
		goTool(t, dir, true, "vet", ".")
	}
}

// A module of somebody else needs nothing but the SDK: no go.sum, no download.
func TestConsumer(t *testing.T) {
	buildGuest(t, "testdata/consumer")
	if _, err := os.Stat("testdata/consumer/go.sum"); err == nil {
		t.Error("the build has written a go.sum")
	}
}
