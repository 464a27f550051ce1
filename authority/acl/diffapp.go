package acl

import (
	"slices"
	"strconv"

	"github.com/ambit-wasm/ambit/authority"
)

// DiffApps says what changed between two apps in what a policy's names stand
// for: base dirs, windows, and limits of what modules use. A path, a host or a
// folder of pages that is another one has widened: it cannot be told what lies
// there. For what is granted, see [authority.Diff].
func DiffApps(before, after *App) authority.Changes {
	d := &delta{}
	d.app(before, after, authority.Widened)
	d.app(after, before, authority.Narrowed)
	d.changes.Sort()
	return d.changes
}

// app finds what the app to has and the app from does not.
func (d *delta) app(from, to *App, direction authority.Direction) {
	d.direction, d.module = direction, ""
	for _, name := range sortedKeys(to.Dirs) {
		was, known := from.Dirs[name]
		at, is, what := to.DirPositions[name], to.Dirs[name], "base dir "+quote(name)
		switch {
		case !known:
			d.add("dir", authority.Position{}, at, what+" is new: "+quote(is), what+" is gone: "+quote(is))
		case was != is:
			d.add("dir", from.DirPositions[name], at, what+" is "+quote(is)+", before "+quote(was), "")
		}
	}
	for _, w := range to.Windows {
		d.window(from.Windows, w)
	}
	d.limits(authority.Position{File: appName}, authority.Position{File: appName}, from.Limits, to.Limits)
	for _, ref := range to.Modules {
		if i := slices.IndexFunc(from.Modules, func(o ModuleRef) bool { return o.Name == ref.Name }); i >= 0 {
			was := from.Modules[i]
			d.module = ref.Name
			d.limits(was.Position, ref.Position, was.Limits, ref.Limits)
		}
	}
}

// window compares a window with the one of that label.
func (d *delta) window(others []Window, w Window) {
	what := "window " + quote(w.Label)
	i := slices.IndexFunc(others, func(o Window) bool { return o.Label == w.Label })
	if i < 0 {
		d.add("window", authority.Position{}, w.Position, what+" is new", what+" is gone")
		return
	}
	was := others[i]
	for _, part := range []struct{ name, was, is string }{{"host", was.Host, w.Host}, {"folder of pages", was.Assets, w.Assets}} {
		if part.was != part.is {
			d.add("window", was.Position, w.Position, what+" has another "+part.name+": "+quote(part.is)+", before "+quote(part.was), "")
		}
	}
	if w.Remote != "" && was.Remote != w.Remote {
		d.add("window", was.Position, w.Position, what+" is open to pages of "+quote(w.Remote), what+" is no longer open to pages of "+quote(w.Remote))
	}
}

// limits compares limits. Of the host's default, which a limit that is not
// given stands for, it is not told which is higher: that is reported once, as
// widened.
func (d *delta) limits(from, to authority.Position, was, is Limits) {
	what := "limit "
	if d.module != "" {
		what = "module " + quote(d.module) + ": limit "
	}
	for _, spec := range limitSpecs {
		before, now := *spec.field(&was), *spec.field(&is)
		if before == now || now < before && now != 0 && before != 0 {
			continue
		}
		more, less := spec.print(now), spec.print(before)
		narrowed := what + spec.key + " is " + less + ", before " + more
		if before == 0 || now == 0 {
			narrowed = ""
		}
		d.add("limit", from, to, what+spec.key+" is "+more+", before "+less, narrowed)
	}
}

// print prints a limit as it may be written.
func (s limitSpec) print(n int64) string {
	switch {
	case n == 0:
		return "not given"
	case s.unit == unitSize:
		return printSize(n)
	case s.unit == unitTime:
		return strconv.FormatInt(n, 10) + "ms"
	}
	return strconv.FormatInt(n, 10)
}
