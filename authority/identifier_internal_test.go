package authority

import (
	"strings"
	"testing"
)

func TestParseIdentifier(t *testing.T) {
	long := func(n int) string { return strings.Repeat("a", n) }
	for _, tt := range []struct {
		text, module, base string
		err                string // part of the message; "" if there is none
	}{
		{"read", "", "read", ""},
		{"fs:read", "fs", "read", ""},
		{"fs:allow-read-file", "fs", "allow-read-file", ""},
		{"a:b", "a", "b", ""},
		{"0:9", "0", "9", ""},
		{"FS:Read", "FS", "Read", ""},
		{"fs:a--b", "fs", "a--b", ""},
		{"core", "", "core", ""},
		{long(51) + ":" + long(64), long(51), long(64), ""},
		{long(64), "", long(64), ""},
		{"", "", "", "empty"},
		{"tauri-plugin-fs:read", "", "", `do not start with "tauri-plugin-"`},
		{":", "", "", `missing in front of ":"`},
		{":read", "", "", `missing in front of ":"`},
		{"fs:", "", "", `missing after ":"`},
		{"a:b:c", "", "", `one ":"`},
		{"core::base", "", "", `one ":"`},
		{"fs:read_file", "", "", `holds "_" (write "-")`},
		{"f_s:read", "", "", `the module's name holds "_"`},
		{"-fs:read", "", "", `the module's name starts with "-"`},
		{"fs-:read", "", "", `the module's name ends in "-"`},
		{"fs:-read", "", "", `the name starts with "-"`},
		{"fs:read-", "", "", `the name ends in "-"`},
		{"-", "", "", `starts with "-"`},
		{"fs:re ad", "", "", `" " at byte 2`},
		{"fs:ré", "", "", `"é" at byte 1`},
		{"fs:\xff", "", "", `"\xff" at byte 0`},
		{"fs:read\n", "", "", `"\n" at byte 4`},
		{"fs.read", "", "", `"." at byte 2`},
		{"*", "", "", `"*" at byte 0`},
		{long(52) + ":a", "", "", "the module's name has 52 bytes, more than 51"},
		{"a:" + long(65), "", "", "the name has 65 bytes, more than 64"},
		{long(65), "", "", "the name has 65 bytes"},
	} {
		id, err := parseIdentifier(tt.text)
		if err != nil {
			if tt.err == "" || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%q: %v, want %q", tt.text, err, tt.err)
			}
			continue
		}
		if tt.err != "" || id.module != tt.module || id.base != tt.base {
			t.Errorf("%q: %+v, want error %q", tt.text, id, tt.err)
		}
	}
}

// FuzzIdentifier: what parses is printed back, and every part obeys the
// grammar.
func FuzzIdentifier(f *testing.F) {
	for _, s := range []string{"fs:read", "read", ":", "a:b:c", "tauri-plugin-x", "core:default", "fs:é", "a--b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, err := parseIdentifier(s)
		if err != nil {
			if s := err.Error(); s == "" || strings.HasSuffix(s, ".") {
				t.Errorf("message %q", s)
			}
			return
		}
		if back := strings.TrimPrefix(id.String(), ":"); back != s {
			t.Errorf("%q came back as %q", s, back)
		}
		if again, err := parseIdentifier(id.base); err != nil || again.base != id.base || again.module != "" {
			t.Errorf("base %q: %v", id.base, err)
		}
		if len(id.base) > maxBaseName || len(id.module) > maxModuleName || strings.ContainsAny(s, "_ .*/\\\"") {
			t.Errorf("%q parsed", s)
		}
	})
}

func TestFormatTime(t *testing.T) {
	const second = 1_000_000_000
	for ns, want := range map[int64]string{
		0:                                 "1970-01-01T00:00:00Z",
		-1:                                "1969-12-31T23:59:59Z",
		951_782_400 * second:              "2000-02-29T00:00:00Z",
		1_709_251_199 * second:            "2024-02-29T23:59:59Z",
		1_709_251_200*second + 999:        "2024-03-01T00:00:00Z",
		1_700_000_000 * second:            "2023-11-14T22:13:20Z",
		-2_203_891_200 * second:           "1900-03-01T00:00:00Z",
		4_107_542_400 * second:            "2100-03-01T00:00:00Z",
		9_223_372_036_854_775_807:         "2262-04-11T23:47:16Z",
		-9_223_372_036_854_775_808:        "1677-09-21T00:12:43Z",
		1_735_689_599*second + second - 1: "2024-12-31T23:59:59Z",
	} {
		if got := formatTime(ns); got != want {
			t.Errorf("%d: %s, want %s", ns, got, want)
		}
	}
}

func TestClip(t *testing.T) {
	long := "a" + strings.Repeat("é", 100)
	if got := quote(long); len(got) > maxQuoted+8 || !strings.HasSuffix(got, `é…"`) {
		t.Error(got)
	}
	many := make([]string, 30)
	if got := quoteAll(many); !strings.HasSuffix(got, ", and 20 more") {
		t.Error(got)
	}
}

// TestAppendValue: scope values as JSON and as TOML in one line.
func TestAppendValue(t *testing.T) {
	for _, tt := range []struct {
		v          any
		json, toml string
	}{
		{nil, "null", "null"}, {true, "true", "true"}, {int64(-5), "-5", "-5"}, {1.0, "1.0", "1.0"}, {1e300, "1e+300", "1e+300"}, {0.25, "0.25", "0.25"},
		{"a\"b\\c\n\x1b\u202e\U000e0001é😀", `"a\"b\\c\u000a\u001b\u202e\udb40\udc01é😀"`, `"a\"b\\c\u000a\u001b\u202e\U000e0001é😀"`},
		{[]any{}, "[]", "[]"}, {[]any{"a", int64(1)}, `["a",1]`, `["a", 1]`},
		{map[string]any{}, "{}", "{ }"},
		{map[string]any{"b": int64(1), "a c": []any{map[string]any{"x_1": "y"}}, "": true}, `{"":true,"a c":[{"x_1":"y"}],"b":1}`, `{ "" = true, "a c" = [{ x_1 = "y" }], b = 1 }`},
	} {
		if got := string(appendValue(nil, tt.v)); got != tt.json {
			t.Errorf("%v: %s, want %s", tt.v, got, tt.json)
		}
		if got := string(appendTOML(nil, tt.v)); got != tt.toml {
			t.Errorf("%v: %s, want %s", tt.v, got, tt.toml)
		}
	}
}

func TestIsAlnum(t *testing.T) {
	const all = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	for c := range 256 {
		if got, want := isAlnum(byte(c)), strings.IndexByte(all, byte(c)) >= 0; got != want {
			t.Errorf("%q: %v", byte(c), got)
		}
	}
}

func TestModuleNames(t *testing.T) {
	for _, name := range []string{"A", "Z", "aZ", "a-A"} {
		if err := checkModuleName(name); err == nil || err.Error() != "the module's name holds capital letters" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"core", "tauri"} {
		if err := checkModuleName(name); err == nil || err.Error() != "the name is reserved" {
			t.Errorf("%s: %v", name, err)
		}
		if err := checkModuleName(name + "s"); err != nil {
			t.Errorf("control: %ss: %v", name, err)
		}
	}
}

func TestValidCommandName(t *testing.T) {
	for name, want := range map[string]bool{
		"a": true, "z": true, "go": true, "a0": true, "a9": true, "a_b": true, "a_": true,
		"": false, "A": false, "0": false, "9a": false, "_a": false, "_": false, "a-b": false, "aB": false, "a.b": false,
		"a`": false, "a{": false, "a/": false, "a:": false, "`": false, "{": false, "é": false,
	} {
		if got := validCommandName(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func TestValueDepth(t *testing.T) {
	for depth, fits := range map[int]bool{maxValueDepth: true, maxValueDepth + 1: false} {
		v := any("x")
		for range depth {
			v = []any{v}
		}
		if _, err := copyValue(v, 0); (err == nil) != fits {
			t.Errorf("%d deep: %v", depth, err)
		}
	}
}
