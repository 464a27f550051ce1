package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/ambit-wasm/ambit/host/hosttest"
)

// found are the cases that found something: the last commit at which the case failed,
// and what it was.
var found = map[string][2]string{
	"200/a refusal is written over":          {"4f27a41", "texts of refusals were in a buffer that the next power writes"},
	"201/an inner call is written over":      {"4f27a41", "so was the command of a call that a module makes"},
	"202/an event is written over":           {"4f27a41", "so was the topic of an event"},
	"092/star":                               {"4f27a41", "a record printed as something else, for the same reason"},
	"203/nothing but powers":                 {"35f1fa6", "uses of powers with short arguments did not look at the clock"},
	"213/a folder of its own that is a link": {"77a10bd", "the folder of a module could be a link to one outside"},
}

// trackRecord writes host/TRACK-RECORD.md.
func trackRecord(verdicts []verdict) []byte {
	var b bytes.Buffer
	built := 0
	for _, v := range verdicts {
		if strings.HasPrefix(v.without, "by construction") {
			built++
		}
	}
	fmt.Fprintf(&b, `# Track record

Every attack of [package hosttest](hosttest), what the host answers, and the guard
without which the attack succeeds, or is answered otherwise. The last column is the
last commit at which it succeeded with all guards in place, if there is one. Where several
guards are named, each holds alone.
"make guards" writes this file. It fails for an attack that passes whatever is taken
out.

| | |
|---|---|
| attacks | %d |
| rows of the catalogue, and beyond | %d |
| that fail without a guard | %d |
| that hold by how the code is made | %d |

| row | attack | the host answers | fails without | last succeeded at |
|---|---|---|---|---|
`, len(verdicts), rows(verdicts), len(verdicts)-built, built)
	for _, v := range verdicts {
		last := "–"
		if f, ok := found[v.name]; ok {
			last = f[0] + ": " + f[1]
		}
		row, name, _ := strings.Cut(v.name, "/")
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", row, cell(name), cell(expected(v.name)), cell(v.without), cell(last))
	}
	return b.Bytes()
}

// expected is what a host answers to a case.
func expected(name string) string {
	for _, c := range hosttest.Cases() {
		if c.Name == name && len(c.Expect) > 0 {
			codes := make([]string, len(c.Expect))
			for i, code := range c.Expect {
				codes[i] = string(code)
			}
			return strings.Join(codes, ", ")
		}
	}
	return "nothing is reached"
}

func rows(verdicts []verdict) int {
	seen := map[string]bool{}
	for _, v := range verdicts {
		row, _, _ := strings.Cut(v.name, "/")
		seen[row] = true
	}
	return len(seen)
}

// cell is a text in a table of Markdown.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`, "<", "&lt;", "`", "'", "_", `\_`).Replace(s)
}
