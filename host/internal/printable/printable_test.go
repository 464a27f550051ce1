package printable_test

import (
	"encoding/json"
	"strconv"
	"testing"
	"unicode/utf8"

	"github.com/ambit-wasm/ambit/host/internal/printable"
)

func TestLine(t *testing.T) {
	for _, tt := range []struct{ in, line, text string }{
		{"plain, größer, 日本", "plain, größer, 日本", "plain, größer, 日本"},
		{"two\nlines\tand tab", `two\nlines\tand tab`, "two\nlines\tand tab"},
		{"\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`, `\x1b[31mred\x1b[0m`},
		{"back\rspace\x08\x7f", `back\rspace\b\x7f`, `back\rspace\b\x7f`},
		{"c1 \u009b2J", `c1 \u009b2J`, `c1 \u009b2J`},
		{"bidi \u202egnp.exe\u2066", `bidi \u202egnp.exe\u2066`, `bidi \u202egnp.exe\u2066`},
		{"zero\u200bwidth\ufeff", `zero\u200bwidth\ufeff`, `zero\u200bwidth\ufeff`},
		{"line\u2028sep", `line\u2028sep`, `line\u2028sep`},
		{"tag \U000e0041", `tag \U000e0041`, `tag \U000e0041`},
		{"broken \xff\xc3", `broken \xff\xc3`, `broken \xff\xc3`},
		{"real \ufffd", "real \ufffd", "real \ufffd"},
	} {
		if got := printable.Line(tt.in); got != tt.line {
			t.Errorf("Line(%q) = %q, want %q", tt.in, got, tt.line)
		}
		if got := printable.Text(tt.in); got != tt.text {
			t.Errorf("Text(%q) = %q, want %q", tt.in, got, tt.text)
		}
	}
}

func TestCut(t *testing.T) {
	for _, tt := range []struct {
		in    string
		limit int
		want  string
	}{
		{"", 0, ""},
		{"short", 5, "short"},
		{"\x1b]52;\x00", 100, `\x1b]52;\x00`},
		{"\xff\ufffd\xef", 100, `\xff` + "\ufffd" + `\xef`},
		{"0123456789abcdeä", 16, "0123456789abcde… (2 bytes more)"},
		{"longer", 4, "long… (2 bytes more)"},
		{"größer", 3, "gr… (6 bytes more)"}, // not within a character
		{"a\nb\nc", 3, `a\nb… (2 bytes more)`},
		{"\x80\x80", 1, "… (2 bytes more)"},
	} {
		if got := printable.Cut(tt.in, tt.limit); got != tt.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

// Escaped JSON shows every character and is still the same value.
func TestJSON(t *testing.T) {
	in := "a\x1b\x7f\u009b\u202e\u2028\U000e0041\u00e9\U0001f600 \"q\" \\ \n"
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	out := printable.JSON(b)
	for _, r := range string(out) {
		if !strconv.IsPrint(r) {
			t.Errorf("%q is left as it was in %s", r, out)
		}
	}
	var back string
	if err := json.Unmarshal(out, &back); err != nil || back != in {
		t.Errorf("JSON changed the value: %q (%v), want %q", back, err, in)
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("a\x1b[0m\u202e\xff\U000e0001")
	f.Fuzz(func(t *testing.T, s string) {
		for _, r := range printable.Line(s) {
			if !strconv.IsPrint(r) {
				t.Fatalf("Line(%q) leaves %q", s, r)
			}
		}
		if !utf8.ValidString(s) {
			return
		}
		b, _ := json.Marshal(s)
		var back string
		if err := json.Unmarshal(printable.JSON(b), &back); err != nil || back != s {
			t.Fatalf("JSON(%s) = %q, %v", b, back, err)
		}
	})
}
