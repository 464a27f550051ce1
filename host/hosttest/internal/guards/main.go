// Command guards takes the guards of a host out, one by one, and asserts that the
// cases of package hosttest notice: a case that passes without its guard proves
// nothing. It writes host/TRACK-RECORD.md.
//
//	go run ./host/hosttest/internal/guards [-only regexp] [-record]
//
// A guard is a condition under which the code refuses something: it makes an error,
// fails, or says no. All of them are compiled into one test binary, through the
// overlay of the go command, and switched by the environment. Each case is run
// once to see which guards it hits, and then without each of these, until it fails;
// at last without all of them. What must hold and is no condition, such as that
// state is reset, is in a list of its own: see [edits].
//
// It takes some twenty minutes, and addresses that are not public are dialled when
// the guard against that is out.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ambit-wasm/ambit/host/hosttest"
)

// packages are those that have guards.
var packages = []string{
	"authority", "authority/acl", "authority/pattern", "host", "host/internal/codecache", "host/internal/egress", "host/internal/files", "host/internal/image", "host/internal/kv",
	"host/internal/meter", "host/internal/power", "host/internal/printable", "host/internal/process", "host/internal/wasi", "host/internal/wasm", "sdk/wire",
}

// left is what only says what others have decided.
var left = []string{"authority/observe.go", "host/error.go", "host/audit.go"}

func main() {
	verbose := flag.Bool("v", false, "print what is tried")
	only := flag.String("only", "", "the cases whose names match the `expression`")
	record := flag.Bool("record", false, "write host/TRACK-RECORD.md")
	faults := flag.Bool("faults", false, "have guards hold that do not, instead of taking them out")
	flag.Parse()
	if err := run(regexp.MustCompile(*only), *record, *faults, *verbose); err != nil {
		fmt.Fprintln(os.Stderr, "guards:", err)
		os.Exit(1)
	}
}

func run(only *regexp.Regexp, record, faults, verbose bool) error {
	dir, err := os.MkdirTemp("", "ambit-guards-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	p := &prover{dir: dir, binary: filepath.Join(dir, "hosttest.test"), vital: make(map[string]bool), verbose: verbose}
	if err := p.build(); err != nil {
		return err
	}
	fmt.Printf("%d guards in %d packages\n", len(p.in.guards), len(packages))
	if faults {
		return p.faults(only)
	}
	var verdicts []verdict
	held := 0
	for _, c := range hosttest.Cases() {
		if !only.MatchString(c.Name) {
			continue
		}
		v := p.prove(c)
		if verdicts = append(verdicts, v); v.without == "" {
			held++
		}
		fmt.Println(v)
	}
	fmt.Printf("%d cases, %d of them fail without a guard, or need none\n", len(verdicts), len(verdicts)-held)
	if record {
		if err := os.WriteFile(filepath.FromSlash("host/TRACK-RECORD.md"), trackRecord(verdicts), 0o644); err != nil {
			return err
		}
	}
	if held > 0 {
		return fmt.Errorf("%d cases pass whatever is taken out", held)
	}
	return nil
}

// prover runs cases with guards taken out.
type prover struct {
	dir, binary string
	verbose     bool
	in          instrumenter
	vital       map[string]bool // guards without which an honest call fails, too
}

// honest is a case in which nothing is wrong. A guard without which it fails proves
// nothing about another case.
const honest = "052/the request over its own data"

// build compiles the tests of package hosttest with all guards switchable.
func (p *prover) build() error {
	overlay := map[string]string{}
	add := func(file string, text []byte) error {
		path := filepath.Join(p.dir, strings.ReplaceAll(file, "/", "_"))
		overlay[mustAbs(file)] = path
		return os.WriteFile(path, text, 0o600)
	}
	for _, pkg := range packages {
		files, err := filepath.Glob(filepath.Join(filepath.FromSlash(pkg), "*.go"))
		if err != nil {
			return err
		}
		name := ""
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") || slices.Contains(left, filepath.ToSlash(file)) {
				continue
			}
			src, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			name = regexp.MustCompile(`(?m)^package (\w+)`).FindStringSubmatch(string(src))[1]
			file = filepath.ToSlash(file)
			edited, err := applyEdits(&p.in, file, src)
			if err != nil {
				return err
			}
			out, err := p.in.instrument(file, edited)
			if err != nil {
				return err
			}
			if out == nil && bytes.Equal(edited, src) {
				continue
			} else if out == nil {
				out = edited
			}
			if err := add(file, out); err != nil {
				return err
			}
		}
		if err := add(pkg+"/guard_support.go", fmt.Appendf(nil, support, name)); err != nil {
			return err
		}
	}
	if err := unusedEdits(); err != nil {
		return err
	}
	for file, changes := range changes {
		src, err := os.ReadFile(filepath.FromSlash(file))
		if err != nil {
			return err
		}
		for _, c := range changes {
			if bytes.Count(src, []byte(c[0])) != 1 {
				return fmt.Errorf("%s does not have %q once", file, c[0])
			}
			src = bytes.Replace(src, []byte(c[0]), []byte(c[1]), 1)
		}
		if err := add(file, src); err != nil {
			return err
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		return err
	}
	file := filepath.Join(p.dir, "overlay.json")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		return err
	}
	out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", file, "-o", p.binary, "./host/hosttest").CombinedOutput()
	if err != nil {
		return fmt.Errorf("building: %w\n%s", err, out)
	}
	return nil
}

// changes are those of package hosttest itself, by file: what does not end without
// its guard need not be waited for, and a fault is forced when the case has begun.
var changes = map[string][][2]string{
	"host/hosttest/attack.go": {
		{"longestCase = time.Minute", "longestCase = 2 * time.Second"},
		{"	tries = 3\n", "	tries = 1\n"},
		{"	a.guarded(func() { a.kase.attack(a) })\n", "	armFault(); a.guarded(func() { a.kase.attack(a) })\n"},
	},
	"host/hosttest/sound.go":    {{"Add(5 * time.Second)", "Add(time.Second)"}},
	"host/hosttest/child.go":    {{"tries*longestCase + 10*time.Second", "longestCase + 2*time.Second"}},
	"host/hosttest/resident.go": {{"				r.call()\n", "				if !faulty { r.call() }\n"}, {"import (\n", "import (\n	\"os\"\n"}, {"// soloCalls is", faultSupport + "// soloCalls is"}},
}

// faultSupport is what the changed files need. The neighbour rests while there are
// faults, which could be its own.
const faultSupport = `
var faulty = os.Getenv("AMBIT_GUARDS_FORCE") != "" || os.Getenv("AMBIT_GUARDS_ASKED") != ""

func armFault() { os.Setenv("AMBIT_GUARDS_ARMED", "1") }

`

func mustAbs(file string) string {
	abs, err := filepath.Abs(filepath.FromSlash(file))
	if err != nil {
		panic(err)
	}
	return abs
}

// verdict is what was found about a case.
type verdict struct {
	name    string
	failed  string // what the case complains of with all guards; must be ""
	without string // the guard without which it fails, or ""
	how     string // what it complains of then
}

func (v verdict) String() string {
	switch {
	case v.failed != "":
		return fmt.Sprintf("%s FAILS: %s", v.name, v.failed)
	case v.without == "":
		return fmt.Sprintf("%s HOLDS WITHOUT ANY: %s", v.name, v.how)
	}
	return fmt.Sprintf("%s: %s", v.name, v.without)
}

// mostTried is how many guards of a case are taken out one by one.
const mostTried = 24

// prove looks for the guard of a case.
func (p *prover) prove(c hosttest.Case) (v verdict) {
	v.name = c.Name
	if v.without = constructed(c.Name); v.without != "" {
		return v
	}
	hits, why := p.hits(c.Name)
	if why != "" {
		v.failed = why
		return v
	}
	slices.Reverse(hits)                   // the last one is the likeliest
	hits = slices.DeleteFunc(hits, isEdit) // those are hit by all cases
	slices.SortStableFunc(hits, func(a, b string) int { return p.vague(a) - p.vague(b) })
	candidates := slices.DeleteFunc(slices.Concat(editsOf(c.Name), hits), p.isVital)
	for _, id := range candidates[:min(len(candidates), mostTried)] {
		if off, how, failed := p.without(c.Name, hits, id); failed {
			v.without, v.how = off, how
			return v
		}
	}
	if how, failed := p.fails(c.Name, strings.Join(candidates, ","), ""); failed && len(candidates) > 0 {
		names := make([]string, 0, len(candidates))
		for _, id := range candidates {
			names = append(names, p.name(id))
		}
		v.without, v.how = strings.Join(names, " and "), how
		return v
	}
	v.how = fmt.Sprintf("%d guards tried", len(candidates))
	return v
}

// vague tells guards that say what is refused from those that only say that
// something was.
func (p *prover) vague(id string) int {
	if strings.HasSuffix(p.name(id), "!= nil") {
		return 1
	}
	return 0
}

// isVital reports whether an honest call fails without a guard.
func (p *prover) isVital(id string) bool {
	vital, known := p.vital[id]
	if !known {
		_, vital = p.fails(honest, id, "")
		p.vital[id] = vital
	}
	return vital
}

// without takes a guard out, and then those behind it: what the case hits only now.
func (p *prover) without(name string, usual []string, id string) (names, how string, failed bool) {
	off := []string{id}
	file := filepath.Join(p.dir, "behind")
	for range 4 {
		_ = os.Remove(file)
		how, failed = p.fails(name, strings.Join(off, ","), file)
		if p.verbose {
			fmt.Printf("  without %s: %v %s\n", p.name(off[len(off)-1]), failed, how)
		}
		text, _ := os.ReadFile(file)
		behind := slices.DeleteFunc(strings.Fields(string(text)), func(id string) bool {
			return isEdit(id) || slices.Contains(usual, id) || slices.Contains(off, id) || p.isVital(id)
		})
		if failed {
			_, vital := p.fails(honest, strings.Join(off, ","), "")
			failed = !vital
			break
		}
		if len(behind) == 0 {
			break
		}
		off = append(off, behind...)
	}
	for i, id := range off {
		if i > 0 {
			names += " and "
		}
		names += p.name(id)
	}
	return names, how, failed
}

func (p *prover) name(id string) string {
	for _, g := range p.in.guards {
		if fmt.Sprint(g.id) == id {
			return g.String()
		}
	}
	return id
}

// hits are the guards that a case hits, in order, or why it fails with all of them.
// It is late on a busy machine, so that it has three tries.
func (p *prover) hits(name string) (ids []string, failed string) {
	file := filepath.Join(p.dir, "hits")
	for range 3 {
		_ = os.Remove(file)
		how, fails := p.fails(name, "", file)
		if !fails {
			text, _ := os.ReadFile(file)
			return strings.Fields(string(text)), ""
		}
		failed = how
	}
	return nil, failed
}

// fails runs a case without guards, and returns what it complains of.
func (p *prover) fails(name, off, hits string, env ...string) (how string, failed bool) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	row, rest, _ := strings.Cut(strings.ReplaceAll(name, " ", "_"), "/")
	pattern := "^TestHostile$/^" + row + "$"
	for part := range strings.SplitSeq(rest, "/") {
		pattern += "/^" + regexp.QuoteMeta(part) + "$"
	}
	cmd := exec.CommandContext(ctx, p.binary, "-test.run", pattern, "-test.v", "-test.timeout", "8s")
	cmd.Dir = filepath.FromSlash("host/hosttest")
	cmd.Env = append(os.Environ(), "AMBIT_GUARDS_OFF="+off, "AMBIT_GUARDS_HIT="+hits, "GOMEMLIMIT=400MiB")
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	if !bytes.Contains(out, []byte("--- ")) && err == nil {
		return "it did not run", true
	}
	if err == nil && !bytes.Contains(out, []byte("/"+row+"/")) {
		return "it did not run", true
	}
	if err == nil {
		return "", false
	}
	var complaints []string
	for line := range strings.Lines(string(out)) {
		if _, text, ok := strings.Cut(line, "run.go:"); ok && !strings.Contains(text, ", neighbour ") {
			complaints = append(complaints, strings.TrimSpace(text))
		}
	}
	if complaints == nil {
		complaints = []string{"the process is gone"}
	}
	return strings.Join(complaints, "; "), true
}
