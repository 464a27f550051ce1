package acl

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/pelletier/go-toml/v2"
)

// tomlSeeds are documents at the edges of TOML's rules on what may be defined
// where.
var tomlSeeds = []string{
	"", "# only a comment", "a = 1", "a.b.c = 1\na.b.d = 2", "a.b = 1\na = 2", "a = 1\na.b = 2",
	"[a]\n[a.b]\n[a]", "[a.b]\n[a]\nc = 1", "[a.b]\n[a]\nb.c = 1", "[a]\nb.c = 1\n[a.b]", "[a]\nb.c = 1\n[a.b.d]\nx = 1",
	"[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 1", "[[a]]\n[a]", "[a]\n[[a]]", "a = []\n[[a]]", "a = [{}]\n[[a]]", "a = {}\n[a]", "a = {}\n[a.b]",
	"[[a.b]]\n[[a.b.c]]\n[[a.b]]\n[a.b.c]", "a = { b.c = 1, b.d = 2 }", "a = { b = 1, b.d = 2 }", "a = { b = {}, b.d = 2 }",
	"a = [[1, [2]], {x = [3]}, \"s\"]", "a = [ # c\n 1, # c\n ]", "a = 1979-05-27T07:32:00Z\nb = 1979-05-27 07:32\nc = 07:32:00.5\nd = 1979-05-27",
	"a = 0xdead_beef\nb = 0o755\nc = 0b1_0\nd = +1\ne = -9223372036854775808", "a = 1e3\nb = 1.5e-3\nc = inf\nd = nan\ne = 1_0.0_1",
	"\"a b\".'c d' = \"\\u00e9\\U0001F600\\t\\\"\"", "a = '''\nx'''\nb = \"\"\"\\\n   y\"\"\"", "a = \"\r\"", "[a]\r\nb = 1\r\n", "a = 1 # c\nb", "= 1", "[]", "[[]]",
	"[a.b]\n[[a.c]]\n[a.c.d]\n[[a.c]]\n[a.c.d]", "a = [1,2,,]", "a = { x = 1,\n y = 2, }", "a=2020-02-30", "a=24:00:00", "\xef\xbb\xbfa=1", "a=\"\xff\"",
}

// TestTOMLSeeds compares parseTOML with go-toml's own decoder.
func TestTOMLSeeds(t *testing.T) {
	for _, seed := range tomlSeeds {
		checkTOML(t, []byte(seed))
	}
}

func FuzzTOML(f *testing.F) {
	for _, seed := range tomlSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 4096 { // go-toml's decoder is quadratic in the keys
			return
		}
		checkTOML(t, data)
	})
}

func checkTOML(t *testing.T, data []byte) {
	t.Helper()
	k := &sink{}
	root := parseTOML(newSource("f", data), k)
	checkPositions(t, data, root, k)
	var want map[string]any
	err := toml.Unmarshal(data, &want)
	if err != nil {
		if !k.failed() {
			t.Fatalf("%q: accepted, but go-toml says %v", data, err)
		}
		return
	}
	if k.failed() {
		for _, p := range k.problems {
			ours := p.Code == codeTooLarge || strings.Contains(p.Message, "not a finite number") || strings.Contains(p.Message, "byte order mark")
			if !ours {
				t.Fatalf("%q: go-toml accepts, but %v", data, p)
			}
		}
		return
	}
	if want == nil {
		want = map[string]any{}
	}
	if got := withoutTimes(root); !reflect.DeepEqual(got, normal(want)) {
		t.Fatalf("%q:\n got %#v\nwant %#v", data, got, normal(want))
	}
}

// normal turns what go-toml decodes into plain values; dates become strings.
func normal(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			out[key] = normal(value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = normal(value)
		}
		return out
	case time.Time, toml.LocalDate, toml.LocalTime, toml.LocalDateTime:
		return anyTime{}
	default:
		return v
	}
}

// withoutTimes is node.plain with anyTime for dates.
func withoutTimes(n *node) any {
	switch n.kind {
	case kindTime:
		return anyTime{}
	case kindList:
		out := make([]any, len(n.items))
		for i, item := range n.items {
			out[i] = withoutTimes(item)
		}
		return out
	case kindTable:
		out := make(map[string]any, len(n.members))
		for _, m := range n.members {
			out[m.key] = withoutTimes(m.value)
		}
		return out
	default:
		return n.plain()
	}
}

// anyTime stands for a date, whose spelling is not compared.
type anyTime struct{}

// checkPositions demands that every node and problem stands somewhere in the
// file, and that scalars stand where their text is.
func checkPositions(t *testing.T, data []byte, root *node, k *sink) {
	t.Helper()
	lines := strings.Split(string(data), "\n")
	in := func(p authority.Position) bool {
		return p.Line == 0 || p.Line >= 1 && p.Line <= len(lines) && p.Column >= 1 && p.Column <= len(lines[p.Line-1])+1
	}
	for _, p := range k.problems {
		if !in(p.Position) {
			t.Fatalf("%q: a problem stands at %s: %v", data, p.Position, p)
		}
	}
	var walk func(n *node)
	walk = func(n *node) {
		if n.pos.Line == 0 || !in(n.pos) {
			t.Fatalf("%q: a value stands at %s", data, n.pos)
		}
		here := lines[n.pos.Line-1][n.pos.Column-1:]
		first := map[kind]string{
			kindBool: "tf", kindInt: "+-0123456789", kindFloat: "+-.0123456789in", kindString: `"'`, kindTime: "0123456789", kindNull: "n",
		}[n.kind]
		if first != "" && (here == "" || !strings.Contains(first, here[:1])) {
			t.Fatalf("%q: %s stands at %s, where there is %q", data, n.kind, n.pos, here)
		}
		if n.kind == kindList && here[:1] != "[" {
			t.Fatalf("%q: a list stands at %s, where there is %q", data, n.pos, here)
		}
		for _, item := range n.items {
			walk(item)
		}
		for _, m := range n.members {
			if !in(m.pos) {
				t.Fatalf("%q: key %q stands at %s", data, m.key, m.pos)
			}
			walk(m.value)
		}
	}
	if root != nil {
		walk(root)
	}
}

var jsonSeeds = []string{
	`{}`, `[]`, `null`, ` [1, -1, 1.5, 1e3, true, false, null, "x", {"a": [{}]}] `, `{"a": 1, "a": 2}`, `"\ud83d\ude00\u00e9\n\/"`, `"\ud800"`,
	`[1,]`, `{"a":1,}`, `01`, `-`, `1.`, `1e`, `9223372036854775807`, `9223372036854775808`, `1e999`, `-0`, `-0.0`, `"a` + "\n" + `"`, "\"\xff\"", `{} {}`, `nul`, `"\x"`,
	`[[[[[[[[[[]]]]]]]]]]`, `{"a":{"b":{"c":[1,2,{"d":null}]}}}`, "\xef\xbb\xbf{}", `"\u0000"`, `[1 2]`, `{"a" 1}`, `{a:1}`, `'a'`, `+1`, `.5`, `0x1`, `[`, `{`, `{"a":`, `"\u12`,
	"\"\t\"", `"abc`, `"\u00EF\u00eF"`, `[]]`, `{"a":1]`, "\x00", `[1,"\`,
}

func TestJSONSeeds(t *testing.T) {
	for _, seed := range jsonSeeds {
		checkJSON(t, []byte(seed))
	}
}

func FuzzJSON(f *testing.F) {
	for _, seed := range jsonSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(checkJSON)
}

// checkJSON compares parseJSON with encoding/json: what it accepts, that
// accepts to the same value; what it refuses, that refuses too, but for what
// we refuse on purpose.
func checkJSON(t *testing.T, data []byte) {
	t.Helper()
	k := &sink{}
	root := parseJSON(newSource("f", data), k)
	checkPositions(t, data, root, k)
	if k.failed() {
		purpose := []string{
			"duplicate key", "surrogate", "not valid UTF-8", "does not fit", "byte order mark", "nested more", "more than", "larger than",
		}
		if json.Valid(data) && !containsAny(k.problems[0].Message, purpose) {
			t.Fatalf("%q: refused: %v", data, k.problems)
		}
		return
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var want any
	if err := d.Decode(&want); err != nil || !json.Valid(data) {
		t.Fatalf("%q: accepted, but encoding/json says %v", data, err)
	}
	if !equalJSON(root.plain(), want) {
		t.Fatalf("%q:\n got %#v\nwant %#v", data, root.plain(), want)
	}
	again := parseJSON(newSource("f", appendJSON(nil, root.plain())), &sink{})
	if again == nil || !reflect.DeepEqual(again.plain(), root.plain()) {
		t.Fatalf("%q: written as %s", data, appendJSON(nil, root.plain()))
	}
}

func containsAny(s string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

func equalJSON(got, want any) bool {
	switch w := want.(type) {
	case json.Number:
		if i, ok := got.(int64); ok {
			n, err := w.Int64()
			return err == nil && n == i
		}
		f, ok := got.(float64)
		n, err := w.Float64()
		return ok && err == nil && math.Float64bits(n) == math.Float64bits(f)
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range w {
			if !equalJSON(g[i], w[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for key := range w {
			if !equalJSON(g[key], w[key]) {
				return false
			}
		}
		return true
	default:
		return reflect.DeepEqual(got, want)
	}
}

// TestBombs reads documents that are small and mean: they are refused by
// their size or depth, and quickly, whatever a parser would do with them.
func TestBombs(t *testing.T) {
	deep := func(open, inner, shut string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(shut, n)
	}
	many := func(n int, line func(int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(line(i))
		}
		return b.String()
	}
	name := func(i int) string { return "k" + strconv.Itoa(i) }
	for _, c := range []struct {
		name, want string
		parse      func(*source, *sink) *node
		text       string
	}{
		{"json lists", "nested more than 64", parseJSON, deep("[", "", "]", 400_000)},
		{"json objects", "nested more than 64", parseJSON, deep(`{"a":`, "1", "}", 100_000)},
		{"json open lists", "nested more than 64", parseJSON, strings.Repeat("[", 1_000_000)},
		{"json values", "more than 100000 values", parseJSON, "[" + strings.Repeat("1,", 200_000) + "1]"},
		{"json size", "larger than", parseJSON, strings.Repeat(" ", maxFileSize+1)},
		{"json long string", "", parseJSON, `"` + strings.Repeat("x", maxFileSize-2) + `"`},
		{"json5 lists", "nested more than 64", parseJSON5, deep("[", "", ",]", 300_000)},
		{"json5 values", "more than 100000 values", parseJSON5, "[" + strings.Repeat("1,", 200_000) + "]"},
		{"json5 comments", "", parseJSON5, strings.Repeat("/**/", 250_000) + "1"},
		{"json5 comments without end", "no end", parseJSON5, strings.Repeat("/* ", 300_000)},
		{"json5 long key", "", parseJSON5, "{" + strings.Repeat(`\u0061`, 170_000) + ":1}"},
		{"json5 spaces", "", parseJSON5, strings.Repeat("\u2003", 300_000) + "1"},
		{"json5 size", "larger than", parseJSON5, strings.Repeat(" ", maxFileSize+1)},
		{"toml lists", "nested more than 64", parseTOML, "a = " + deep("[", "", "]", 5_000)},
		{"toml many lists", "nested more than", parseTOML, "a = " + deep("[", "", "]", 400_000)},
		{"toml open tables", "", parseTOML, "a = " + strings.Repeat("{a=", 300_000)},
		{"toml inline tables", "nested more than 64", parseTOML, "a = " + deep("{a=", "1", "}", 5_000)},
		{"toml dotted key", "nested more than 64", parseTOML, "a" + strings.Repeat(".a", 400_000) + " = 1"},
		{"toml header", "nested more than 64", parseTOML, "[a" + strings.Repeat(".a", 400_000) + "]"},
		{"toml dotted keys in depth", "nested more than 64", parseTOML, "a" + strings.Repeat(".a", 40) + " = { a" + strings.Repeat(".a", 40) + " = 1 }"},
		{"toml values", "more than 100000 values", parseTOML, "a = [" + strings.Repeat("1,", 200_000) + "1]"},
		{"toml keys", "", parseTOML, many(60_000, func(i int) string { return name(i) + " = 1\n" })},
		{"toml tables", "", parseTOML, many(60_000, func(i int) string { return "[" + name(i) + "]\n" })},
		{"toml elements", "", parseTOML, strings.Repeat("[[a]]\n", 100_000-1)},
		{"toml duplicates", "more than 1000 problems", parseTOML, strings.Repeat("a = 1\n", 90_000)},
		{"toml size", "larger than", parseTOML, strings.Repeat("\n", maxFileSize+1)},
		{"toml comment", "", parseTOML, "#" + strings.Repeat("x", maxFileSize-1)},
	} {
		k := &sink{}
		c.parse(newSource("f", []byte(c.text)), k)
		if got := k.problems.Error(); !strings.Contains(got, c.want) || c.want == "" && c.name != "toml open tables" && got != "" {
			t.Errorf("%s: %.200s", c.name, got)
		}
		if len(k.problems) > maxProblems+1 {
			t.Errorf("%s: %d problems", c.name, len(k.problems))
		}
	}
}

// TestJSONMessages covers texts that cannot stand in a scenario.
func TestJSONMessages(t *testing.T) {
	for text, want := range map[string]string{
		"\"a\tb\"":  `f:1:3: not valid JSON: a control character stands in a string (write it as an escape)`,
		"[\n \"abc": `f:2:2: not valid JSON: the string has no end`,
		"[1,\n":     `f:2:1: not valid JSON: it ends where a value should stand`,
		"\x00":      `f:1:1: not valid JSON: found '\x00' where a value should stand`,
	} {
		k := &sink{}
		parseJSON(newSource("f", []byte(text)), k)
		if got := k.problems.Error(); got != want {
			t.Errorf("%q: %s", text, got)
		}
	}
}

func TestSuggestBound(t *testing.T) {
	words := []string{"windows"}
	if got := (&sink{}).suggest("window", words); got != `did you mean "windows"?` {
		t.Errorf("control: %q", got)
	}
	k := &sink{compared: maxCompared}
	if got := k.suggest("window", words); got != "" {
		t.Errorf("beyond the bound it still compares: %q", got)
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{"1B": 1, "1KiB": 1024, "64MiB": 64 << 20, "2 GiB": 2 << 30, "0B": 0, "5TiB": 1<<40 + 1} {
		if got, ok := parseSize(text, 1<<40); !ok || got != want {
			t.Errorf("parseSize(%q) = %d, %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "1", "MiB", "1MB", "1mib", "1.5MiB", "-1B", "+1B", "1  MiB", "0x1B", "1_0B", "9223372036854775808B"} {
		if got, ok := parseSize(text, 1<<40); ok {
			t.Errorf("parseSize(%q) = %d", text, got)
		}
	}
	for n, want := range map[int64]string{1: "1 byte", 1000: "1000 bytes", 1024: "1KiB", 1 << 30: "1GiB", 3 << 40: "3TiB"} {
		if got := printSize(n); got != want {
			t.Errorf("printSize(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestQuote(t *testing.T) {
	for text, want := range map[string]string{
		"a\x1b[31m": `"a\x1b[31m"`, strings.Repeat("é", 100): `"` + strings.Repeat("é", 40) + `…"`, "x" + strings.Repeat("é", 100): `"x` + strings.Repeat("é", 39) + `…"`,
	} {
		if got := quote(text); got != want {
			t.Errorf("quote(%q) = %s, want %s", text, got, want)
		}
	}
}
