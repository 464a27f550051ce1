package authority

import (
	"cmp"
	"slices"
	"strings"
)

// Direction says what a [Change] does to what callers can do. The zero value is
// the grave one.
type Direction uint8

// The directions.
const (
	Widened  Direction = iota // somebody can do more, or it cannot be told that nobody can
	Narrowed                  // somebody can do less, and nobody more
)

// String returns "widened" or "narrowed".
func (d Direction) String() string {
	if d == Narrowed {
		return "narrowed"
	}
	return "widened"
}

// MarshalText is String, for JSON.
func (d Direction) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Change is one difference between two policies, or between two versions of a
// module.
type Change struct {
	Direction Direction `json:"direction"`
	// Kind is what changed: "allow", "deny", "scope", "scope-deny", "instance",
	// "power", "args", "timeout", "module", "trust" or "too-large"; package acl
	// has more for what it compares.
	Kind     string   `json:"kind"`
	Module   string   `json:"module,omitempty"`   // empty: it is the app's, not one module's
	Commands []string `json:"commands,omitempty"` // sorted; none: it is the whole module's
	Text     string   `json:"text"`               // in words, one line, without places
	Old      Side     `json:"old,omitzero"`       // what says so, or said so before; zero: nothing does
	New      Side     `json:"new,omitzero"`
}

// Side is where one of the two policies says what a [Change] is about.
type Side struct {
	Capability string `json:"capability,omitempty"` // identifier
	Source     string `json:"source,omitempty"`     // "file:line"
}

// String prints `capability "main", file:line`, leaving out what is not known.
func (s Side) String() string {
	if s.Capability == "" {
		return printable(s.Source)
	}
	return strings.TrimSuffix("capability "+quote(s.Capability)+", "+printable(s.Source), ", ")
}

// String prints the change in one line: "+" or "-" for what widened or
// narrowed, what it is, and where both policies say so.
func (c Change) String() string {
	line := "+ " + c.Text
	if c.Direction == Narrowed {
		line = "- " + c.Text
	}
	before, after := c.Old.String(), c.New.String()
	switch {
	case before == "" && after == "":
		return line
	case after == "":
		return line + " (was " + before + ")"
	case before == "":
		return line + " (" + after + ")"
	case c.Old.Capability == c.New.Capability && c.New.Source != "":
		after = printable(c.New.Source)
	}
	return line + " (" + before + " → " + after + ")"
}

// Changes are what [Diff] finds, in the order of [Changes.Sort].
type Changes []Change

// Count returns how many changes have the direction.
func (cs Changes) Count(e Direction) int {
	n := 0
	for i := range cs {
		if cs[i].Direction == e {
			n++
		}
	}
	return n
}

// String prints one change a line.
func (cs Changes) String() string {
	var b strings.Builder
	for i := range cs {
		b.WriteString(cs[i].String() + "\n")
	}
	return b.String()
}

// Sort orders changes by module, what widened first, then kind, commands,
// text and places. Of changes that are all the same one remains.
func (cs *Changes) Sort() {
	slices.SortFunc(*cs, Change.compare)
	*cs = slices.CompactFunc(*cs, func(a, b Change) bool { return a.compare(b) == 0 })
}

func (c Change) compare(o Change) int {
	return cmp.Or(
		cmp.Compare(c.Module, o.Module), cmp.Compare(c.Direction, o.Direction), cmp.Compare(c.Kind, o.Kind),
		slices.Compare(c.Commands, o.Commands), cmp.Compare(c.Text, o.Text),
		c.Old.compare(o.Old), c.New.compare(o.New))
}

func (s Side) compare(o Side) int {
	return cmp.Or(cmp.Compare(s.Capability, o.Capability), cmp.Compare(s.Source, o.Source))
}
