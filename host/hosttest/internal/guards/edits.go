package main

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// edit is a guard that is no condition: what holds by what the code does. Its
// changes are code of files, and what stands there instead: both, with a choice by
// guardHit, whose argument is %q.
type edit struct {
	cases   *regexp.Regexp // that it is for
	name    string
	changes []change
	id      string
	done    int
}

type change struct{ file, old, new string }

var edits = []*edit{
	{cases: is(`^018/|^050/a file|^079|^081`), name: "descriptors are the call's own", changes: []change{
		{"host/invoke.go", "if l := &c.module.limits; c.scope != nil {", "if l := &c.module.limits; c.scope != nil || !guardHit(%q, true) {"},
		{"host/internal/files/table.go", "			return f\n		}\n	}\n	return nil\n}", "			return f\n		}\n	}\n	if !guardHit(%q, true) {\n		return &t.root\n	}\n	return nil\n}"},
	}},
	{cases: is(`^023/`), name: "modules have no names in the runtime", changes: []change{
		{"host/internal/image/instance.go", `wazero.NewModuleConfig().WithName("").WithStartFunctions()`, `map[bool]wazero.ModuleConfig{true: wazero.NewModuleConfig().WithName("").WithStartFunctions(), false: wazero.NewModuleConfig().WithStartFunctions()}[guardHit(%q, true)]`},
		{"host/internal/wasm/bare.go", "		case idCustom, idStart:\n", "		case idStart:\n		case idCustom:\n			if !guardHit(%q, true) {\n				out = append(out, m.bin[s.start:s.end]...)\n			}\n"},
	}},
	{cases: is(`^034/`), name: "the memory has a limit", changes: []change{
		{"host/internal/image/memory.go", "	if size > m.limit {\n", "	if !guardHit(%q, true) {\n		m.limit = 1 << 32\n	}\n	if size > m.limit {\n"},
	}},
	{cases: is(`^036/`), name: "the table has a limit", changes: []change{
		{"host/internal/wasm/bare.go", "		top := max(most, t.Min)\n", "		top := max(most, t.Min)\n		if !guardHit(%q, true) {\n			top = 1<<32 - 1\n		}\n"},
	}},
	{cases: is(`^069/|^084/`), name: "panics of Go functions are caught", changes: []change{
		{"host/invoke.go", "		if !returned { // a bug", "		if !returned && guardHit(%q, true) { // a bug"},
	}},
	{cases: is(`^070/|^071/|^083/|^200/`), name: "what is printed is cut and escaped", changes: []change{
		{"host/internal/printable/printable.go", "	if isClean(s, keep) {\n", "	if !guardHit(%q, true) || isClean(s, keep) {\n"},
		{"host/internal/printable/printable.go", "	if len(s) <= limit {\n		return Line(s)", "	if !guardHit(%q, true) || len(s) <= limit {\n		return Line(s)"},
		{"host/internal/wasi/state.go", "	fits := max(0, min(n, limit-o.taken))\n", "	fits := max(0, min(n, limit-o.taken))\n	if !guardHit(%q, true) {\n		fits = n\n	}\n"},
		{"host/guestlog.go", "	if g.lines++; g.lines > maxLogLines {", "	if g.lines++; g.lines > maxLogLines && guardHit(%q, true) {"},
	}},
	{cases: is(`^074/`), name: "clocks are coarse", changes: []change{
		{"host/internal/wasi/clock.go", "		return t - t%int64(resolution), ok\n", "		if !guardHit(%q, true) {\n			return t, ok\n		}\n		return t - t%%int64(resolution), ok\n"},
	}},
	{cases: is(`^076/`), name: "instances are made clean", changes: []change{
		{"host/internal/image/image.go", "func (im *Image) Put(in *Instance, now time.Time) error {\n", "func (im *Image) Put(in *Instance, now time.Time) error {\n	if !guardHit(%q, true) {\n		im.mu.Lock()\n		im.waits = append(im.waits, waiting{in, now})\n		im.mu.Unlock()\n		return nil\n	}\n"},
		{"host/internal/image/image.go", "	if !im.Frozen() {\n		im.made.Add(1)\n", "	if !guardHit(%q, true) {\n		if in := im.newest(); in != nil {\n			return in, nil\n		}\n	}\n	if !im.Frozen() {\n		im.made.Add(1)\n"},
	}},
	{cases: is(`^077/`), name: "each module has its own keys", changes: []change{
		{"host/internal/kv/namespace.go", `values: []byte("v/" + module), expiries: []byte("x/" + module), count: []byte(module)}`, `values: []byte("v/" + map[bool]string{true: module}[guardHit(%q, true)]), expiries: []byte("x/" + module), count: []byte(module)}`},
	}},
}

func is(cases string) *regexp.Regexp { return regexp.MustCompile(cases) }

// applyEdits makes the edits of a file.
func applyEdits(in *instrumenter, file string, src []byte) ([]byte, error) {
	for _, e := range edits {
		for _, c := range e.changes {
			if c.file != file {
				continue
			}
			if bytes.Count(src, []byte(c.old)) != 1 {
				return nil, fmt.Errorf("%s does not have %q once", file, c.old)
			}
			if e.id == "" {
				line := 1 + bytes.Count(src[:bytes.Index(src, []byte(c.old))], []byte("\n"))
				in.guards = append(in.guards, guard{len(in.guards) + 1, file, line, e.name})
				e.id = fmt.Sprint(len(in.guards))
			}
			e.done++
			src = bytes.Replace(src, []byte(c.old), fmt.Appendf(nil, escaped(c.new), e.id), 1)
		}
	}
	return src, nil
}

// escaped doubles the percent signs of code that are no verb of ours.
func escaped(code string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(code, "%%", "%"), "%", "%%"), "%%q", "%[1]q")
}

func unusedEdits() error {
	for _, e := range edits {
		if e.done != len(e.changes) {
			return fmt.Errorf("the edit %q is made in %d of %d places", e.name, e.done, len(e.changes))
		}
	}
	return nil
}

// editsOf are the guards of the list that are for a case.
func editsOf(name string) (ids []string) {
	for _, e := range edits {
		if e.cases.MatchString(name) {
			ids = append(ids, e.id)
		}
	}
	return ids
}

func isEdit(id string) bool {
	return slices.ContainsFunc(edits, func(e *edit) bool { return e.id == id })
}
