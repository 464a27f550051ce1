package files

import "unicode/utf8"

// maxWindow is how many entries of a folder are kept for being asked again.
const maxWindow = 4096

// listing is how far a folder has been read. Cookies count the entries that
// the call may see. Only a window of them is kept, so memory stays small
// however large the folder is.
type listing struct {
	l      lister
	window []Entry
	start  uint64 // cookie of window[0]
	done   bool   // window holds all that is left
}

func (s *listing) close() {
	if s.l != nil {
		s.l.close()
	}
}

// List returns the entries from a cookie on that the call may see, at most max
// (bounded by some thousands), in no order; none at the end. The cookie of the
// first entry of a folder is 0, that of the entry after the i-th returned one
// is cookie+i+1. Cookie 0 reads the folder anew.
func (f *File) List(cookie uint64, limit int) ([]Entry, error) {
	if !f.folder {
		return nil, ErrNotDir
	}
	s := &f.listing
	if cookie == 0 || cookie < s.start {
		if err := f.rewind(); err != nil {
			return nil, err
		}
	}
	limit = max(1, min(limit, maxWindow))
	for {
		skip := min(cookie-s.start, uint64(len(s.window)))
		s.window, s.start = s.window[skip:], s.start+skip
		if s.done || s.start == cookie && len(s.window) >= limit {
			break
		}
		if err := f.fill(); err != nil {
			return nil, err
		}
	}
	if s.start != cookie {
		return nil, nil // past the end
	}
	return s.window[:min(limit, len(s.window))], nil
}

// rewind starts over.
func (f *File) rewind() error {
	s := &f.listing
	if f.h == nil && !f.table.visible() {
		return ErrAccess
	}
	s.window, s.start, s.done = nil, 0, f.h == nil
	if f.h == nil {
		for _, name := range f.table.scope.bases.names {
			if n := f.table.scope.bases.byName[name]; f.table.scope.see(n.canon) != denied {
				s.window = append(s.window, Entry{Name: name, Inode: n.self.Inode, Type: TypeDir})
			}
		}
		return nil
	}
	if s.l == nil {
		s.l = f.h.list()
	}
	return s.l.rewind()
}

// fill reads some more entries and keeps those that the call may see.
func (f *File) fill() error {
	s := &f.listing
	if s.l == nil { // the first cookie was not 0
		if err := f.rewind(); err != nil || s.done {
			return err
		}
	}
	list, err := s.l.next()
	if err != nil {
		return err
	}
	if len(list) == 0 {
		s.done = true
		return nil
	}
	if err := f.table.pay(len(list)); err != nil {
		return err
	}
	for _, e := range list {
		if utf8.ValidString(e.Name) && f.table.scope.shows(f.place.canon+"/"+e.Name, e.Type) {
			s.window = append(s.window, e)
		}
	}
	return nil
}
