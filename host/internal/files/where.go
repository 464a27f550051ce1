package files

import "path"

// Where says, lexically, where a guest's path leads ("VAR/rest"), and whether the
// scope lets that be read and be written. It is for whoever explains a refusal.
func (t *Table) Where(at int32, p string) (where string, read, write bool) {
	if f := t.File(at); f != nil {
		where = f.place.path
	}
	where = path.Join(where, p)
	if t == nil || t.scope == nil {
		return where, false, false
	}
	found, err := t.find(at, p)
	if err != nil || found.base == nil {
		return where, false, false
	}
	return found.path, t.scope.read.at(found.canon) == allowed, t.scope.write.at(found.canon) == allowed
}
