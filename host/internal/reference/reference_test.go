package reference_test

import (
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/host/internal/reference"
)

var update = flag.Bool("update", false, "write testdata/*.md anew")

func manifest(t testing.TB, file string) authority.Manifest {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m, problems := acl.ParseManifest(file, data)
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	return m
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update writes it)\n%s", file, got)
	}
}

// TestGolden compares the Markdown of a manifest that has everything, and of one
// whose texts are all markup.
func TestGolden(t *testing.T) {
	for _, name := range []string{"full", "hostile"} {
		m := manifest(t, "testdata/"+name+".toml")
		golden(t, "testdata/"+name+".md", reference.Of(m, false).Markdown())
	}
}

// TestPolicyOnly documents Tauri-like permissions of a module that was not read.
func TestPolicyOnly(t *testing.T) {
	m := authority.Manifest{Name: "fs", Commands: []authority.Command{{Name: "read"}}, Permissions: []authority.Permission{
		{Identifier: "allow-read", Allow: []authority.CommandName{{Name: "read"}}},
		{Identifier: "deny-read", Deny: []authority.CommandName{{Name: "read"}}},
		{Identifier: "home", Description: "All", Scope: authority.ScopeRules{Allow: []authority.ScopeValue{
			{Value: map[string]any{"path": "$HOME/**"}}, {Value: map[string]any{"url": "http://*"}}, {Value: "bare"},
		}}},
	}}
	golden(t, "testdata/policyonly.md", reference.Of(m, true).Markdown())
}

// TestRefused: of a module that cannot be used there is only the reason.
func TestRefused(t *testing.T) {
	got := reference.Of(authority.Manifest{Name: "gone", Invalid: "the file <b>is</b> torn"}, false).Markdown()
	if want := "# gone\n\nThis module cannot be used: the file &lt;b&gt;is&lt;/b&gt; torn\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestJSON: what programs rely on.
func TestJSON(t *testing.T) {
	data, err := json.Marshal(reference.Of(manifest(t, "testdata/full.toml"), false))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"name":"files.read_it","description":"Reads a file","powers":["fs.read"],"timeoutMs":2000,"args":{`,
		`{"identifier":"files:allow-about","kind":"generated","description":"Allows about, with no scope of its own","allow":["about"]}`,
		`"kind":"default"`, `"platforms":["linux","macOS"]`, `"scope":{"allow":[{"path":"$MODULE/**"},{"region":"eu"}]}`,
	} {
		if !strings.Contains(string(data), want) {
			t.Errorf("the JSON lacks %s:\n%s", want, data)
		}
	}
}

// TestLarge: sets that name sets cost and print no more than a reader bears,
// and it says so.
func TestLarge(t *testing.T) {
	m := authority.Manifest{Name: "m", Default: &authority.Set{}}
	for i := range 2000 {
		id := "s" + strconv.Itoa(i)
		m.Sets = append(m.Sets, authority.Set{Identifier: id, Members: m.Default.Members})
		m.Default.Members = append(m.Default.Members, authority.Reference{Identifier: id})
	}
	ref := reference.Of(m, false)
	text := ref.Markdown()
	if len(text) > 1<<20 || !strings.Contains(text, " more\n") {
		t.Errorf("%d bytes", len(text))
	}
	if !ref.Permissions[2000].Incomplete || !strings.Contains(text, "too large to list all") {
		t.Error("the last set is not called incomplete")
	}
	for _, p := range reference.Of(manifest(t, "testdata/full.toml"), false).Permissions {
		if p.Incomplete {
			t.Errorf("%s is called incomplete", p.Identifier)
		}
	}
}

// FuzzMarkdown puts any text wherever a manifest has one, and holds the
// Markdown to its shape: the lines that it has with plain text, no HTML but
// ours, no link, and as many cells in each row.
func FuzzMarkdown(f *testing.F) {
	for _, text := range []string{
		"plain", "a|b", "`a``b`", "``", "`|`", "<i>", "[a](b)", "![a](b)", "a\n\nb", "# x", "\\|", "\\`|", "`\\`|", "\x1b\u202e\xff", "https://a|b`", "$x`y", "1. x", "- x", "\\", "a`",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if plain := made("x"); strings.Count(made(text), "\n") != strings.Count(plain, "\n") {
			t.Errorf("%q changes the lines:\n%s", text, made(text))
		}
		cells := 0
		for line := range strings.Lines(made(text)) {
			bare := withoutCode(ourHTML.ReplaceAllString(line, ""))
			if regexp.MustCompile(`[<>\[\]*]|://|@`).MatchString(bare) {
				t.Errorf("%q makes markup: %s", text, line)
			}
			switch n := strings.Count(strings.ReplaceAll(ourHTML.ReplaceAllString(line, ""), `\|`, ""), "|"); {
			case !strings.HasPrefix(line, "|"):
				cells = 0
			case cells == 0:
				cells = n
			case n != cells:
				t.Errorf("%q makes cells: %s", text, line)
			}
		}
	})
}

var ourHTML = regexp.MustCompile(`</?code>|<br>`)

// withoutCode has a letter for code, in which nothing is markup, and for characters
// after a backslash, of which a backtick begins no code.
func withoutCode(line string) string {
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
			b.WriteByte('E')
		case '`':
			if n := strings.IndexByte(line[i+1:], '`'); n >= 0 {
				i += n + 1
				b.WriteByte('C')
				continue
			}
			b.WriteByte('`')
		default:
			b.WriteByte(line[i])
		}
	}
	return b.String()
}

// made is the Markdown of a manifest that holds the text everywhere.
func made(text string) string {
	m := authority.Manifest{
		Name: "m", Version: "v" + text, Description: "d " + strings.Join(strings.Fields(text), " "),
		Commands: []authority.Command{{Name: "c", Description: text}},
		Default:  &authority.Set{Description: "d " + strings.Join(strings.Fields(text), " "), Members: []authority.Reference{{Identifier: "p" + text}}},
		Permissions: []authority.Permission{{Identifier: "q", Description: text, Scope: authority.ScopeRules{
			Allow: []authority.ScopeValue{{Value: map[string]any{"path": text}}, {Value: text}},
		}}},
	}
	return reference.Of(m, true).Markdown()
}
