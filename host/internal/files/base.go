package files

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// Resolver is how paths below a base dir are reached.
type Resolver string

// The resolvers, best first. All of them follow no link.
const (
	ResolverOpenat2 Resolver = "openat2" // one system call; Linux 5.6
	ResolverWalk    Resolver = "walk"    // openat with O_NOFOLLOW for each name; Unix
	ResolverRoot    Resolver = "root"    // os.Root, each name verified; everywhere
)

// Options say how base dirs are opened. The zero value is the strictest.
type Options struct {
	// Forbidden are absolute paths of files and folders that no scope ever
	// reaches: policy, modules, caches. They need not exist. They are known by
	// canonical path, with all below it, and by identity, so that neither
	// another base dir nor a hard link is a way around.
	Forbidden []string
	// Create names the variables whose dir is made (mode 0700) if it is not
	// there; the dir of any other variable must exist.
	Create []string
	// Fold compares denied paths case-insensitively below every base dir. It
	// is found out for the base dir itself and always so on macOS and
	// Windows; set it where something else below a base dir folds case.
	Fold bool

	resolver Resolver // forced by tests
}

// Bases are the base dirs that an app declares, each with an open handle.
// They are safe for concurrent use.
type Bases struct {
	byName map[string]*base
	names  []string // sorted
	guard  *guard
	opts   Options
	parent *Bases // whose handles are borrowed

	mu     sync.Mutex
	own    []*base
	refs   int // tables and derived bases that are in use
	closed bool
}

// base is one base dir.
type base struct {
	name  string
	real  string // canonical absolute path of the system
	canon string // the same with slashes, as patterns see it
	tree  tree
	self  Info
	fold  bool
	how   Resolver
}

// errClosed is the answer of bases that were closed.
var errClosed = errors.New("files: base dirs are closed")

// Open resolves each base dir, given by variable name without "$", and keeps a
// handle of it. A base dir may be or lie behind a symbolic link; it is
// resolved here and never again. It is an error if one is missing (see
// [Options].Create), is no folder, lies inside a forbidden folder, or in /proc
// or /sys.
func Open(dirs map[string]string, o Options) (*Bases, error) {
	g, err := newGuard(o.Forbidden)
	if err != nil {
		return nil, err
	}
	b := &Bases{byName: map[string]*base{}, guard: g, opts: o}
	for _, name := range slices.Sorted(maps.Keys(dirs)) {
		if err := b.add(name, dirs[name], slices.Contains(o.Create, name)); err != nil {
			return nil, errors.Join(err, b.Close())
		}
	}
	return b, nil
}

// With returns bases that have one more base dir, or another one for a name
// that exists: the MODULE dir of each module. If create is set, a missing dir
// is made, and one that is a link is refused. The handles of b are shared: b is closed only when what With
// returned is closed too, whichever Close comes first.
func (b *Bases) With(name, dir string, create bool) (*Bases, error) {
	if !b.acquire() {
		return nil, errClosed
	}
	n := &Bases{byName: map[string]*base{}, guard: b.guard, opts: b.opts, parent: b}
	for k, v := range b.byName {
		n.byName[k] = v
	}
	n.names = slices.Clone(b.names)
	if err := n.add(name, dir, create); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// add opens one base dir.
func (b *Bases) add(name, dir string, create bool) error {
	n, err := openBase(name, dir, create, b.opts)
	if err != nil {
		return fmt.Errorf("files: base dir $%s: %w", name, err)
	}
	b.own = append(b.own, n)
	if b.guard.holds(n.canon) || b.guard.has(n.self) {
		return fmt.Errorf("files: base dir $%s: %q holds policy or modules and cannot be granted", name, dir)
	}
	if _, ok := b.byName[name]; !ok {
		b.names = append(b.names, name)
		slices.Sort(b.names)
	}
	b.byName[name] = n
	return nil
}

// Names are the declared variables, sorted.
func (b *Bases) Names() []string { return slices.Clone(b.names) }

// Resolver tells how paths below the base dir are reached, "" if there is no
// such variable. [ResolverRoot] is weaker, see the package documentation.
func (b *Bases) Resolver(name string) Resolver {
	if n := b.byName[name]; n != nil {
		return n.how
	}
	return ""
}

// Close gives the handles up once no table uses them. What is opened
// afterwards reaches nothing.
func (b *Bases) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil
	}
	b.closed = true
	return b.dropIfUnused()
}

// acquire keeps the handles open until release; it fails on closed bases.
func (b *Bases) acquire() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.refs++
	}
	return !b.closed
}

func (b *Bases) release() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refs--
	return b.dropIfUnused()
}

// dropIfUnused closes the handles at the last use. b.mu is held; the parent's
// is taken after it, never the other way.
func (b *Bases) dropIfUnused() error {
	if !b.closed || b.refs > 0 {
		return nil
	}
	var errs []error
	for _, n := range b.own {
		errs = append(errs, n.tree.close())
	}
	b.own = nil
	if b.parent != nil {
		errs = append(errs, b.parent.release())
		b.parent = nil
	}
	return errors.Join(errs...)
}

// openBase resolves and opens one base dir.
func openBase(name, dir string, create bool, o Options) (*base, error) {
	if err := checkVariable(name); err != nil {
		return nil, err
	}
	if !filepath.IsAbs(dir) {
		return nil, fmt.Errorf("%q is not absolute", dir)
	}
	if create {
		if err := os.MkdirAll(dir, folderPerm); err != nil {
			return nil, err
		}
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, err
	}
	canon := slashPath(real)
	if canon == "" || strings.ContainsRune(canon, '\\') || !utf8.ValidString(canon) {
		return nil, fmt.Errorf("%q cannot be a base dir: it is the root, or no pattern can name it", dir)
	}
	how, t, err := openTree(real, o.resolver)
	if err != nil {
		return nil, err
	}
	self, err := verifyBase(t, real)
	if err == nil && create { // it is the host's own: whoever makes a link of it wants more for a module
		err = verifySame(dir, self)
	}
	if err == nil && inKernelFS(self) {
		err = fmt.Errorf("%q is on a file system of the kernel", dir)
	}
	if err != nil {
		return nil, errors.Join(err, t.close())
	}
	return &base{name: name, real: real, canon: canon, tree: t, self: self, how: how, fold: o.Fold || folds(real)}, nil
}

// verifyBase makes sure that the handle is of what the canonical path names.
func verifyBase(t tree, real string) (Info, error) {
	h, self, err := t.open(".", mode{read: true, folder: true})
	if err != nil {
		return Info{}, err
	}
	if err := h.close(); err != nil {
		return Info{}, err
	}
	return self, verifySame(real, self)
}

// verifySame makes sure that a path is itself, and no link to, what was opened.
func verifySame(path string, opened Info) error {
	fi, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !sameObject(opened, infoOfFile(fi)) {
		return fmt.Errorf("%q is a link, or changed while it was opened", path)
	}
	return nil
}

// checkVariable accepts what patterns accept: upper-case letters, digits and
// underscores.
func checkVariable(name string) error {
	p, err := pattern.ParsePath("$" + name)
	if err != nil || p.Var() != name {
		return fmt.Errorf("%q is no name of a variable", name)
	}
	return nil
}
