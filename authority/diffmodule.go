package authority

import (
	"slices"
	"strconv"
)

// modules finds what the modules of one policy can do and those of another
// cannot, whoever calls them.
func (d *differ) modules(from, to *Authority, direction Direction) {
	if to == nil {
		return
	}
	for _, m := range to.catalog.order {
		was := from.module(m.manifest.Name)
		if m.manifest.Invalid != "" {
			continue
		}
		f := finding{direction: direction, kind: "module", module: m.manifest.Name}.place(was.side(), m.side())
		switch {
		case was == nil:
			f.words = choose(direction, "is new", "is gone")
		case was.manifest.Invalid != "":
			f.words = choose(direction, "can be used now", "can no longer be used")
		default:
			d.versions(was, m, direction)
			continue
		}
		d.found(f, "")
	}
}

// module returns a module, nil if there is none of that name.
func (a *Authority) module(name string) *module {
	if a == nil {
		return nil
	}
	return a.catalog.modules[name]
}

// side is where the module's manifest stands; zero if there is no module.
func (m *module) side() Side {
	if m == nil {
		return Side{}
	}
	return Side{Source: m.manifest.FileLine()}
}

// choose words what is more in the newer policy, or was in the older one.
func choose(direction Direction, widened, narrowed string) string {
	if direction == Narrowed {
		return narrowed
	}
	return widened
}

// versions compares two usable versions of a module.
func (d *differ) versions(was, is *module, direction Direction) {
	name := is.manifest.Name
	if is.manifest.Accepted && !was.manifest.Accepted {
		f := finding{direction: direction, kind: "trust", module: name}.place(was.side(), is.side())
		f.words = choose(direction, "is trusted now: what its own manifest lends counts", "is no longer trusted: what its own manifest lends does not count")
		d.found(f, "")
	}
	for i := range is.manifest.Commands {
		c := &is.manifest.Commands[i]
		if o := was.commands[c.Name]; o != nil {
			d.command(name, o.Command, c, direction)
		}
	}
}

// command compares what two versions of a module declare of a command.
func (d *differ) command(module string, was, is *Command, direction Direction) {
	f := finding{direction: direction, module: module}
	f = f.place(Side{Source: was.FileLine()}, Side{Source: is.FileLine()})
	add := func(kind, words string) {
		f.kind, f.words = kind, words
		d.found(f, is.Name)
	}
	for _, p := range is.Powers {
		if !slices.Contains(was.Powers, p) {
			add("power", choose(direction, "declares", "no longer declares")+" the power "+string(p)+
				", which scope entries with "+quote(p.Key())+choose(direction, " lend it", " lent it"))
		}
	}
	switch before, now := string(was.Args.JSON()), string(is.Args.JSON()); {
	case before == now || before == "" || now != "" && direction == Narrowed:
		// No schema takes all there is. Of two schemas it is not told which
		// takes more: that is reported once, as widened.
	case now == "":
		add("args", choose(direction, "takes any arguments, with no schema to check them", "has a schema for its arguments, which were not checked"))
	default:
		add("args", "has another schema for its arguments, which may take more")
	}
	if was.Timeout != 0 && (is.Timeout == 0 || is.Timeout > was.Timeout) {
		add("timeout", choose(direction, "may run "+lasting(is.Timeout)+", not just "+lasting(was.Timeout),
			"may run "+lasting(was.Timeout)+", not "+lasting(is.Timeout)))
	}
}

// lasting words a timeout.
func lasting(ms int64) string {
	if ms == 0 {
		return "as long as the host lets it"
	}
	return strconv.FormatInt(ms, 10) + " ms"
}
