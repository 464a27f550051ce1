package cli_test

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/cli"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata/script")

// TestScripts runs testdata/script/*.txtar. `ambit …` must exit with 0, `exits
// N ambit …` with N; a last word <file is the standard input.
func TestScripts(t *testing.T) {
	values := goEnv(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("REPO", repoRoot(t))
			for _, name := range goVariables {
				if v := values[name]; v != "" {
					env.Setenv(name, v)
				}
			}
			return nil
		},
		Condition: func(cond string) (bool, error) {
			return cond == "go" && !testing.Short(), nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"ambit": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg {
					ts.Fatalf("write exits N ambit …")
				}
				expect(ts, 0, args)
			},
			"module": writeModule,
			"exits": func(ts *testscript.TestScript, neg bool, args []string) {
				if neg || len(args) < 2 || args[1] != "ambit" {
					ts.Fatalf("usage: exits N ambit …")
				}
				code, err := strconv.Atoi(args[0])
				ts.Check(err)
				expect(ts, code, args[2:])
			},
		},
	})
}

// expect runs ambit in the script's folder and checks the exit code.
func expect(ts *testscript.TestScript, want int, args []string) {
	var stdin strings.Builder
	if n := len(args); n > 0 && strings.HasPrefix(args[n-1], "<") {
		stdin.WriteString(ts.ReadFile(args[n-1][1:]))
		args = args[:n-1]
	}
	var env []string
	for _, name := range append([]string{"PATH", "HOME", "NO_COLOR", "TERM"}, goVariables...) {
		env = append(env, name+"="+ts.Getenv(name))
	}
	var out, errs strings.Builder
	got := cli.Run(ts.MkAbs("."), args, env, strings.NewReader(stdin.String()), &out, &errs)
	_, err := ts.Stdout().Write([]byte(out.String()))
	ts.Check(err)
	_, err = ts.Stderr().Write([]byte(errs.String()))
	ts.Check(err)
	if got != want {
		ts.Fatalf("ambit %s: exit %d, want %d", strings.Join(args, " "), got, want)
	}
	if strings.Contains(out.String()+errs.String(), "goroutine ") {
		ts.Fatalf("ambit %s prints a Go stack", strings.Join(args, " "))
	}
}

// writeModule writes a hand-made module: `module FILE MANIFEST.json`, or
// `module -bare FILE` for one without a manifest. With -dear it would take long
// to compile, with -trap it traps when it is started, with -tables it changes its
// table, with -trapcall it logs and traps when it is called.
func writeModule(ts *testscript.TestScript, neg bool, args []string) {
	flag, invoke := "", wasmtest.EchoCode()
	if len(args) > 0 && strings.HasPrefix(args[0], "-") {
		flag, args = args[0], args[1:]
	}
	if flag == "-trapcall" {
		invoke = wasmtest.Code{}.I32(1).I32(0).I32(3).Call(wasmtest.Log).Unreachable()
	}
	g := wasmtest.NewGuest().Invoke(invoke)
	switch {
	case !neg && len(args) == 1 && flag == "-bare":
	case !neg && len(args) == 2 && flag == "-dear":
		g.Func("", "", "", wasmtest.Fills(128<<10))
	case !neg && len(args) == 2 && flag == "-trap":
		g.Export("_initialize", 0, g.Func("", "", "", wasmtest.Code{}.Unreachable()))
	case !neg && len(args) == 2 && flag == "-tables":
		g.Table(1)
		g.Func("", "", "", wasmtest.Code{}.TableGrow(1).Drop())
	case !neg && len(args) == 2 && (flag == "" || flag == "-trapcall"):
	default:
		ts.Fatalf("usage: module [-dear | -trap | -tables | -trapcall] FILE MANIFEST.json | module -bare FILE")
	}
	file := args[0]
	if len(args) == 2 {
		g.Manifest(strings.TrimSpace(ts.ReadFile(args[1])))
	}
	file = ts.MkAbs(file)
	ts.Check(os.MkdirAll(filepath.Dir(file), 0o755))
	ts.Check(os.WriteFile(file, g.Bytes(), 0o644))
}

func repoRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(dir, "/host/internal/cli")
}

// goVariables are what the Go tool needs to find its caches, which it would
// look for below the script's HOME.
var goVariables = []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOFLAGS", "GOPROXY", "GOTOOLCHAIN"}

func goEnv(t *testing.T) map[string]string {
	t.Helper()
	values := map[string]string{}
	if testing.Short() {
		return values
	}
	out, err := exec.Command("go", append([]string{"env"}, goVariables...)...).Output()
	if err != nil {
		t.Fatalf("go env: %v", err)
	}
	for i, v := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
		values[goVariables[i]] = v
	}
	return values
}
