package main

import (
	"bytes"
	"fmt"
	"regexp"
)

// edit is a guard that is no condition: code of a file, and what is there without
// the guard. Both stand in the binary: old and new are statements or expressions in
// which guardHit chooses.
type edit struct {
	cases *regexp.Regexp // that it is for
	name  string
	file  string
	old   string
	new   string // with %q for the guard's number
	used  bool
	id    int
}

var edits = []*edit{}

// applyEdits makes the edits of a file.
func applyEdits(in *instrumenter, file string, src []byte) ([]byte, error) {
	for _, e := range edits {
		if e.file != file {
			continue
		}
		if bytes.Count(src, []byte(e.old)) != 1 {
			return nil, fmt.Errorf("%s does not have %q once", file, e.old)
		}
		g := guard{len(in.guards) + 1, file, 1 + bytes.Count(src[:bytes.Index(src, []byte(e.old))], []byte("\n")), e.name}
		in.guards = append(in.guards, g)
		e.used, e.id = true, g.id
		src = bytes.Replace(src, []byte(e.old), fmt.Appendf(nil, e.new, fmt.Sprint(g.id)), 1)
	}
	return src, nil
}

func unusedEdits() error {
	for _, e := range edits {
		if !e.used {
			return fmt.Errorf("there is no file %s", e.file)
		}
	}
	return nil
}

// editsOf are the guards of the list that are for a case.
func editsOf(name string) (ids []string) {
	for _, e := range edits {
		if e.cases.MatchString(name) {
			ids = append(ids, fmt.Sprint(e.id))
		}
	}
	return ids
}
