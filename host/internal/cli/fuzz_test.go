package cli_test

import (
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/cli"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// run runs ambit and fails the test if it panicked, or printed what no input
// may make it print.
func run(t *testing.T, dir string, args ...string) (code int, output string) {
	t.Helper()
	var out strings.Builder
	code = cli.Run(dir, args, nil, strings.NewReader(""), &out, &out)
	output = out.String()
	for _, bad := range []string{"internal error", "goroutine ", "\x1b", "%!"} {
		if strings.Contains(output, bad) {
			t.Fatalf("ambit %s prints %q:\n%s", strings.Join(args, " "), bad, output)
		}
	}
	return code, output
}

// policy writes an app's folder and asks everything of it that needs no
// module.
func askAll(t *testing.T, files map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, mode := range [][]string{{"--policy-only"}, nil} {
		checked, said := run(t, dir, append([]string{"check"}, mode...)...)
		resolved, _ := run(t, dir, append([]string{"resolve", "--json"}, mode...)...)
		can, _ := run(t, dir, append([]string{"can", "--window", "main", "--json", "shelf.list"}, mode...)...)
		if checked == 0 && (resolved != 0 || can == 1) {
			t.Errorf("check says all is well, but resolve ends with %d and can with %d:\n%s", resolved, can, said)
		}
		if checked > 1 || resolved > 1 || can == 2 {
			t.Errorf("exit codes %d, %d, %d", checked, resolved, can)
		}
	}
	run(t, dir, "lock", "--check")
}

var seedFiles = map[string]string{
	"ambit.toml": `[app]
name = "shelf"
capabilities = ["main"]
[dirs]
APPDATA = "data"
[[window]]
label = "main"
remote = "https://a.example"
[[module]]
name = "shelf"
limits = { deadline = "5s", memory = "16MiB" }
[profile.dev]
capabilities = []
`,
	"ambit.lock": `version = 1
[[module]]
name = "shelf"
sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
`,
	"capabilities/main.toml": `identifier = "main"
windows = ["main", "side-*"]
remote.urls = ["https://*.example.com:*/x"]
platforms = ["linux", "macOS"]
expires = 2031-01-01T00:00:00Z
permissions = ["shelf:default", { identifier = "shelf:allow-list", allow = [{ path = "$APPDATA/**" }], deny = ["x"] }]
`,
	"capabilities/more.json": `{"capabilities": [{"identifier": "more", "modules": ["*"], "permissions": ["shelf:deny-list", "allow-hello"]}]}`,
	"permissions/shelf/shelf.toml": `[default]
permissions = ["allow-list", "set"]
[[set]]
identifier = "set"
description = "a set"
permissions = ["default", "one"]
[[permission]]
identifier = "one"
commands.allow = ["list", "open"]
commands.deny = ["burn"]
[[permission.scope.allow]]
path = "$APPDATA/a/*"
`,
	"permissions/app.json": `{"permission": [{"identifier": "hi", "commands": {"allow": ["hello"]}}]}`,
}

func TestSeedFolder(t *testing.T) { askAll(t, seedFiles) }

// No content of a policy folder makes the program panic. The contents are the
// seed's with pieces cut out, doubled, swapped and overwritten.
func TestRandomFolders(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pieces := []string{
		"\x00", "\xff", "\u202e", "[[", "]]", "{", "}", "\"", "'''", "\\u0000", "..", "**", "$", "https://", ":", "=", "\n", "99999999999999999999",
		"nan", "[permission.scope]", "identifier = \"default\"\n", "windows = []\n", "core:default", "shelf:", "null", strings.Repeat("[", 200),
		strings.Repeat("a", 300), "true", "-", "#", "identifier = \"set\"\n",
	}
	rounds := 300
	if testing.Short() {
		rounds = 60
	}
	for range rounds {
		files := map[string]string{}
		for name, text := range seedFiles {
			if rng.IntN(8) > 0 {
				files[name] = mutate(rng, text, pieces)
			}
		}
		askAll(t, files)
	}
}

func mutate(rng *rand.Rand, text string, pieces []string) string {
	for range rng.IntN(4) {
		i, j := rng.IntN(len(text)+1), rng.IntN(len(text)+1)
		i, j = min(i, j), max(i, j)
		j = min(j, i+20)
		switch rng.IntN(3) {
		case 0: // cut
			text = text[:i] + text[j:]
		case 1: // double
			text = text[:j] + text[i:]
		case 2: // insert
			text = text[:i] + pieces[rng.IntN(len(pieces))] + text[i:]
		}
		if text == "" {
			return text
		}
	}
	return text
}

func FuzzFolder(f *testing.F) {
	f.Add(seedFiles["ambit.toml"], seedFiles["capabilities/main.toml"], seedFiles["capabilities/more.json"], seedFiles["permissions/shelf/shelf.toml"])
	f.Fuzz(func(t *testing.T, app, toml, json, permissions string) {
		askAll(t, map[string]string{
			"ambit.toml": app, "capabilities/a.toml": toml, "capabilities/b.json": json, "permissions/shelf/a.toml": permissions,
		})
	})
}

func FuzzInspect(f *testing.F) {
	f.Add(wasmtest.Echo(`{"module":{"name":"good","abi":1},"command":[{"name":"run","powers":["fs.read"]}]}`))
	f.Add([]byte("\x00asm\x01\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, bin []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "m.wasm"), bin, 0o644); err != nil {
			t.Fatal(err)
		}
		text, _ := run(t, dir, "inspect", "m.wasm")
		json, _ := run(t, dir, "inspect", "--json", "m.wasm")
		if text != json || text > 1 {
			t.Errorf("exit codes %d and %d", text, json)
		}
	})
}

// A panic of ours is an apology with the version, and exit code 1.
func TestPanicIsAnApology(t *testing.T) {
	var errs strings.Builder
	code := cli.Run(t.TempDir(), []string{"version"}, nil, nil, panicking{}, &errs)
	if code != 1 || !strings.HasPrefix(errs.String(), "ambit: internal error: no\\x1bway\n") || strings.Contains(errs.String(), "goroutine") {
		t.Errorf("exit %d, %q", code, errs.String())
	}
}

type panicking struct{ io.Writer }

func (panicking) Write([]byte) (int, error) { panic("no\x1bway") }
