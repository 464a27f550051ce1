package acl

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/ambit-wasm/ambit/authority"
)

// Apply makes changes in the text of an app's files, one after the other, and
// returns the files that come out different or new, by name. It writes
// nothing.
//
// What is not changed stays byte for byte: comments, order, indentation, line
// ends. Each result is parsed again and compared with what was to come out; a
// file that is written in a way that Apply cannot edit, that has errors, or
// that is JSON5, is an error. So is a change of what is not there, and a new
// file where there is one already. Whether the policy as a whole still loads
// is for the caller to see.
func Apply(fsys fs.FS, changes []authority.Edit) (map[string][]byte, error) {
	e := editor{reader: &reader{sink: &sink{}, fsys: fsys}, was: make(map[string][]byte), is: make(map[string][]byte)}
	for _, c := range changes {
		if err := e.apply(c); err != nil {
			return nil, err
		}
	}
	for file, data := range e.was {
		if bytes.Equal(data, e.is[file]) {
			delete(e.is, file)
		}
	}
	return e.is, nil
}

// editor holds the files that changes were made in so far.
type editor struct {
	*reader
	was, is map[string][]byte
}

func (e *editor) apply(c authority.Edit) error {
	switch c.Kind {
	case authority.EditCreateCapability:
		if c.Capability == nil {
			break
		}
		if err := e.create(c.File, capabilityObject(*c.Capability)); err != nil {
			return err
		}
		return e.list(c.Capability.Identifier)
	case authority.EditCreatePermission:
		if c.Permission == nil {
			break
		}
		return e.create(c.File, object{{"permission", []any{permissionObject(*c.Permission)}}})
	default:
		if edit := edits[c.Kind]; edit != nil {
			return e.edit(c.File, func(d *draft) (bool, error) { return edit(d, c) })
		}
	}
	return errors.New("a change of no known kind, or without what it needs")
}

// edit changes a file as often as the function says that there may be more.
func (e *editor) edit(file string, change func(*draft) (more bool, err error)) error {
	data, err := e.open(file)
	if err != nil {
		return err
	}
	for more := true; more; {
		d, err := parseDraft(file, data)
		if err != nil {
			return err
		}
		if more, err = change(d); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if data, err = d.result(); err != nil {
			return err
		}
	}
	e.is[file] = data
	return nil
}

// open returns a file as the changes so far have left it.
func (e *editor) open(file string) ([]byte, error) {
	if data, ok := e.is[file]; ok {
		return data, nil
	}
	data, err := e.read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", file, cause(err))
	}
	e.was[file] = data
	return data, nil
}

// create makes a file.
func (e *editor) create(file string, content object) error {
	f, err := formatOf(file)
	if err != nil {
		return err
	}
	if !fs.ValidPath(file) {
		return fmt.Errorf("%s is no policy file", file)
	}
	_, made := e.is[file]
	switch _, err := fs.Lstat(e.fsys, file); {
	case made || err == nil:
		return fmt.Errorf("%s: the file exists already", file)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %s", file, cause(err))
	}
	data := f.file(content)
	root, err := f.read(newSource(file, data))
	if err == nil && !sameNode(root, nodeOf(content)) {
		err = errors.New("it would not be read as it was meant")
	}
	if err != nil {
		return fmt.Errorf("%s: what it is to hold cannot be written: %w", file, err)
	}
	e.is[file] = data
	return nil
}

func (e *editor) there(file string) bool {
	_, err := fs.Lstat(e.fsys, file)
	return !errors.Is(err, fs.ErrNotExist)
}

// list puts a new capability into app.capabilities, if there is such a list:
// it would not be in effect without.
func (e *editor) list(capability string) error {
	if _, read := e.is[appName]; !read && !e.there(appName) {
		return nil
	}
	return e.edit(appName, func(d *draft) (bool, error) { return false, d.list(capability) })
}

// list puts a capability into app.capabilities.
func (d *draft) list(capability string) error {
	list := d.root.get("app").get("capabilities")
	isIt := func(item *node) bool { return item.kind == kindString && item.text == capability }
	switch {
	case list == nil || slices.ContainsFunc(list.items, isIt):
	case list.made == madeElements:
		return fmt.Errorf("app.capabilities holds only tables, so %s cannot be listed: write the capability there", quote(capability))
	default:
		d.appendItem(list, capability)
	}
	return nil
}
