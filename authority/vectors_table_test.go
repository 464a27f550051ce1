package authority_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/pattern"
)

// tableVector is a vector about one grammar: many small questions.
type tableVector[R vectorRow] struct {
	vectorHeader
	Rows []R `json:"rows"`
}

// vectorRow is a row of a table.
type vectorRow interface {
	// run asks the question. The counts are of answers that are yes, and of
	// those that are no or an error.
	run(t *testing.T) (yes, no int)
}

func runTable[R vectorRow](t *testing.T, data []byte) {
	var v tableVector[R]
	strictJSON(t, data, &v)
	yes, no := 0, 0
	for _, r := range v.Rows {
		y, n := r.run(t)
		if y+n == 0 {
			t.Errorf("%+v asks nothing", r)
		}
		yes, no = yes+y, no+n
	}
	if yes == 0 || no == 0 {
		t.Errorf("a table needs both answers: %d yes, %d no", yes, no)
	}
}

// rowTauri is how Tauri answers, where it answers otherwise.
type rowTauri struct {
	Error bool     `json:"error"` // Tauri refuses what we take
	Takes bool     `json:"takes"` // Tauri takes what we refuse
	Yes   []string `json:"yes"`
	No    []string `json:"no"`
	Why   string   `json:"why"`
}

// check finds a column that is no different, or does not say why.
func (r *rowTauri) check(t *testing.T, what string, refused bool, yes, no []string) {
	t.Helper()
	if r == nil {
		return
	}
	differs := r.Takes || r.Error || len(r.Yes)+len(r.No) > 0
	sound := r.Takes == refused && (!r.Error || !refused)
	for _, s := range r.Yes {
		sound = sound && (refused || slices.Contains(no, s))
	}
	for _, s := range r.No {
		sound = sound && (refused || slices.Contains(yes, s))
	}
	if !differs || !sound || r.Why == "" {
		t.Errorf("%s: Tauri's column is no different, or says not why: %+v", what, *r)
	}
}

// matchRow asks a pattern about texts.
type matchRow struct {
	Comment string    `json:"comment"`
	Pattern string    `json:"pattern"`
	Yes     []string  `json:"yes"`
	No      []string  `json:"no"`
	Error   bool      `json:"error"`
	Tauri   *rowTauri `json:"tauri"`
}

func (r matchRow) check(t *testing.T, match func(string) bool, err error) (yes, no int) {
	t.Helper()
	r.Tauri.check(t, r.Pattern, r.Error, r.Yes, r.No)
	if (err != nil) != r.Error || r.Error && len(r.Yes)+len(r.No) > 0 {
		t.Errorf("%q: error %v, want one: %t", r.Pattern, err, r.Error)
	}
	if err != nil {
		return 0, 1
	}
	for _, s := range r.Yes {
		if !match(s) {
			t.Errorf("%q does not match %q", r.Pattern, s)
		}
	}
	for _, s := range r.No {
		if match(s) {
			t.Errorf("%q matches %q", r.Pattern, s)
		}
	}
	return len(r.Yes), len(r.No)
}

type (
	labelRow struct{ matchRow }
	nameRow  struct {
		matchRow
		As string `json:"as"`
	}
	urlRow  struct{ matchRow }
	pathRow struct {
		matchRow
		As  string `json:"as"`
		Dir string `json:"dir"`
	}
)

func (r labelRow) run(t *testing.T) (yes, no int) {
	l, err := pattern.CompileLabel(r.Pattern)
	return r.check(t, l.Match, err)
}

// nameKinds are the kinds of names, but for commands.
var nameKinds = map[string]func(string) (*pattern.Name, error){
	"": pattern.CompileName, "var": pattern.CompileVar, "module": pattern.CompileModule,
}

func (r nameRow) run(t *testing.T) (yes, no int) {
	if r.As == "command" {
		c, err := pattern.CompileCommand(r.Pattern)
		return r.check(t, func(s string) bool {
			module, command, _ := strings.Cut(s, ".")
			return c.Match(module, command)
		}, err)
	}
	compile, known := nameKinds[r.As]
	if !known {
		t.Fatalf("%q: unknown kind of name %q", r.Pattern, r.As)
	}
	n, err := compile(r.Pattern)
	return r.check(t, n.Match, err)
}

func (r urlRow) run(t *testing.T) (yes, no int) {
	u, err := pattern.CompileURL(r.Pattern)
	return r.check(t, func(s string) bool {
		p, err := pattern.ParseURL(s)
		if err != nil {
			t.Errorf("%q: %v", s, err)
		}
		return u.Match(p)
	}, err)
}

// pathReadings are the ways to read a path pattern.
var pathReadings = map[string]pattern.PathOptions{
	"allow": {}, "allow-dotfiles": {Dotfiles: true}, "deny": {Deny: true}, "deny-folded": {Deny: true, Fold: true},
}

func (r pathRow) run(t *testing.T) (yes, no int) {
	p, err := pattern.ParsePath(r.Pattern)
	var m *pattern.PathMatcher
	if err == nil {
		o, known := pathReadings[r.As]
		if !known {
			t.Errorf("%q: unknown reading %q", r.Pattern, r.As)
		}
		dir := r.Dir
		if dir == "" && p.Var() != "" {
			dir = "/data"
		}
		m, err = p.Bind(dir, o)
	}
	return r.check(t, m.Match, err)
}

// originRow brings a URL into canonical form.
type originRow struct {
	Comment   string    `json:"comment"`
	URL       string    `json:"url"`
	Canonical string    `json:"canonical"`
	Error     bool      `json:"error"`
	Tauri     *rowTauri `json:"tauri"`
}

func (r originRow) run(t *testing.T) (yes, no int) {
	r.Tauri.check(t, r.URL, r.Error, nil, nil)
	o := authority.RemoteOrigin(r.URL)
	if o.URL() != r.Canonical || r.Error != (r.Canonical == "") || o.IsLocal() || o.IsZero() {
		t.Errorf("%q is %q, want %q", r.URL, o.URL(), r.Canonical)
	}
	if r.Error {
		return 0, 1
	}
	return 1, 0
}

// commandRow splits a command's name.
type commandRow struct {
	Comment string    `json:"comment"`
	Text    string    `json:"text"`
	Module  string    `json:"module"`
	Command string    `json:"command"`
	Error   bool      `json:"error"`
	Tauri   *rowTauri `json:"tauri"`
}

func (r commandRow) run(t *testing.T) (yes, no int) {
	r.Tauri.check(t, r.Text, r.Error, nil, nil)
	module, command, err := authority.ParseCommand(r.Text)
	if module != r.Module || command != r.Command || (err != nil) != r.Error {
		t.Errorf("%q is %q, %q, %v", r.Text, module, command, err)
	}
	if r.Error {
		return 0, 1
	}
	return 1, 0
}

// identifierRow parses a reference to a permission.
type identifierRow struct {
	Comment string    `json:"comment"`
	Text    string    `json:"text"`
	Module  string    `json:"module"`
	Name    string    `json:"name"`
	Error   bool      `json:"error"`
	Tauri   *rowTauri `json:"tauri"`
}

// run grants the reference in a policy where the permission that it should
// name is the only one.
func (r identifierRow) run(t *testing.T) (yes, no int) {
	r.Tauri.check(t, r.Text, r.Error, nil, nil)
	_, ps := authority.New(authority.Policy{
		Manifests: []authority.Manifest{{Name: r.Module, Permissions: []authority.Permission{{Identifier: r.Name}}}},
		Capabilities: []authority.Capability{{
			Identifier: "a", Local: true, Windows: []authority.Pattern{{Text: "*"}},
			Permissions: []authority.Entry{{Reference: authority.Reference{Position: pos("a", 1), Identifier: r.Text}}},
		}},
	})
	refused := false
	for _, p := range ps {
		switch {
		case p.File != "a":
		case p.Code == "bad-identifier" || p.Code == "core-permission":
			refused = true
		default:
			t.Errorf("%q is not %q of %q: %v", r.Text, r.Name, r.Module, p)
		}
	}
	if refused != r.Error {
		t.Errorf("%q: refused is %t, want %t: %v", r.Text, refused, r.Error, ps)
	}
	if refused {
		return 0, 1
	}
	return 1, 0
}
