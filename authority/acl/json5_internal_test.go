package acl

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// TestJSON5 goes through the grammar of JSON5, production by production: what
// each text stands for, or what is wrong with it.
func TestJSON5(t *testing.T) {
	table := func(pairs ...any) map[string]any {
		m := map[string]any{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i].(string)] = pairs[i+1]
		}
		return m
	}
	list := func(items ...any) []any { return append([]any{}, items...) }
	for text, want := range map[string]any{
		// Objects and arrays, with a comma at the end or without.
		"{}": table(), "{a:1}": table("a", int64(1)), "{a:1,}": table("a", int64(1)), "{a:1,b:2}": table("a", int64(1), "b", int64(2)),
		"[]": list(), "[1]": list(int64(1)), "[1,]": list(int64(1)), "[[],[[]],]": list(list(), list(list())),
		"{a:{b:[{c:null,},],},}": table("a", table("b", list(table("c", nil)))),
		// Keys.
		`{'a':1,"b":2,c:3}`: table("a", int64(1), "b", int64(2), "c", int64(3)), "{$_:1,_$1:2}": table("$_", int64(1), "_$1", int64(2)),
		"{ümlåut:1,中文:2,ⅷ:3}": table("ümlåut", int64(1), "中文", int64(2), "ⅷ", int64(3)), "{𝒳:1}": table("𝒳", int64(1)),
		`{\u0061b:1}`: table("ab", int64(1)), `{a\u0062\u005F:1}`: table("ab_", int64(1)),
		"{a\u0301\u0663\u203f\u200c\u200d\u0903:1}": table("a\u0301\u0663\u203f\u200c\u200d\u0903", int64(1)),
		"{null:1,true:2,Infinity:3,while:4}":        table("null", int64(1), "true", int64(2), "Infinity", int64(3), "while", int64(4)),
		"{'':1,'a b':2}":                            table("", int64(1), "a b", int64(2)), "{__proto__:1}": table("__proto__", int64(1)),
		// Strings.
		`"it's"`: "it's", `'say "x"'`: `say "x"`, `'\'\"\\\/\b\f\n\r\t\v\0'`: "'\"\\/\b\f\n\r\t\v\x00", `'\x41\xe9\u00e9\ud83d\ude00'`: "Aéé😀",
		`'\0a'`: "\x00a", "'a\\\nb\\\r\nc\\\rd'": "abcd", `'a\u2028b\u202ec'`: "a\u2028b\u202ec", "'c\td'": "c\td", "''": "", `'\0'`: "\x00",
		// Numbers.
		"0": int64(0), "-0": int64(0), "+0": int64(0), "+12": int64(12), "-12": int64(-12), "0x1F": int64(31), "0XabC": int64(0xabc), "-0x10": int64(-16), "+0x10": int64(16),
		"0x7fffffffffffffff": int64(math.MaxInt64), "-0x8000000000000000": int64(math.MinInt64), ".5": .5, "-.5": -.5, "+.5": .5, "5.": 5., "5.e1": 50., ".5e1": 5., "0.": 0., "1e+2": 100., "1E-2": .01,
		// Comments and spaces.
		"// a\n1 // b": int64(1), "// a\r\n1//": int64(1), "/* a\n * b **/1/**/": int64(1), "[/*a*/1/*b*/,//c\n2//d\n]": list(int64(1), int64(2)),
		"{/*a*/a/*b*/:/*c*/1/*d*/,/*e*/}": table("a", int64(1)), "/*/ 2 */1": int64(1), "//\n//*\n1": int64(1), "/*//*/1": int64(1), "/*\r*/1": int64(1),
		"\v\f\u00a0\u2003\u3000 \t\r1\ufeff": int64(1),
		// What is none.
		"": "it ends where a value should stand", "//": "it ends where a value should stand", "/**/": "it ends where a value should stand", "/": "found '/'", "/ /\n1": "found '/'",
		"[,]": "found ','", "[1,,]": "found ','", "{,}": "found ','", "{a:1,,}": "found ','", "{a,b}": "found ',' where a colon", "{a:}": "found '}'", "{:1}": "found ':'", "{a 1}": "found '1' where a colon",
		"[1 2]": "found '2'", "{a:1 b:2}": "found 'b'", "[": "it ends", "{a:1": "it ends", "{a": "it ends where a colon", "{": "it ends where a key", "1 1": "something follows", "{}[]": "something follows",
		"{1a:1}": "found '1'", "{\u200ca:1}": `found '\u200c'`, "{\u0301a:1}": "found '\u0301'", "{a-b:1}": "(a key that is no plain word stands in quotes)", "{[a]:1}": "found '['", "{😀:1}": "found '😀'", "{a\u00a0b:1}": "found 'b'",
		`{\u0031:1}`: `only \u`, `{a\u002d:1}`: `only \u`, `{\ud835\udcb3:1}`: `only \u`, `{\x61:1}`: `only \u`, `{a\`: `only \u`, `{\u00`: `only \u`, `{a\u{62}:1}`: `only \u`,
		`{a:1,'a':2}`: `duplicate key "a"`, `{a:1,"\u0061":2}`: `duplicate key "a"`, `{a:1,\u0061:2}`: `duplicate key "a"`, `{'\x61':1,a:2}`: `duplicate key "a"`,
		"'a": "the string has no end", "'a\"": "the string has no end", "'a\nb'": "no end on its line", "'a\rb'": "a control character", "'\x01'": "a control character", `'\`: "unknown escape", `'\'`: "the string has no end",
		`'\1'`: "unknown escape", `'\9'`: "unknown escape", `'\00'`: "unknown escape", `'\08'`: "unknown escape", `'\x4'`: "unknown escape", `'\xg0'`: "unknown escape", `'\u12'`: "unknown escape",
		`'\ud800'`: "half of a surrogate pair", `'\udc00\ud800'`: "half of a surrogate pair", `'\ud800\x41'`: "half of a surrogate pair",
		"01": "malformed number", "-01": "malformed number", "00": "malformed number", ".": "malformed number", "-.": "malformed number", "+": "malformed number", "--1": "malformed number", "+-1": "malformed number", "- 1": "malformed number",
		"1e": "malformed number", ".e1": "malformed number", "1.5e+": "malformed number", "0x": "malformed number", "0xg": "malformed number", "00x1": "malformed number", "0x1.8": "something follows", "1_0": "something follows", "0b1": "something follows", "0o7": "something follows", "1a": "something follows", "[1.5.]": "found '.'",
		"9223372036854775808": "does not fit", "0x8000000000000000": "does not fit", "-0x8000000000000001": "does not fit", "1e999": "does not fit",
		"undefined": "found 'u'", "True": "found 'T'", "nul": "found 'n'", "`a`": "found '`'", "Inf": "found 'I'", "\x00": `found '\x00'`,
		"\ufeff1": "byte order mark", "'\xff'": "not valid UTF-8", "//\xff\n1": "not valid UTF-8", "/*\xff*/1": "not valid UTF-8",
		// What is JSON5, but not ours.
		"Infinity": "not finite", "-Infinity": "not finite", "+Infinity": "not finite", "NaN": "not finite", "-NaN": "not finite", "[NaN]": "not finite",
		`'\a'`: "unknown escape", `'\.'`: "unknown escape", `'\S'`: "unknown escape", `'\é'`: "unknown escape", "'\\\t'": "unknown escape", "'\x1b'": "a control character", "'\v'": "a control character",
		"// a\rb\n1": `a comment holds '\r'`, "// a\u2028b\n1": "'\\u2028' ends a line", "/*\u2029*/1": "'\\u2029' ends a line", "\u2029 1": "'\\u2029' ends a line", "'a\u2028'": "'\\u2028' ends a line", "'a\\\u2028'": "'\\u2028' ends a line",
		"//\x1b[2K\n1": "f:1:3: not valid JSON5: a control character stands in a comment", "/*\n\x00*/1": "f:2:1: not valid JSON5: a control character", "// a\r\r\n1": `a comment holds '\r'`,
	} {
		k := &sink{}
		root := parseJSON5(newSource("f", []byte(text)), k)
		checkPositions(t, []byte(text), root, k)
		message, wrong := want.(string)
		switch {
		case !k.failed():
			if got := root.plain(); !reflect.DeepEqual(got, want) {
				t.Errorf("%q: got %#v, want %#v", text, got, want)
			}
		case !wrong || !strings.Contains(k.problems.Error(), message):
			t.Errorf("%q: %v, want %#v", text, k.problems, want)
		}
	}
}

func FuzzJSON5(f *testing.F) {
	for _, seed := range jsonSeeds {
		f.Add([]byte(seed))
	}
	for _, seed := range []string{
		"{a:1,'b':+.5,\"c\":0xF,}", "// a\n[1,/* b */2,]", "{\\u0061:'\\x41\\v\\0\\\n'}", "\ufeff{}", "[Infinity,-NaN]", "//\u2028", "{a\u0301:\u00a0null}", `'\a'`, "/*", "/**",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(checkJSON5)
}

// checkJSON5 demands of parseJSON5 that all it returns stands in the file and
// can be written as JSON, and that it reads JSON as parseJSON does.
func checkJSON5(t *testing.T, data []byte) {
	k, five := &sink{}, &sink{}
	root := parseJSON(newSource("f", data), k)
	root5 := parseJSON5(newSource("f", data), five)
	checkPositions(t, data, root5, five)
	broken := slices.ContainsFunc(five.problems, func(p authority.Problem) bool { return p.Code != codeDuplicate })
	if (root5 == nil) != broken {
		t.Fatalf("%q: a value: %v, problems: %v", data, root5 != nil, five.problems)
	}
	if root != nil && (!reflect.DeepEqual(root, root5) || !reflect.DeepEqual(k.problems, five.problems)) {
		t.Fatalf("%q: as JSON %#v %v\nas JSON5 %#v %v", data, root.plain(), k.problems, root5, five.problems)
	}
	if root5 == nil || five.failed() {
		return
	}
	text := appendJSON(nil, root5.plain())
	again := parseJSON(newSource("f", text), &sink{})
	if again == nil || !reflect.DeepEqual(again.plain(), root5.plain()) {
		t.Fatalf("%q: written as %s", data, text)
	}
}
