package cli_test

import (
	"math"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/cli"
	"github.com/google/go-cmp/cmp"
)

func TestParseArgs(t *testing.T) {
	got, err := cli.ParseArgs([]string{
		"path=/APPDATA/a.md", "empty=", "eq=a=b", "n:=1", "big:=18446744073709551615", "f:=1.0", "e:=1e3",
		"t:=true", "z:=null", `l:=[1,{"a":"b"}]`, `b:={"$bytes":"AAH/"}`, `m:={"$bytes":"AA==","x":1}`, "a:b=c",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"path": "/APPDATA/a.md", "empty": "", "eq": "a=b", "n": int64(1), "big": uint64(math.MaxUint64), "f": 1.0, "e": 1000.0,
		"t": true, "z": nil, "l": []any{int64(1), map[string]any{"a": "b"}}, "b": []byte{0, 1, 255},
		"m": map[string]any{"$bytes": "AA==", "x": int64(1)}, "a:b": "c",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestParseArgsErrors(t *testing.T) {
	for _, tt := range []struct{ word, want string }{
		{"novalue", `has no "="`},
		{"=x", "has no name"},
		{":=1", "has no name"},
		{"a:=nope", "not JSON"},
		{"a:=1 2", "not JSON"},
		{"a:={\"x\":1,\"x\":2}", `the member "x" appears twice`},
		{`a:={"$bytes":"*"}`, "illegal base64"},
		{"a:=1e999", "out of range"},
		{"a:=\"\xff\"", "UTF-8"},
		{"a:=" + strings.Repeat("[", 100) + strings.Repeat("]", 100), "nested more than 32 deep"},
		{"a:=" + strings.Repeat("[", 20000), "not JSON"},
		{"a:=", "not JSON"},
	} {
		_, err := cli.ParseArgs([]string{tt.word})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("ParseArgs(%.40q) = %v, want %q", tt.word, err, tt.want)
		}
	}
	if _, err := cli.ParseArgs([]string{"a=1", "a:=2"}); err == nil || !strings.Contains(err.Error(), `"a" is given twice`) {
		t.Errorf("a twice: %v", err)
	}
}
