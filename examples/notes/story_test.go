package main

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what the story prints to testdata/story.txt")

// testApp is a copy of the app, with its modules built as `make demo` does.
func testApp(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds three guests")
	}
	t.Setenv("AMBIT_CACHE", "off") // not the user's
	dir := t.TempDir()
	for from, to := range map[string]string{"app": "app", "seed": "seed"} {
		if err := os.CopyFS(filepath.Join(dir, to), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	app := filepath.Join(dir, "app")
	if err := os.RemoveAll(filepath.Join(app, "modules")); err != nil {
		t.Fatal(err)
	}
	ambit := filepath.Join(dir, "ambit.exe")
	run(t, "go", "build", "-o", ambit, "../../host/cmd/ambit")
	for name, pkg := range map[string]string{"fs": "../../modules/fs/guest", "notes": "module", "rogue": "rogue"} {
		run(t, ambit, "build", "-o", filepath.Join(app, "modules", name+".wasm"), pkg)
	}
	if err := reset(app); err != nil {
		t.Fatal(err)
	}
	return app
}

// TestStory runs the story on a copy of the app and compares what it prints.
func TestStory(t *testing.T) {
	app := testApp(t)
	secret, err := os.ReadFile(filepath.Join(app, "data", "secret.txt"))
	if err != nil {
		t.Fatal(err)
	}

	var out bytes.Buffer
	if err := tell(t.Context(), &out, app); err != nil {
		t.Fatalf("%v, after\n%s", err, &out)
	}
	if bytes.Contains(out.Bytes(), bytes.TrimSpace(secret)) {
		t.Errorf("the secret got out:\n%s", &out)
	}
	const golden = "testdata/story.txt"
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), out.String()); d != "" {
		t.Errorf("the story has changed (go test -update):\n%s", d)
	}
}

// TestReadme holds the README's quotes of the story against the story.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	story, err := os.ReadFile("testdata/story.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "<!-- quoted from examples/notes/testdata/story.txt -->\n```\n")
	quote, _, closed := strings.Cut(rest, "```\n")
	if !found || !closed {
		t.Fatal("the README quotes nothing of the story")
	}
	for part := range strings.SplitSeq(quote, "…\n") {
		if !strings.Contains(string(story), part) {
			t.Errorf("the README quotes what the story does not say:\n%s", part)
		}
	}
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}
