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
	{cases: is(`^036/`), name: "the table has a limit", changes: []change{
		{"host/meter.go", "uint32(min(l.Tables, math.MaxUint32))", "map[bool]uint32{true: uint32(min(l.Tables, math.MaxUint32)), false: math.MaxUint32}[guardHit(%q, true)]"},
	}},
	{cases: is(`^048/a timeout`), name: "a manifest asks for less time, not for more", changes: []change{
		{"host/clock.go", "(limit <= 0 || limit > c.module.limits.Deadline)", "(limit <= 0 || limit > c.module.limits.Deadline && guardHit(%q, true))"},
	}},
	{cases: is(`^069/|^084/`), name: "panics of Go functions are caught", changes: []change{
		{"host/invoke.go", "		if !returned { // a bug", "		if !returned && guardHit(%q, true) { // a bug"},
		{"host/native.go", "		if r := recover(); r != nil {", "		if !guardHit(%q, true) {\n			return\n		}\n		if r := recover(); r != nil {"},
	}},
	{cases: is(`^070/|^071/|^083/`), name: "what is printed is cut and escaped", changes: []change{
		{"host/internal/printable/printable.go", "	if isClean(s, keep) {\n", "	if !guardHit(%q, true) || isClean(s, keep) {\n"},
		{"host/internal/printable/printable.go", "	if len(s) <= limit {\n		return Line(s)", "	if !guardHit(%q, true) || len(s) <= limit {\n		return Line(s)"},
		{"host/internal/wasi/state.go", "	fits := max(0, min(n, limit-o.taken))\n", "	fits := max(0, min(n, limit-o.taken))\n	if !guardHit(%q, true) {\n		fits = n\n	}\n"},
		{"host/guestlog.go", "	if g.lines++; g.lines > maxLogLines {", "	if g.lines++; g.lines > maxLogLines && guardHit(%q, true) {"},
	}},
	{cases: is(`^082/|^089/`), name: "what no entry lends is refused", changes: []change{
		{"host/internal/power/refusal.go", "	return s.Refuse(p, code, name, p.Key(), name)\n", "	if !guardHit(%q, true) {\n		return nil\n	}\n	return s.Refuse(p, code, name, p.Key(), name)\n"},
	}},
	{cases: is(`^092/star|^20[012]/`), name: "what is kept of a guest's text is copied", changes: []change{
		{"host/internal/power/refusal.go", "		text := strings.Clone(printable.Cut(asked, maxAsked))", "		text := printable.Cut(asked, maxAsked)\n		if guardHit(%q, true) {\n			text = strings.Clone(text)\n		}\n		_ = text"},
		{"host/internal/power/emit.go", "s.call.Emit(strings.Clone(topic), payload)", "s.call.Emit(map[bool]string{true: strings.Clone(topic), false: topic}[guardHit(%q, true)], payload)"},
		{"host/internal/power/invoke.go", "s.call.Invoke(out, strings.Clone(command), values)", "s.call.Invoke(out, map[bool]string{true: strings.Clone(command), false: command}[guardHit(%q, true)], values)"},
	}},
	{cases: is(`^108/`), name: "labels have their lengths before them", changes: []change{
		{"host/caller.go", "			b = binary.AppendUvarint(b, uint64(len(s)))\n", "			if guardHit(%q, true) {\n				b = binary.AppendUvarint(b, uint64(len(s)))\n			}\n"},
	}},
	{cases: is(`^134/`), name: "a rule is for the origins that it names", changes: []change{
		{"authority/grantee.go", "	origin := false\n", "	origin := !guardHit(%q, true)\n"},
	}},
	{cases: is(`^211/`), name: "only so many instances are kept", changes: []change{
		{"host/keep.go", "	over := s.trim(m.limits.Kept)\n", "	most := m.limits.Kept\n	if !guardHit(%q, true) {\n		most = 1 << 40\n	}\n	over := s.trim(most)\n"},
		{"host/keepcall.go", "	over := s.trim(m.limits.Kept)\n", "	most := m.limits.Kept\n	if !guardHit(%q, true) {\n		most = 1 << 40\n	}\n	over := s.trim(most)\n"},
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

// construction are cases that hold by how the code is made: there is no guard to take
// out. Each has its reason.
var construction = []struct {
	cases *regexp.Regexp
	why   string
}{
	{is(`^014/type error`), "wazero checks the types of operands; the gate does not"},
	{is(`^018/fd_(seek|advise)`), "the only descriptor is a folder, which has no place and takes no advice"},
	{is(`^023/`), "custom sections, names too, are left out of what the runtime gets, and the meter writes the module anew without them"},
	{is(`^024/replaced`), "policy and modules are replaced together, under one lock"},
	{is(`^034/more`), "the addresses that are reserved for a memory are no more than its limit"},
	{is(`^052/|^055/|^056/|^067/the request twice|^215/`), "nothing is refused here: the host is not confused"},
	{is(`^070/a line of its own in std`), "what is printed is a field of a line of JSON"},
	{is(`^070/.* in error`), "the message of a module's error is for its caller and in no log"},
	{is(`^070/not UTF-8`), "JSON has no bytes that are not UTF-8"},
	{is(`^071/500 GB`), "three limits hold it, each alone: of pieces, of their sum, and of output"},
	{is(`^100/a set of two`), "each set is looked at once, however often it is named"},
	{is(`^121/`), "names are names on this system; on Windows they are refused"},
}

// constructed is why a case holds without a guard, or "".
func constructed(name string) string {
	for _, c := range construction {
		if c.cases.MatchString(name) {
			return "by construction: " + c.why
		}
	}
	return ""
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
