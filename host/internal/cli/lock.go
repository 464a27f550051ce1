package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/spf13/cobra"
)

const lockLong = `Lock shows, for each module of an app, what its manifest would lend if it were
accepted, and what changed against ambit.lock. A manifest is a third party's
wish: scopes of its own permissions, and members of other modules in its sets,
count only if ambit.toml trusts the module or ambit.lock has accepted that very
file. A new file that asks for more than the accepted one is not even loaded.

What was shown is then recorded in ambit.lock: of all modules, dropping those
that the app no longer has, or of the modules that you name. With --dry-run it
is only shown.

Exit codes
  0  recorded, or shown
  1  an error; with --check, a module differs from the lock
  2  wrong usage`

const lockFile = "ambit.lock"

type lockFlags struct {
	appFlags
	dryRun bool
	check  bool
}

func (c *cli) lockCommand() *cobra.Command {
	var f lockFlags
	cmd := &cobra.Command{
		Use:   "lock [--dry-run | --check] [MODULE]...",
		Short: "Show and record what is accepted of each module",
		Long:  lockLong,
		Example: `  ambit lock --dry-run          what would be lent, and what changed
  ambit lock notes              record the module notes as it is now
  ambit lock --check            for CI: exit 1 if a module is not as recorded`,
		RunE: c.run(func(_ context.Context, args []string) (int, error) { return c.lock(&f, args) }),
	}
	cmd.DisableFlagsInUseLine = true
	f.addFolder(cmd)
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "show, and write nothing")
	cmd.Flags().BoolVar(&f.check, "check", false, "exit with 1 if a module differs from the lock")
	cmd.MarkFlagsMutuallyExclusive("dry-run", "check")
	return cmd
}

// The states of a module against the lock.
const (
	stateAccepted = "accepted" // the lock has this very file
	stateChanged  = "changed"  // the lock has another one
	stateNew      = "new"      // the lock has none
	stateTrusted  = "trusted"  // ambit.toml trusts it, the lock has none
	stateRefused  = "refused"  // no host would load it
	stateGone     = "gone"     // the lock has it, ambit.toml does not
)

// lockJSON is one module as `ambit lock --json` prints it.
type lockJSON struct {
	Name    string   `json:"name"`
	State   string   `json:"state"`
	Version string   `json:"version"`
	SHA256  string   `json:"sha256"`
	Problem string   `json:"problem"` // of a refused module
	Lends   []string `json:"lends"`   // in words, if accepted as it is now
	Added   []string `json:"added"`   // of Lends, what the lock does not have
	Removed []string `json:"removed"` // what the lock has and Lends does not
	More    []string `json:"more"`    // of a changed module that is not trusted: why no host loads it until it is recorded

	entry acl.LockEntry
}

func (c *cli) lock(f *lockFlags, names []string) (int, error) {
	whole := len(names) == 0
	a, err := c.lockedApp(f, whole)
	if err != nil {
		return exitError, err
	}
	rows := lockRows(a)
	if rows, err = selectRows(rows, names); err != nil {
		return exitUsage, err
	}
	if f.json {
		err = writeJSON(c.stdout, struct {
			Modules []lockJSON `json:"modules"`
		}{rows})
	} else {
		c.printLock(c.stdout, rows, !whole)
	}
	switch {
	case err != nil:
		return exitError, err
	case f.check:
		return c.checkLock(rows)
	case f.dryRun:
		return exitOK, nil
	}
	return c.record(f, a, rows, whole)
}

// lockedApp reads what lock needs of an app: ambit.toml, ambit.lock and the
// modules. Problems of other files do not matter here.
func (c *cli) lockedApp(f *lockFlags, whole bool) (*app, error) {
	a, err := c.load(&f.appFlags)
	if err != nil {
		return nil, err
	}
	var own authority.Problems
	for _, p := range a.problems {
		// A lock that cannot be read can still be written anew as a whole.
		if a.ofAppFile(p) && p.Code != codeModule || p.File == lockFile && !whole {
			own = append(own, p)
		}
	}
	if a.app == nil {
		own = a.problems
	}
	if own.Err() != nil || a.app == nil {
		c.printProblems(c.stderr, own)
		count, _ := countProblems(own)
		return nil, fmt.Errorf("the app in %q cannot be read: %s (\"ambit lock\" without names writes a broken %s anew)", f.folder, count, lockFile)
	}
	return a, nil
}

// lockRows compares the modules of an app with its lock.
func lockRows(a *app) []lockJSON {
	rows := []lockJSON{}
	for _, m := range a.modules {
		rows = append(rows, lockRow(m, a.app.Lock))
	}
	if a.app.Lock != nil {
		for _, e := range a.app.Lock.Modules {
			if !slices.ContainsFunc(rows, func(r lockJSON) bool { return r.Name == e.Name }) {
				rows = append(rows, lockJSON{
					Name: e.Name, State: stateGone, Version: e.Version, SHA256: e.SHA256,
					Lends: []string{}, Added: []string{}, Removed: texts(e.Lends()), More: []string{},
				})
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b lockJSON) int { return strings.Compare(a.Name, b.Name) })
	return rows
}

func lockRow(m *module, lock *acl.Lock) lockJSON {
	r := lockJSON{Name: m.ref.Name, State: stateNew, Lends: []string{}, Added: []string{}, Removed: []string{}, More: []string{}}
	if m.refused != "" {
		r.State, r.Problem = stateRefused, m.refused
		return r
	}
	r.entry = acl.NewLockEntry(m.manifest, m.sha256)
	r.Version, r.SHA256, r.Lends = m.manifest.Version, m.sha256, texts(r.entry.Lends())
	old, known := lock.Entry(m.ref.Name)
	switch {
	case known && same(old, r.entry):
		r.State = stateAccepted
		return r
	case known:
		r.State = stateChanged
		if !m.ref.Trusted && old.SHA256 != m.sha256 {
			r.More = texts(r.entry.Beyond(old))
		}
	case m.ref.Trusted:
		r.State = stateTrusted
	}
	before := texts(old.Lends())
	r.Added, r.Removed = without(r.Lends, before), without(before, r.Lends)
	return r
}

// same says whether the lock records exactly this; the digest alone does not
// count, since people review the rest.
func same(a, b acl.LockEntry) bool {
	encode := func(e acl.LockEntry) []byte { return (&acl.Lock{Modules: []acl.LockEntry{e}}).Encode() }
	return bytes.Equal(encode(a), encode(b))
}

// texts is list, but never nil.
func texts(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// without returns what is in a and not in b.
func without(a, b []string) []string {
	out, known := []string{}, setOf(b)
	for _, s := range a {
		if !known[s] {
			out = append(out, s)
		}
	}
	return out
}

func setOf(list []string) map[string]bool {
	set := make(map[string]bool, len(list))
	for _, s := range list {
		set[s] = true
	}
	return set
}

// selectRows keeps the named modules; no name keeps all.
func selectRows(rows []lockJSON, names []string) ([]lockJSON, error) {
	if len(names) == 0 {
		return rows, nil
	}
	known := make([]string, len(rows))
	for i, r := range rows {
		known[i] = r.Name
	}
	var out []lockJSON
	for _, n := range names {
		i := slices.Index(known, n)
		if i < 0 {
			return nil, noModule(n, known)
		}
		out = append(out, rows[i])
	}
	return out, nil
}

// printLock prints the modules for people. Of what is accepted already, and of
// what did not change, it gives the number only, unless it is asked for by
// name.
func (c *cli) printLock(w io.Writer, rows []lockJSON, all bool) {
	if len(rows) == 0 {
		fmt.Fprintln(w, "the app has no modules")
	}
	for _, r := range rows {
		color := green
		if differs(r.State) {
			color = yellow
		}
		text := stateText[r.State]
		if len(r.More) > 0 {
			text = moreText
		}
		fmt.Fprintf(w, "%s: %s%s\n", printable.Line(strings.TrimSpace(r.Name+" "+r.Version)), c.paint(w, color, r.State), text)
		if r.Problem != "" {
			fmt.Fprintf(w, "  %s\n", printable.Line(r.Problem))
			continue
		}
		if r.State != stateGone && len(r.Lends) == 0 {
			fmt.Fprintln(w, "    nothing: what it may do is up to the app's own files")
		}
		printLends(w, r, all)
	}
}

func printLends(w io.Writer, r lockJSON, all bool) {
	hidden, added := 0, setOf(r.Added)
	for _, s := range r.Lends {
		switch {
		case r.State == stateChanged && added[s]:
			fmt.Fprintf(w, "  + %s\n", printable.Line(s))
		case all || r.State == stateNew:
			fmt.Fprintf(w, "    %s\n", printable.Line(s))
		default:
			hidden++
		}
	}
	for _, s := range r.Removed {
		fmt.Fprintf(w, "  - %s\n", printable.Line(s))
	}
	for _, s := range without(r.More, r.Added) {
		fmt.Fprintf(w, "  ! %s\n", printable.Line(s))
	}
	if hidden > 0 {
		fmt.Fprintf(w, "    (%s; \"ambit lock --dry-run %s\" lists them)\n", plural(hidden, unchanged[r.State]), printable.Line(r.Name))
	}
}

// unchanged is what is counted of a module in that state.
var unchanged = map[string]string{stateAccepted: "thing", stateTrusted: "thing", stateChanged: "unchanged thing"}

// stateText explains a state, after its name.
var stateText = map[string]string{
	stateAccepted: ", as recorded in ambit.lock; it lends",
	stateChanged:  " since it was accepted (+ and - against ambit.lock); it would lend",
	stateNew:      ", not accepted; if it were, it would lend",
	stateTrusted:  " by ambit.toml; it lends",
	stateRefused:  ": no host would load it",
	stateGone:     ": in ambit.lock, but not in ambit.toml",
}

// moreText explains a changed module that asks for more.
const moreText = " since it was accepted (+ and - against ambit.lock) and asks for more, so no host loads it until it is recorded; it would lend"

// differs says whether a module in that state is not as the lock has it.
func differs(state string) bool {
	return state == stateChanged || state == stateNew || state == stateRefused
}

func (c *cli) checkLock(rows []lockJSON) (int, error) {
	n := 0
	for _, r := range rows {
		if differs(r.State) {
			n++
		}
	}
	if n == 0 {
		return exitOK, nil
	}
	return exitError, fmt.Errorf("%s not as recorded in %s (look at them with \"ambit lock --dry-run\", then record them with \"ambit lock\")", plural(n, "module"), lockFile)
}

// record writes the modules into the lock; if whole, they are all it holds.
func (c *cli) record(f *lockFlags, a *app, rows []lockJSON, whole bool) (int, error) {
	lock := &acl.Lock{}
	if a.app.Lock != nil && !whole {
		lock.Modules = slices.Clone(a.app.Lock.Modules)
	}
	var skipped []string
	for _, r := range rows {
		switch r.State {
		case stateGone:
			lock.Remove(r.Name)
		case stateRefused:
			skipped = append(skipped, r.Name)
			if old, ok := a.app.Lock.Entry(r.Name); ok {
				lock.Set(old)
			}
		default:
			lock.Set(r.entry)
		}
	}
	if err := writeFile(c.path(f.folder+"/"+lockFile), lock.Encode()); err != nil {
		return exitError, fmt.Errorf("%s: %w", lockFile, err)
	}
	if !f.json {
		fmt.Fprintf(c.stdout, "recorded %s in %s\n", plural(len(rows)-len(skipped), "module"), lockFile)
	}
	if len(skipped) > 0 {
		return exitError, fmt.Errorf("not recorded, since no host would load them: %s", strings.Join(skipped, ", "))
	}
	return exitOK, nil
}
