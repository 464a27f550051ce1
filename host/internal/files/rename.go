package files

import "errors"

// maxScan is how many names a folder may hold, at all depths, to be renamed
// when its scope does not cover all of it by rule.
const maxScan = 10000

// maxScanDepth is how deep such a folder may be, since each folder in it is
// opened by its whole path.
const maxScanDepth = 256

// Rename renames a file or folder, replacing what a file system replaces. A
// rename must not give access that was not there: what may not be read at its
// old path may not become readable, and a folder is moved only if all in it
// may be written at its old path and its new one, and no deny could match there
// (else [ErrCrossDevice], which makes programs copy). Links are not renamed.
func (t *Table) Rename(fromAt int32, from string, toAt int32, to string) error {
	p, err := t.writable(fromAt, from)
	if err != nil {
		return err
	}
	q, err := t.writable(toAt, to)
	if err != nil {
		return err
	}
	// Nothing else in this process may move what was looked at in between.
	moving := &t.scope.bases.guard.moving
	moving.Lock()
	defer moving.Unlock()
	src, name, err := t.parent(p)
	if err != nil {
		return err
	}
	defer src.close()
	in, err := src.stat(name)
	if err != nil {
		return err
	}
	if err := t.mayMove(p, q, in); err != nil {
		return err
	}
	dst, toName, err := t.parent(q)
	if err != nil {
		return err
	}
	defer dst.close()
	if err := t.mayReplace(q, dst, toName); err != nil {
		return err
	}
	return src.rename(name, dst, toName)
}

// mayMove decides by what is to be moved.
func (t *Table) mayMove(p, q place, in Info) error {
	s := t.scope
	if t.refused(in) {
		return ErrAccess
	}
	switch in.Type {
	case TypeFile:
		if p.folder || q.folder {
			return ErrNotDir
		}
		if s.read.at(q.canon) == allowed && s.read.at(p.canon) != allowed {
			return ErrAccess
		}
		return nil
	case TypeDir:
		if s.bases.anchored(p.canon, in) {
			return ErrAccess
		}
		return t.mayMoveFolder(p, q)
	}
	return ErrAccess
}

// mayReplace decides by where it goes and what is there.
func (t *Table) mayReplace(q place, dst folder, name string) error {
	in, err := dst.stat(name)
	switch {
	case errors.Is(err, ErrNotExist):
		return nil
	case err != nil:
		return err
	case t.refused(in) || in.Type == TypeDir && t.scope.bases.anchored(q.canon, in):
		return ErrAccess
	}
	return nil
}

// mayMoveFolder decides by rule if it can, else by looking at all that is in
// the folder.
func (t *Table) mayMoveFolder(p, q place) error {
	s := t.scope
	for _, at := range []string{p.canon, q.canon} {
		if s.read.mayDeny(at) || s.write.mayDeny(at) {
			return ErrCrossDevice
		}
	}
	readable := s.read.mayAllow(q.canon)
	if s.write.covers(p.canon) && s.write.covers(q.canon) && (!readable || s.read.at(p.canon) == allowed && s.read.covers(p.canon)) {
		return nil
	}
	if readable && s.read.at(q.canon) == allowed && s.read.at(p.canon) != allowed {
		return ErrCrossDevice
	}
	left := maxScan
	return t.scan(p.base.tree, p.rel, p.canon, q.canon, &left, maxScanDepth)
}

// scan looks at all names below a folder: each must be writable at both paths,
// and not become readable.
func (t *Table) scan(tr tree, rel, from, to string, left *int, depth int) error {
	if depth == 0 {
		return ErrCrossDevice
	}
	below, err := t.scanNames(tr, rel, from, to, left)
	for _, name := range below {
		if err == nil {
			err = t.scan(tr, rel+"/"+name, from+"/"+name, to+"/"+name, left, depth-1)
		}
	}
	return err
}

// scanNames looks at the names in one folder and returns those of folders. The
// folder is closed before any below is opened.
func (t *Table) scanNames(tr tree, rel, from, to string, left *int) (below []string, err error) {
	h, in, err := tr.open(rel, mode{read: true, folder: true})
	if err != nil {
		return nil, err
	}
	defer h.close() //nolint:errcheck // only read
	if t.refused(in) {
		return nil, ErrAccess
	}
	l := h.list()
	defer l.close()
	for {
		list, err := l.next()
		if err != nil || len(list) == 0 {
			return below, err
		}
		if err := t.pay(len(list)); err != nil {
			return nil, err
		}
		if *left -= len(list); *left < 0 {
			return nil, ErrCrossDevice
		}
		for _, e := range list {
			if !t.keeps(from+"/"+e.Name, to+"/"+e.Name) {
				return nil, ErrCrossDevice
			}
			if e.Type == TypeDir {
				below = append(below, e.Name)
			}
		}
	}
}

// keeps reports whether moving one name keeps within what it may be.
func (t *Table) keeps(from, to string) bool {
	s := t.scope
	if s.write.at(from) != allowed || s.write.at(to) != allowed {
		return false
	}
	return s.read.at(to) != allowed || s.read.at(from) == allowed
}
