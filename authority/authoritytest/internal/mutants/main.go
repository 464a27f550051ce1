// Mutants makes small changes to the code that decides and runs the tests
// against each: a mutant that no test notices is a test that is missing.
//
//	go run ./authority/authoritytest/internal/mutants [-files decide.go,grantee.go]
//
// A mutant makes a condition true or false, drops an operand, moves the bound
// of a comparison, returns the constant that allows for one that denies, or
// leaves out a call or an assignment. All mutants of a package are compiled
// into one test binary, and one at a time is switched on by the environment,
// so that a mutant costs a run of the short tests up to the first that fails.
//
// It reports the mutants that survive and fails if there is one that is not in
// equivalents.txt, or if that file names one that does not survive. There,
// lines name the file and the mutant, and the indented lines below them say
// why no test can tell it from the code.
package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// targets are the files that decide, by package, with the packages whose tests
// must notice, its own first. Of patterns it is what matches, not what parses:
// that is fuzzed against other implementations.
var targets = []target{
	{dir: "authority", tests: []string{"authority", "authority/authoritytest"}, files: []string{
		"authority.go", "catalog.go", "compile.go", "decide.go", "expand.go", "grant.go", "grantee.go", "holds.go", "identifier.go", "reach.go", "run.go", "send.go",
		"link.go", "live.go", "module.go", "observe.go", "origin.go", "pool.go", "scope.go", "scopetype.go", "scopevalue.go", "value.go",
	}},
	{dir: "authority/pattern", tests: []string{"authority/pattern", "authority"}, files: []string{
		"class.go", "command.go", "fold.go", "glob.go", "label.go", "nfa.go", "pathmatch.go", "url.go", "urlpart.go",
	}, functions: regexp.MustCompile(`^\*?(class\.has|folder\.next|folded(Equal|Match)|ignored|tokenKind\..*|glob\.(match|run)|token\..*|decode|` +
		`(Label|Command)\.Match|stepSet\..*|nfaRun\..*|nfaStep\..*|Path\.Bind|literalStep|componentStep|PathMatcher\..*|pathStep\..*|clean|` +
		`URL\.[mM]atch.*|part\.match)$`)},
}

type target struct {
	dir       string
	tests     []string
	files     []string
	functions *regexp.Regexp // nil: all of the files
}

//go:embed equivalents.txt
var equivalents string

func main() {
	files := flag.String("files", "", "only these files, by name, with commas between")
	flag.Parse()
	if err := run(strings.FieldsFunc(*files, func(r rune) bool { return r == ',' })); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(only []string) error {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	r := &runner{root: strings.TrimSpace(string(out)), tmp: tmp, excuses: parseExcuses(equivalents)}
	for _, t := range targets {
		if len(only) > 0 {
			t.files = slices.DeleteFunc(slices.Clone(t.files), func(f string) bool { return !slices.Contains(only, f) })
		}
		if len(t.files) > 0 {
			if err := r.target(t); err != nil {
				return err
			}
		}
	}
	return r.verdict()
}

// runner goes through targets and counts.
type runner struct {
	root, tmp string
	excuses   map[string]string // by file and key
	files     []string          // that were looked at
	killed    int
	survivors []mutant
	mu        sync.Mutex
}

// target makes the mutants of some files of one package and runs the tests.
func (r *runner) target(t target) error {
	in := &instrumenter{functions: t.functions}
	replace := make(map[string]string)
	put := func(name string, text []byte) error {
		file := filepath.Join(r.tmp, strings.ReplaceAll(t.dir, "/", "_")+"_"+name)
		replace[filepath.Join(r.root, t.dir, name)] = file
		return os.WriteFile(file, text, 0o600)
	}
	for _, name := range t.files {
		src, err := os.ReadFile(filepath.Join(r.root, t.dir, name))
		if err != nil {
			return err
		}
		file := t.dir + "/" + name
		changed, err := in.instrument(file, src)
		if err != nil {
			return err
		}
		r.files = append(r.files, file)
		if err := put(name, changed); err != nil {
			return err
		}
	}
	if err := put("mutants.go", fmt.Appendf(nil, support, filepath.Base(t.dir))); err != nil {
		return err
	}
	binaries, err := r.build(t, replace)
	if err != nil {
		return err
	}
	start := time.Now()
	r.all(in.mutants, binaries)
	fmt.Printf("%s: %d mutants in %s\n", t.dir, len(in.mutants), time.Since(start).Round(time.Second))
	return nil
}

// timed are tests that measure time, which with mutants in the code says
// nothing, or that only take some.
const timed = "Cost|DiffLarge|URLHostile|PathHostile|HintBudget|FoldTable"

// binary is a compiled test.
type binary struct{ file, dir string }

// build compiles the tests with the mutants in them and sees that they pass
// while none is on.
func (r *runner) build(t target, replace map[string]string) ([]binary, error) {
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return nil, err
	}
	file := filepath.Join(r.tmp, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		return nil, err
	}
	var out []binary
	for _, test := range t.tests {
		b := binary{filepath.Join(r.tmp, strings.ReplaceAll(test, "/", "_")+".test"), filepath.Join(r.root, test)}
		cmd := exec.Command("go", "test", "-c", "-vet=off", "-overlay", file, "-o", b.file, "./"+test)
		cmd.Dir = r.root
		if text, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("the mutants of %s do not compile: %w\n%s", t.dir, err, text)
		}
		if text, err := b.run(0); err != nil {
			return nil, fmt.Errorf("the tests of %s fail without a mutant: %w\n%s", test, err, text)
		}
		out = append(out, b)
	}
	return out, nil
}

// run runs the short tests with a mutant on, and returns an error if they
// fail. A mutant may run on for ever or take all memory.
func (b binary) run(id int) ([]byte, error) {
	cmd := exec.Command("sh", "-c", `ulimit -v 8000000; exec "$0" "$@"`, b.file, "-test.short", "-test.failfast", "-test.timeout=60s", "-test.skip="+timed)
	cmd.Dir = b.dir
	cmd.Env = append(os.Environ(), fmt.Sprintf("AMBIT_MUTANT=%d", id), "GOMAXPROCS=1")
	return cmd.CombinedOutput()
}

// all runs the tests against all mutants, as many at a time as there are
// processors.
func (r *runner) all(mutants []mutant, binaries []binary) {
	next := make(chan mutant)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for m := range next {
				r.one(m, binaries)
			}
		})
	}
	for _, m := range mutants {
		next <- m
	}
	close(next)
	wg.Wait()
}

func (r *runner) one(m mutant, binaries []binary) {
	for _, b := range binaries {
		var exit *exec.ExitError
		if _, err := b.run(m.id); errors.As(err, &exit) {
			r.mu.Lock()
			r.killed++
			r.mu.Unlock()
			return
		} else if err != nil {
			panic(err)
		}
	}
	r.mu.Lock()
	r.survivors = append(r.survivors, m)
	if r.excuses[m.file+" "+m.key] == "" {
		fmt.Printf("%s:%d: %s survives\n", m.file, m.line, m.key)
	}
	r.mu.Unlock()
}

// verdict compares the survivors with those that are excused.
func (r *runner) verdict() error {
	excused := make(map[string]bool)
	var bad []string
	for _, m := range r.survivors {
		name := m.file + " " + m.key
		if excused[name] = true; r.excuses[name] == "" {
			bad = append(bad, fmt.Sprintf("%s:%d: %s", m.file, m.line, m.key))
		}
	}
	for name := range r.excuses {
		file, _, _ := strings.Cut(name, " ")
		if slices.Contains(r.files, file) && !excused[name] {
			bad = append(bad, "equivalents.txt names a mutant that does not survive or is none: "+name)
		}
	}
	slices.Sort(bad)
	fmt.Printf("%d killed, %d equivalent, %d wrong\n", r.killed, len(r.survivors), len(bad))
	if r.killed == 0 {
		return errors.New("no mutant was killed")
	}
	if len(bad) > 0 {
		return errors.New("survivors:\n" + strings.Join(bad, "\n"))
	}
	return nil
}

// parseExcuses reads equivalents.txt.
func parseExcuses(text string) map[string]string {
	out := make(map[string]string)
	var names []string // since the last reason
	reason := false
	for line := range strings.Lines(text) {
		switch line = strings.TrimRight(line, "\n"); {
		case line == "" || line[0] == '#':
		case line[0] == '\t':
			for _, name := range names {
				out[name] += strings.TrimSpace(line) + "\n"
			}
			reason = true
		default:
			if reason {
				names, reason = nil, false
			}
			names = append(names, line)
		}
	}
	return out
}
