package acl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
)

// edits are the changes of files that are there. Each says whether it may have
// to be made once more.
var edits = map[authority.EditKind]func(*draft, authority.Edit) (bool, error){
	authority.EditAddEntry:         addEntry,
	authority.EditRemoveEntry:      removeEntry,
	authority.EditExpires:          setExpires,
	authority.EditAddMember:        addMember,
	authority.EditRemoveMember:     removeMember,
	authority.EditRemovePermission: removePermission,
}

func addEntry(d *draft, c authority.Edit) (bool, error) {
	k, err := d.capability(c.Target)
	if err != nil {
		return false, err
	}
	list := k.get("permissions")
	entry := entryObject(c.Entry)
	switch {
	case list.made == madeElements:
		d.appendTable(list, entry)
	case len(entry) == 1:
		d.appendItem(list, c.Entry.Identifier)
	default:
		d.appendItem(list, entry)
	}
	return false, nil
}

func removeEntry(d *draft, c authority.Edit) (bool, error) {
	k, err := d.capability(c.Target)
	if err != nil {
		return false, err
	}
	return d.removeNamed(k, c, AppModule, "capability %s does not grant %s")
}

func setExpires(d *draft, c authority.Edit) (bool, error) {
	k, err := d.capability(c.Target)
	switch {
	case err != nil:
	case c.Expires != 0:
		d.setKey(k, "expires", instantText(c.Expires), "identifier")
	case k.get("expires") == nil:
		err = fmt.Errorf("capability %s does not run out", quote(c.Target))
	default:
		d.removeKey(k, "expires")
	}
	return false, err
}

func addMember(d *draft, c authority.Edit) (bool, error) {
	s, err := d.set(c.Target)
	if err == nil {
		d.appendItem(s.get("permissions"), c.Entry.Identifier)
	}
	return false, err
}

func removeMember(d *draft, c authority.Edit) (bool, error) {
	s, err := d.set(c.Target)
	if err != nil {
		return false, err
	}
	return d.removeNamed(s, c, moduleOf(d.src.file), "set %s has no member %s")
}

// maxSame bounds how often one capability or set may name what is taken out,
// since the file is read anew each time.
const maxSame = 20

// removeNamed takes out of the permissions of a capability or set the first
// entry with the identifier, and reports whether there are more. Names without
// a module are of the module home.
func (d *draft) removeNamed(of *node, c authority.Edit, home, lacks string) (bool, error) {
	found := named(of.get("permissions"), c.Entry.Identifier, home)
	switch {
	case len(found) == 0:
		return false, fmt.Errorf(lacks, quote(c.Target), quote(c.Entry.Identifier))
	case len(found) > maxSame:
		return false, fmt.Errorf("%s is named more than %d times", quote(c.Entry.Identifier), maxSame)
	}
	d.removeItem(of, "permissions", found[0], true)
	return len(found) > 1, nil
}

func removePermission(d *draft, c authority.Edit) (bool, error) {
	if list := d.root.get("permission"); list != nil {
		for i, item := range list.items {
			if item.get("identifier").text == c.Target {
				d.removeItem(d.root, "permission", i, false)
				return false, nil
			}
		}
	}
	return false, fmt.Errorf("the file has no permission %s", quote(c.Target))
}

// capability finds a capability of the file.
func (d *draft) capability(id string) (*node, error) {
	var found []*node
	for _, k := range capabilityTables(d.root, d.src.file) {
		if k.get("identifier").text == id {
			found = append(found, k)
		}
	}
	switch {
	case len(found) == 0:
		return nil, fmt.Errorf("the file has no capability %s", quote(id))
	case len(found) > 1:
		return nil, fmt.Errorf("the file has the capability %s more than once", quote(id))
	}
	return found[0], nil
}

// capabilityTables returns the capabilities of a file without errors.
func capabilityTables(root *node, file string) []*node {
	switch list := root.get("capabilities"); {
	case file == appName:
		return inlineTables(root)
	case !strings.HasPrefix(file, capabilitiesDir+"/"):
		return nil
	case root.kind == kindList:
		return root.items
	case list != nil:
		return list.items
	}
	return []*node{root}
}

// inlineTables returns the capabilities that stand in ambit.toml itself.
func inlineTables(root *node) []*node {
	lists := []*node{root.get("app").get("capabilities")}
	if profiles := root.get("profile"); profiles != nil {
		for _, m := range profiles.members {
			lists = append(lists, m.value.get("capabilities"))
		}
	}
	var out []*node
	for _, list := range lists {
		if list != nil {
			out = append(out, list.items...)
		}
	}
	return slices.DeleteFunc(out, func(item *node) bool { return item.kind != kindTable })
}

// set finds a set of the file; "default" is its [default].
func (d *draft) set(id string) (*node, error) {
	if n := d.root.get("default"); n != nil && id == "default" {
		return n, nil
	}
	if list := d.root.get("set"); list != nil {
		for _, item := range list.items {
			if item.get("identifier").text == id {
				return item, nil
			}
		}
	}
	return nil, fmt.Errorf("the file has no set %s", quote(id))
}

// named returns which items of a list, strings or tables, name a permission;
// a name without a module is one of the module home.
func named(list *node, id, home string) []int {
	whole := func(id string) string {
		if strings.Contains(id, ":") {
			return id
		}
		return home + ":" + id
	}
	var found []int
	for i, item := range list.items {
		text := item.text
		if n := item.get("identifier"); n != nil {
			text = n.text
		}
		if whole(text) == whole(id) {
			found = append(found, i)
		}
	}
	return found
}
