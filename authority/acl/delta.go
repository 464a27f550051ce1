package acl

import "github.com/ambit-wasm/ambit/authority"

// delta collects what one thing has more than another of its kind, first one
// way, then the other.
type delta struct {
	changes   authority.Changes
	direction authority.Direction // of what is more: widened if the newer one has it
	module    string
	command   string // that the changes are about; empty: none in particular
}

// add adds a change: what the one with more says, in words for when that is
// the newer one and for when it is the older one. Where it cannot be told which
// of the two has more, there are no words for the older one, so that it is
// reported once, as widened.
func (d *delta) add(kind string, less, more authority.Position, widened, narrowed string) {
	c := authority.Change{
		Direction: d.direction, Kind: kind, Module: d.module, Text: widened,
		Old: authority.Side{Source: less.FileLine()}, New: authority.Side{Source: more.FileLine()},
	}
	if d.direction == authority.Narrowed {
		c.Text, c.Old, c.New = narrowed, c.New, c.Old
	}
	if d.command != "" {
		c.Commands = []string{d.command}
	}
	if c.Text != "" {
		d.changes = append(d.changes, c)
	}
}
