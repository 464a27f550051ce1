package wasi_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority/pattern"
	"github.com/ambit-wasm/ambit/host/internal/files"
	"github.com/ambit-wasm/ambit/host/internal/wasi"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/sys"
)

// suiteVariable names a folder with the programs of WebAssembly/wasi-testsuite,
// as its branch prod/testsuite-base holds them. They are not in this repository.
const suiteVariable = "AMBIT_WASI_TESTSUITE"

// suiteFile says of each program whether it passes, and why it does not.
const suiteFile = "testdata/wasi-testsuite.txt"

// suiteSpec is what the JSON beside a program says.
type suiteSpec struct {
	Root     string   `json:"root"`
	Args     []string `json:"args"`
	ExitCode int      `json:"exit_code"`
}

// TestSuite runs the programs, and holds the outcome against the list.
func TestSuite(t *testing.T) {
	root := os.Getenv(suiteVariable)
	if root == "" {
		t.Skip("needs " + suiteVariable)
	}
	programs, err := filepath.Glob(filepath.Join(root, "tests", "*", "testsuite", "wasm32-wasip1", "*.wasm"))
	must(t, err)
	listed := suiteList(t)
	passed := 0
	for _, program := range programs {
		language := strings.Split(strings.TrimPrefix(program, root), string(filepath.Separator))[2]
		name := language + "/" + strings.TrimSuffix(filepath.Base(program), ".wasm")
		reason, known := listed[name]
		delete(listed, name)
		got := runProgram(t, program)
		switch {
		case got == "":
			passed++
			if !known || reason != "pass" {
				t.Errorf("%s passes, and is listed as %q", name, reason)
			}
		case !known || reason == "pass":
			t.Errorf("%s: %s", name, got)
		default:
			t.Logf("%s does not pass: %s (%s)", name, reason, strings.ReplaceAll(got, "\n", " "))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(listed)) {
		t.Errorf("%s is listed, and not there", name)
	}
	t.Logf("%d of %d pass", passed, len(programs))
}

// suiteList reads the list: a name and "pass", or the reason.
func suiteList(t *testing.T) map[string]string {
	t.Helper()
	b, err := os.ReadFile(suiteFile)
	must(t, err)
	out := make(map[string]string)
	for line := range strings.Lines(string(b)) {
		if name, reason, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name != "#" {
			out[name] = strings.TrimSpace(reason)
		}
	}
	return out
}

// runProgram runs a program in a copy of its folder, and returns how it failed.
func runProgram(t *testing.T, program string) (failed string) {
	t.Helper()
	var spec suiteSpec
	if b, err := os.ReadFile(strings.TrimSuffix(program, ".wasm") + ".json"); err == nil {
		must(t, json.Unmarshal(b, &spec))
	}
	dir := t.TempDir()
	if spec.Root != "" {
		must(t, os.CopyFS(dir, os.DirFS(filepath.Join(filepath.Dir(program), spec.Root))))
	}
	bin, err := os.ReadFile(program)
	must(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	r := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter().WithCloseOnContextDone(true))
	defer r.Close(context.Background())
	b, err := files.Open(map[string]string{"A": dir}, files.Options{})
	must(t, err)
	defer b.Close()
	var all []files.Rule
	for _, text := range []string{"$A", "$A/**"} {
		p, err := pattern.ParsePath(text)
		must(t, err)
		all = append(all, files.Rule{Pattern: p, Dotfiles: true})
	}
	scope, err := b.Scope(files.Rules{ReadAllow: all, WriteAllow: all})
	must(t, err)
	st := &wasi.State{Files: files.NewTable(scope, files.Config{Limits: files.Limits{OpenFiles: 64, WriteBytes: 64 << 20, FilesCreated: 1000}})}
	defer st.Files.Close()
	var stderr bytes.Buffer
	st.Output = &wasi.Output{Sink: sink(func(_ int, p []byte) { stderr.Write(p) })}
	base, err := st.Files.Open(files.RootFD, "A", files.OpenFlags{Folder: true})
	must(t, err)
	must(t, registerSuite(ctx, r, uint64(base), append([]string{"program"}, spec.Args...)))
	code := 0
	_, err = r.InstantiateWithConfig(with(ctx, st), bin, wazero.NewModuleConfig().WithName(""))
	if exit, ok := errors.AsType[*sys.ExitError](err); ok {
		code = int(exit.ExitCode())
	} else if a, ok := errors.AsType[*wasi.Abort](err); ok {
		if n, _ := fmt.Sscanf(a.Text, "the module exited with code %d", &code); n != 1 {
			return fmt.Sprintf("%v", a)
		}
	} else if err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		return line + ": " + lastLines(stderr.String())
	}
	if code != spec.ExitCode {
		return fmt.Sprintf("exit code %d, want %d: %s", code, spec.ExitCode, lastLines(stderr.String()))
	}
	return ""
}

func lastLines(s string) string {
	if len(s) > 400 {
		s = "…" + s[len(s)-400:]
	}
	return s
}

// registerSuite registers the functions for programs that expect their folder to
// be the preopen, and arguments: descriptor 3 is the folder of the base dir.
func registerSuite(ctx context.Context, r wazero.Runtime, base uint64, args []string) error {
	// Which parameters are descriptors, besides the first.
	second := map[string]int{"path_link": 4, "path_rename": 3}
	whole := strings.Join(args, "\x00") + "\x00"
	b := r.NewHostModuleBuilder(wasi.Module)
	for _, f := range wasi.Functions() {
		body, params, results := wasi.Body(f.Name)
		isFD := strings.HasPrefix(f.Name, "fd_") && !strings.HasPrefix(f.Name, "fd_prestat") || strings.HasPrefix(f.Name, "path_") && f.Name != "path_symlink"
		do := func(ctx context.Context, m api.Module, s []uint64) {
			if isFD && uint32(s[0]) == 3 {
				s[0] = base
			}
			if i := second[f.Name]; i > 0 && uint32(s[i]) == 3 {
				s[i] = base
			}
			if f.Name == "path_symlink" && uint32(s[2]) == 3 {
				s[2] = base
			}
			body(ctx, m, s)
		}
		switch f.Name {
		case "args_sizes_get":
			do = func(_ context.Context, m api.Module, s []uint64) {
				m.Memory().WriteUint32Le(uint32(s[0]), uint32(len(args)))
				m.Memory().WriteUint32Le(uint32(s[1]), uint32(len(whole)))
				s[0] = 0
			}
		case "args_get":
			do = func(_ context.Context, m api.Module, s []uint64) {
				at, buf := uint32(s[0]), uint32(s[1])
				m.Memory().Write(buf, []byte(whole))
				for _, a := range args {
					m.Memory().Write(at, binary.LittleEndian.AppendUint32(nil, buf))
					at, buf = at+4, buf+uint32(len(a))+1
				}
				s[0] = 0
			}
		}
		b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(do), params, results).Export(f.Name)
	}
	_, err := b.Instantiate(ctx)
	return err
}
