package authority_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
)

// policyVector is a vector about a whole policy.
type policyVector struct {
	vectorHeader
	policyInput
	Problems []problemWant       `json:"problems"`
	Lint     []problemWant       `json:"lint"`
	Repaired *policyInput        `json:"repaired"`
	Resolved *authority.Resolved `json:"resolved"`
	Asks     []askWant           `json:"asks"`
	Steps    []policyStep        `json:"steps"`
	Tauri    *policyTauri        `json:"tauri"`
}

// policyInput is what a policy is read from.
type policyInput struct {
	Platform authority.Platform  `json:"platform"`
	Profile  string              `json:"profile"`
	Files    map[string][]string `json:"files"`
	Modules  []inputModule       `json:"modules"` // nil: there are no modules, as with --policy-only
}

type inputModule struct {
	Name     string          `json:"name"`
	Manifest json.RawMessage `json:"manifest"`
	SHA256   string          `json:"sha256"`
	Native   bool            `json:"native"`
	Invalid  string          `json:"invalid"`
}

type problemWant struct {
	Severity string   `json:"severity"`
	Code     string   `json:"code"`
	At       string   `json:"at"`
	Says     []string `json:"says"`
}

// policyTauri is how Tauri takes the same files, and why it answers otherwise.
type policyTauri struct {
	Load string `json:"load"` // "", "accepts", "refuses" or "crashes"
	Why  string `json:"why"`
}

// loaded is a policy after loading; the authority is nil if it was refused.
type loaded struct {
	authority *authority.Authority
	problems  authority.Problems
	found     authority.Problems // by the linter
	policy    authority.Policy
}

func (in policyInput) load(t *testing.T) loaded {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, lines := range in.Files {
		fsys[name] = fileOf(lines)
	}
	if in.Platform == "" {
		in.Platform = authority.Linux
	}
	app, problems := acl.Load(fsys, acl.Options{PolicyOnly: in.Modules == nil, Profile: in.Profile, Platform: in.Platform})
	modules := make(map[string]acl.Module)
	for _, m := range in.Modules {
		name, module := m.load(t)
		modules[name] = module
	}
	var out loaded
	out.authority, out.problems = acl.Check(app, problems, modules)
	for _, f := range out.authority.Lint(app.Lint) {
		if f.Reason == "" {
			out.found = append(out.found, f.Problem)
		}
	}
	out.policy, _ = app.Policy(modules)
	return out
}

// fileOf makes a file of lines.
func fileOf(lines []string) *fstest.MapFile {
	var b bytes.Buffer
	for _, line := range lines {
		b.WriteString(line + "\n")
	}
	return &fstest.MapFile{Data: b.Bytes()}
}

// load reads a module as the host does: one whose manifest has an error cannot
// be used. The manifest is carried as one line.
func (m inputModule) load(t *testing.T) (string, acl.Module) {
	t.Helper()
	out := acl.Module{SHA256: m.SHA256, Native: m.Native, Invalid: m.Invalid}
	if m.Invalid != "" {
		return m.Name, out
	}
	var line bytes.Buffer
	if err := json.Compact(&line, m.Manifest); err != nil {
		t.Fatal(err)
	}
	var problems authority.Problems
	out.Manifest, problems = acl.ParseManifestJSON("module#ambit", line.Bytes())
	if err := problems.Err(); err != nil {
		out.Invalid = err.Error()
	}
	if m.Name == "" {
		m.Name = out.Manifest.Name
	}
	return m.Name, out
}

// over lays one input over another: files are replaced one by one, and left
// out where there is null.
func (in policyInput) over(top policyInput) policyInput {
	if top.Platform != "" {
		in.Platform = top.Platform
	}
	if top.Profile != "" {
		in.Profile = top.Profile
	}
	if top.Modules != nil {
		in.Modules = top.Modules
	}
	in.Files = maps.Clone(in.Files)
	for name, lines := range top.Files {
		if in.Files[name] = lines; lines == nil {
			delete(in.Files, name)
		}
	}
	return in
}

func runPolicy(t *testing.T, data []byte) {
	var v policyVector
	strictJSON(t, data, &v)
	got := v.load(t)
	wantProblems(t, got.problems, v.Problems)
	if v.Lint != nil {
		wantProblems(t, got.found, v.Lint)
	}
	refused := got.problems.Err() != nil
	switch {
	case refused && (v.Repaired == nil || v.Resolved != nil || len(v.Asks)+len(v.Steps) > 0):
		t.Error("a policy that is refused needs a repaired one, and can be asked nothing")
	case !refused && v.Resolved == nil && len(v.Asks) == 0:
		t.Error("nothing is asked")
	}
	if v.Repaired != nil {
		repaired := v.over(*v.Repaired).load(t)
		if ps := repaired.problems; len(ps) > 0 || len(v.Problems)+len(v.Lint) == 0 {
			t.Errorf("the repaired policy has problems, or the first has none:\n%v", ps)
		}
		if len(v.Lint) > 0 && repaired.found != nil {
			t.Errorf("the linter finds something in the repaired policy:\n%v", repaired.found)
		}
	}
	if v.Resolved != nil {
		wantResolved(t, got.authority.Resolved(), v.Resolved)
	}
	first := wantAnswers(t, got.authority, v.Asks)
	v.checkControls(t)
	v.runSteps(t, got.policy, first)
	v.checkTauri(t, refused)
}

func wantProblems(t *testing.T, got authority.Problems, want []problemWant) {
	t.Helper()
	var texts, wanted []string
	for _, p := range got {
		texts = append(texts, p.Severity.String()+" "+p.Code+" at "+p.FileLine())
	}
	for _, p := range want {
		wanted = append(wanted, p.Severity+" "+p.Code+" at "+p.At)
	}
	slices.Sort(texts)
	slices.Sort(wanted)
	if !slices.Equal(texts, wanted) {
		t.Errorf("the problems are\n%s\nwant\n%s\nin full:\n%v", strings.Join(texts, "\n"), strings.Join(wanted, "\n"), got)
	}
	for _, w := range want {
		for _, word := range w.Says {
			says := func(p authority.Problem) bool {
				return p.Code == w.Code && p.FileLine() == w.At && strings.Contains(p.Error(), word)
			}
			if !slices.ContainsFunc(got, says) {
				t.Errorf("no problem %s at %s says %q:\n%v", w.Code, w.At, word, got)
			}
		}
	}
}

// wantResolved compares rules. Where the vector leaves out a context it is
// "local", and a list is empty.
func wantResolved(t *testing.T, got, want *authority.Resolved) {
	t.Helper()
	for _, rules := range [][]authority.Rule{want.Allow, want.Deny, want.Global} {
		for i := range rules {
			r := &rules[i]
			if r.Context == "" {
				r.Context = "local"
			}
			r.Scope = authority.RuleScope{Allow: numbers(r.Scope.Allow), Deny: numbers(r.Scope.Deny)}
			r.Windows, r.Webviews = append([]string{}, r.Windows...), append([]string{}, r.Webviews...)
			if strings.HasPrefix(r.Context, "module:") {
				r.Via = append([]string{}, r.Via...)
			}
		}
	}
	for _, p := range []struct{ got, want []authority.Rule }{{got.Allow, want.Allow}, {got.Deny, want.Deny}, {got.Global, want.Global}} {
		if len(p.got)+len(p.want) > 0 && !reflect.DeepEqual(p.got, p.want) {
			t.Errorf("resolved is\n%v\nwant\n%v", got, want)
		}
	}
}

// numbers turns the numbers in values into what a policy has: an integer that
// is written as one, else a float. The result is never nil.
func numbers(values []any) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = number(v)
	}
	return out
}

func number(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	case []any:
		return numbers(v)
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[key] = number(item)
		}
		return out
	}
	return v
}

// checkTauri finds columns that are no different, or do not say why.
func (v *policyVector) checkTauri(t *testing.T, refused bool) {
	t.Helper()
	differs := v.Tauri != nil && v.Tauri.Load != ""
	for _, a := range v.allAsks() {
		if a.Tauri != nil {
			differs = true
			a.checkTauri(t)
		}
	}
	switch {
	case differs != (v.Tauri != nil) || differs && v.Tauri.Why == "":
		t.Error("Tauri's answer is no different, or nothing says why")
	case !differs || v.Tauri.Load == "" || v.Tauri.Load == "crashes":
	case v.Tauri.Load == "accepts" && len(v.Problems)+len(v.Lint) > 0 || v.Tauri.Load == "refuses" && !refused:
	default:
		t.Errorf("Tauri %q the files, which is no different or unknown", v.Tauri.Load)
	}
}
