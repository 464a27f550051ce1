package authority

import (
	"slices"
	"strconv"
	"strings"
)

// Diff says what changed from one policy to another: who may call what, and
// what a call is lent. Capabilities, permissions and sets are compared by what
// they come down to, not by name or place, so that a policy that was only
// written in another way has no changes.
//
// It errs on one side. Whatever lets some caller do more, at any time, is
// among the changes as [Widened]; so is what cannot be told. Narrowed is only
// what lets nobody do more. In particular no pattern is held to lie within
// another unless they are the same, the other is "*", or it is a plain label
// that the other matches: a pattern that changed shows as one that is gone and
// one that is new.
//
// It compares what was compiled, each policy for its platform. What lies behind
// the names in a policy (base dirs, windows, the code of modules) it does not
// see, nor what is granted at run time, except that a deny of a command, which
// binds that too, counts even if nobody is granted the command.
func Diff(before, after *Authority) Changes {
	if before.Digest() == after.Digest() {
		return nil
	}
	d := &differ{merged: make(map[finding]*Change)}
	older, newer := newClaims(before), newClaims(after)
	d.more(older, newer, Widened)
	d.more(newer, older, Narrowed)
	if older.tooMany || newer.tooMany || d.steps > maxSteps {
		d.changes = append(d.changes, Change{Kind: "too-large", Text: "the policies are too large to compare all of their rules"})
	}
	for _, c := range d.merged {
		slices.Sort(c.Commands)
		c.Commands = slices.Compact(c.Commands)
		c.Text = whose(c.Module, c.Commands) + " " + agree(c.Text, len(c.Commands))
		d.changes = append(d.changes, *c)
	}
	d.changes.Sort()
	return d.changes
}

// differ collects changes.
type differ struct {
	changes Changes
	merged  map[finding]*Change // that are the same for several commands
	steps   int                 // how much was looked at and written
}

// finding is a change without the commands that it is about. Its words follow
// them.
type finding struct {
	direction           Direction
	kind, module, words string
	old, new            Side
}

// found adds what was found for a command, or, if it has no name, for all of
// the module.
func (d *differ) found(f finding, command string) {
	c := d.merged[f]
	if c == nil {
		c = &Change{Direction: f.direction, Kind: f.kind, Module: f.module, Text: f.words, Old: f.old, New: f.new}
		d.merged[f] = c
	}
	if command != "" {
		c.Commands = append(c.Commands, command)
	}
}

// whose names the commands, or all of a module.
func whose(module string, commands []string) string {
	if len(commands) == 0 {
		return "module " + strconv.Quote(module)
	}
	names := make([]string, len(commands))
	for i, c := range commands {
		names[i] = commandText(module, c)
	}
	return strings.Join(names, ", ")
}

// agree puts the verb that the words start with into the plural.
func agree(words string, n int) string {
	if rest, ok := strings.CutPrefix(words, "is "); ok && n > 1 {
		return "are " + rest
	}
	return words
}

// more finds what to lets callers do and from does not. The direction is widened
// if to is the newer policy, else narrowed, which changes nothing but words.
func (d *differ) more(from, to *claims, direction Direction) {
	d.rules(to, from, direction, false)
	d.rules(from, to, direction, true)
	d.modules(from.authority, to.authority, direction)
}

// place turns what the policy with more and the one with less say into the
// sides of a change.
func (f finding) place(less, more Side) finding {
	f.old, f.new = less, more
	if f.direction == Narrowed {
		f.old, f.new = more, less
	}
	return f
}
