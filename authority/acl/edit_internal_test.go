package acl

import "testing"

// TestListAmongTables: a list that is made of [[tables]] takes no identifier.
func TestListAmongTables(t *testing.T) {
	src := newSource(appName, []byte("[[app.capabilities]]\nidentifier = 'a'\npermissions = []\n"))
	d := &draft{src: src, root: parseTOML(src, &sink{})}
	want := `app.capabilities holds only tables, so "b" cannot be listed: write the capability there`
	if err := d.list("b"); err == nil || err.Error() != want || len(d.edits) > 0 {
		t.Errorf("%v, want %s", err, want)
	}
}
