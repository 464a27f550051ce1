package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// maxGuarded bounds how many files below the forbidden folders are known by
// identity. Beyond it every file with more than one hard link is refused.
const maxGuarded = 16384

// guard knows what no scope may reach: the app's policy, its modules, caches.
type guard struct {
	deny    []*pattern.PathMatcher // the paths and all below
	folding []*pattern.PathMatcher // the same, case-folded
	roots   []string               // what is walked for identities

	moving sync.Mutex // held while a rename is decided and done

	mu      sync.RWMutex // below moving
	ids     map[identity]struct{}
	others  []fs.FileInfo // where the system has no inodes
	folders []stamp
	over    bool
}

type identity struct{ device, inode uint64 }

// stamp is a guarded path as last seen; a new or removed name in a folder
// changes its time.
type stamp struct {
	path     string
	modified time.Time // zero: missing
}

func newGuard(paths []string) (*guard, error) {
	g := &guard{}
	for _, p := range paths {
		if !filepath.IsAbs(p) {
			return nil, fmt.Errorf("files: forbidden path %q is not absolute", p)
		}
		// What it means, and every link that leads there, which must stay.
		if err := g.forbidAll(trail(p)); err != nil {
			return nil, err
		}
		g.roots = append(g.roots, resolveExisting(p))
	}
	return g, g.forbidLinked()
}

// forbidLinked learns all identities and forbids what links below the guarded
// paths lead to, by path too: else the folder that holds a policy file could
// be moved away from under its name, and another put there. Links to folders
// are no way in: policy is not read through them.
func (g *guard) forbidLinked() error {
	for _, link := range g.scan() {
		if fi, err := os.Stat(link); err == nil && fi.IsDir() {
			continue
		}
		if err := g.forbidAll(trail(link)); err != nil {
			return err
		}
	}
	return nil
}

// forbidAll adds absolute paths of the system.
func (g *guard) forbidAll(paths []string) error {
	for _, p := range paths {
		if err := g.forbid(slashPath(p)); err != nil {
			return err
		}
	}
	return nil
}

// forbid adds a canonical path and all below it.
func (g *guard) forbid(canon string) error {
	if g.holds(canon) {
		return nil
	}
	p, err := pattern.ParsePath("$FORBIDDEN/**")
	if err != nil {
		return err
	}
	plain, err1 := p.Bind(canon, pattern.PathOptions{Deny: true})
	folded, err2 := p.Bind(canon, pattern.PathOptions{Deny: true, Fold: true})
	g.deny, g.folding = append(g.deny, plain), append(g.folding, folded)
	return errors.Join(err1, err2)
}

// holds reports whether the canonical path is forbidden.
func (g *guard) holds(canon string) bool {
	for _, m := range g.deny {
		if m.Match(canon) {
			return true
		}
	}
	return false
}

// has reports whether the object is forbidden, whatever its name. A file with
// more than one name may have got one of them since the last look, and one that
// is known may have gone since, so that its number is another's now.
func (g *guard) has(in Info) bool {
	if len(g.roots) == 0 {
		return false
	}
	if !g.knows(in) && (in.Type != TypeFile || in.Links < 2 && in.Inode != 0) {
		return false
	}
	if g.changed() {
		g.scan()
	}
	g.mu.RLock()
	over := g.over && in.Type == TypeFile && (in.Links > 1 || in.Inode == 0)
	g.mu.RUnlock()
	return over || g.knows(in)
}

func (g *guard) knows(in Info) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if in.Inode != 0 {
		_, ok := g.ids[identity{in.Device, in.Inode}]
		return ok
	}
	for _, fi := range g.others {
		if in.file != nil && os.SameFile(in.file, fi) {
			return true
		}
	}
	return false
}

// changed looks at the times of the guarded folders.
func (g *guard) changed() bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	for _, s := range g.folders {
		if !modified(s.path).Equal(s.modified) {
			return true
		}
	}
	return false
}

func modified(path string) time.Time {
	fi, err := os.Lstat(path)
	if err != nil {
		return time.Time{}
	}
	return fi.ModTime()
}

// scan learns the identities of everything below the guarded paths, and returns
// the links there.
func (g *guard) scan() (links []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ids, g.others, g.folders, g.over = map[identity]struct{}{}, nil, nil, false
	n := 0
	for _, root := range g.roots {
		g.folders = append(g.folders, stamp{root, modified(root)})
		// What cannot be read is unknown by identity; its path stays forbidden.
		_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil //nolint:nilerr // go on with the rest
			}
			if n++; n > maxGuarded {
				g.over = true
				return fs.SkipAll
			}
			if fi, err := d.Info(); err == nil {
				g.learn(path, fi)
			}
			if d.Type()&fs.ModeSymlink != 0 {
				links = append(links, path)
			}
			return nil
		})
	}
	return links
}

func (g *guard) learn(path string, fi fs.FileInfo) {
	in := infoOfFile(fi)
	if in.Inode != 0 {
		g.ids[identity{in.Device, in.Inode}] = struct{}{}
	} else {
		g.others = append(g.others, fi)
	}
	if fi.Mode()&fs.ModeSymlink != 0 { // a policy file kept elsewhere
		if target, err := os.Stat(path); err == nil {
			g.learn(path, target)
		}
	}
	if fi.IsDir() {
		g.folders = append(g.folders, stamp{path, fi.ModTime()})
	}
}
