package files

import "errors"

// OpenFlags say how a file is opened.
type OpenFlags struct {
	Read, Write bool
	Create      bool // make it if it is not there; needs write access
	Exclusive   bool // with Create: it must not be there
	Truncate    bool // needs write access, whatever Write says
	Append      bool // every write goes to the end
	Sync        bool // every write reaches the disk before it returns
	Folder      bool // it must be a folder
}

// maxRaces is how often opening starts over when a file appears and vanishes
// in between.
const maxRaces = 8

// Open opens a regular file or folder. Access is decided before the disk is
// touched. Folders on the way to something allowed can be opened, too.
func (t *Table) Open(at int32, path string, o OpenFlags) (int32, error) {
	p, err := t.find(at, path)
	if err != nil {
		return 0, err
	}
	writes := o.Write || o.Create || o.Truncate || o.Append
	if p.base == nil {
		return t.openRoot(writes)
	}
	m, passingBy, err := t.permit(p, o, writes)
	if err != nil {
		return 0, err
	}
	if t.full() {
		return 0, ErrTooManyOpen
	}
	h, in, err := t.openOrCreate(p, o, m)
	if err != nil {
		if errors.Is(err, ErrNotDir) && passingBy {
			err = ErrAccess // a file, and only folders are on the way
		}
		return 0, err
	}
	if err := t.settle(h, in, o); err != nil {
		return 0, err
	}
	return t.add(&File{
		h: h, place: p, folder: in.Type == TypeDir, size: in.Size,
		read: o.Read, write: o.Write && in.Type == TypeFile, append: o.Append, sync: o.Sync,
	}), nil
}

func (t *Table) openRoot(writes bool) (int32, error) {
	switch {
	case !t.visible():
		return 0, ErrAccess
	case writes:
		return 0, ErrIsDir
	case t.full():
		return 0, ErrTooManyOpen
	}
	return t.add(&File{folder: true, read: true}), nil
}

// permit decides whether p may be opened like this. passingBy says that it may
// as a folder only.
func (t *Table) permit(p place, o OpenFlags, writes bool) (m mode, passingBy bool, err error) {
	read, write := t.scope.read.at(p.canon), t.scope.write.at(p.canon)
	if writes && write != allowed {
		return mode{}, false, ErrAccess
	}
	switch {
	case p.folder && o.Create:
		return mode{}, false, ErrIsDir
	case o.Folder && o.Create:
		return mode{}, false, ErrInvalid // old kernels make a file, and then say that it is no folder
	}
	need := max(read, write)
	if o.Read {
		passingBy = read != allowed
		if writes && passingBy {
			return mode{}, false, ErrAccess
		}
	} else {
		passingBy = need != allowed
	}
	if need == denied {
		return mode{}, false, ErrAccess
	}
	m = mode{read: o.Read, write: o.Write || o.Truncate, append: o.Append, sync: o.Sync, folder: o.Folder || p.folder || passingBy}
	return m, passingBy, nil
}

// openOrCreate tells what was there from what it makes, so that only the
// latter counts.
func (t *Table) openOrCreate(p place, o OpenFlags, m mode) (handle, Info, error) {
	for range maxRaces {
		if !o.Create || !o.Exclusive {
			h, in, err := p.base.tree.open(p.rel, m)
			if !errors.Is(err, ErrNotExist) || !o.Create {
				return h, in, err
			}
		}
		h, in, err := t.create(p, m)
		if !errors.Is(err, ErrExist) || o.Exclusive {
			return h, in, err
		}
	}
	return nil, Info{}, ErrBusy
}

func (t *Table) create(p place, m mode) (handle, Info, error) {
	d, name, err := t.makeAt(p)
	if err != nil {
		return nil, Info{}, err
	}
	defer d.close()
	h, in, err := d.create(name, m)
	if err == nil {
		t.created++
	}
	return h, in, err
}

// settle decides by what was really opened, and only then truncates. It closes
// the handle if it refuses.
func (t *Table) settle(h handle, in Info, o OpenFlags) error {
	var err error
	switch {
	case t.refused(in):
		err = ErrAccess
	case in.Type == TypeDir && (o.Create || o.Write || o.Truncate):
		err = ErrIsDir
	case o.Truncate:
		err = h.truncate(0)
	}
	if err != nil {
		_ = h.close() // nothing was written through it
	}
	return err
}
