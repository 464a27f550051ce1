package files

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Stat tells about a path. Whoever may read or write it, or is on the way
// through it, may know. A link is told about, never followed: with follow set
// it is an error.
func (t *Table) Stat(at int32, path string, follow bool) (Info, error) {
	p, err := t.find(at, path)
	if err != nil {
		return Info{}, err
	}
	if p.base == nil {
		if !t.visible() {
			return Info{}, ErrAccess
		}
		return rootInfo, nil
	}
	see := t.scope.see(p.canon)
	if see == denied {
		return Info{}, ErrAccess
	}
	in, err := t.look(p)
	switch {
	case errors.Is(err, ErrNotDir) && see == passing:
		return Info{}, ErrAccess
	case err != nil:
		return Info{}, err
	case t.refused(in), see == passing && in.Type != TypeDir:
		return Info{}, ErrAccess
	case in.Type == TypeLink && (follow || p.folder):
		return Info{}, ErrLink
	case p.folder && in.Type != TypeDir:
		return Info{}, ErrNotDir
	}
	return in, nil
}

// look tells about a place, whoever may know.
func (t *Table) look(p place) (Info, error) {
	d, name, err := t.parent(p)
	if err != nil {
		return Info{}, err
	}
	defer d.close()
	return d.stat(name)
}

// parent opens the folder that holds a place, if it is not forbidden under
// another name. The parent of a base dir is the base dir, with the name ".".
func (t *Table) parent(p place) (folder, string, error) {
	d, err := p.base.tree.parent(p.rel)
	if err != nil {
		return nil, "", err
	}
	if in, err := d.info(); err != nil || t.refused(in) {
		d.close()
		return nil, "", ErrAccess
	}
	return d, p.rel[strings.LastIndexByte(p.rel, '/')+1:], nil
}

// writable resolves a path that the call may write, and that is no base dir.
func (t *Table) writable(at int32, path string) (place, error) {
	p, err := t.find(at, path)
	if err != nil {
		return place{}, err
	}
	if p.base == nil || p.rel == "." || t.scope.write.at(p.canon) != allowed {
		return place{}, ErrAccess
	}
	return p, nil
}

// makeAt opens the folder in which something new is to be made.
func (t *Table) makeAt(p place) (folder, string, error) {
	if t.created >= t.limits.FilesCreated {
		return nil, "", ErrQuota
	}
	return t.parent(p)
}

// Mkdir makes a folder, with mode 0700.
func (t *Table) Mkdir(at int32, path string) error {
	p, err := t.writable(at, path)
	if err != nil {
		return err
	}
	d, name, err := t.makeAt(p)
	if err != nil {
		return err
	}
	defer d.close()
	if err := d.mkdir(name); err != nil {
		return err
	}
	t.created++
	return nil
}

// Remove removes a name that is no folder. A symbolic link can be removed like
// a file; what it points to is not touched.
func (t *Table) Remove(at int32, path string) error {
	return t.existing(at, path, func(p place, d folder, name string, in Info) error {
		switch {
		case in.Type == TypeDir:
			return ErrIsDir
		case p.folder:
			return ErrNotDir
		}
		return d.unlink(name)
	})
}

// Rmdir removes an empty folder that is no base dir.
func (t *Table) Rmdir(at int32, path string) error {
	return t.existing(at, path, func(p place, d folder, name string, in Info) error {
		switch {
		case in.Type != TypeDir:
			return ErrNotDir
		case t.scope.bases.anchored(p.canon, in):
			return ErrAccess
		}
		return d.rmdir(name)
	})
}

// existing does something to a name that is there and that the call may write.
func (t *Table) existing(at int32, path string, do func(place, folder, string, Info) error) error {
	p, err := t.writable(at, path)
	if err != nil {
		return err
	}
	d, name, err := t.parent(p)
	if err != nil {
		return err
	}
	defer d.close()
	in, err := d.stat(name)
	if err != nil {
		return err
	}
	if t.refused(in) {
		return ErrAccess
	}
	return do(p, d, name, in)
}

// anchored reports whether a base dir is, or is below, the folder: it would be
// taken away from its variable. The same holds for policy. Both are asked by
// identity, too, since mounts and folded names give folders other paths.
func (b *Bases) anchored(canon string, in Info) bool {
	for _, n := range b.byName {
		if n.canon == canon || strings.HasPrefix(n.canon, canon+"/") || sameObject(n.self, in) || leadsThrough(n.real, in) {
			return true
		}
	}
	return slices.ContainsFunc(b.guard.roots, func(root string) bool { return leadsThrough(root, in) })
}

// leadsThrough reports whether a canonical path of the system leads to, or
// through, the folder.
func leadsThrough(path string, in Info) bool {
	for {
		if fi, err := os.Lstat(path); err == nil && sameObject(infoOfFile(fi), in) {
			return true
		}
		up := filepath.Dir(path)
		if up == path {
			return false
		}
		path = up
	}
}

// Chtimes sets times of a file or folder, not of a link.
func (t *Table) Chtimes(at int32, path string, times Times) error {
	return t.existing(at, path, func(p place, d folder, name string, in Info) error {
		switch {
		case in.Type == TypeLink:
			return ErrLink
		case in.Type == TypeOther:
			return ErrAccess
		case p.folder && in.Type != TypeDir:
			return ErrNotDir
		}
		return d.chtimes(name, times.Accessed.time(), times.Modified.time())
	})
}

// time is the zero time if it stays.
func (t Time) time() time.Time {
	switch {
	case t.Now:
		return time.Now()
	case t.Set:
		return time.Unix(0, t.Nano)
	}
	return time.Time{}
}
