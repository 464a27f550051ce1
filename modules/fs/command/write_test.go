//go:build !wasip1

package command_test

import "testing"

func TestWrite(t *testing.T) {
	for _, test := range []struct {
		name    string
		old     string // "-": no file
		options any
		want    string
		code    string
	}{
		{"new", "-", nil, "new", ""},
		{"over", "long before", nil, "new", ""},
		{"append", "old ", obj{"append": true}, "old new", ""},
		{"append to none", "-", obj{"append": true}, "new", ""},
		{"not create", "-", obj{"create": false}, "-", "not-found"},
		{"not create, there", "old", obj{"create": false}, "new", ""},
		{"not create, append", "-", obj{"create": false, "append": true}, "-", "not-found"},
		{"createNew", "-", obj{"createNew": true}, "new", ""},
		{"createNew, there", "old", obj{"createNew": true}, "old", "exists"},
		{"createNew wins over create", "-", obj{"createNew": true, "create": false}, "new", ""},
		{"nothing said", "old", obj{"append": nil, "create": nil, "createNew": nil, "mode": nil, "baseDir": nil}, "new", ""},
		{"mode", "-", obj{"mode": 0o755}, "new", ""},
	} {
		for _, command := range []string{"write_text_file", "write_file"} {
			for _, contents := range []any{"new", []byte("new")} {
				t.Run(command+" "+test.name, func(t *testing.T) {
					r := newRoot(t)
					if test.old != "-" {
						r.put("APPDATA/f", test.old)
					}
					args := obj{"path": "$APPDATA/f", "contents": contents, "options": test.options}
					if test.code != "" {
						refused(t, command, args, test.code)
					} else {
						same(t, "result", ok(t, command, args), nil)
					}
					r.want("APPDATA/f", test.want)
				})
			}
		}
	}
}

func TestWriteText(t *testing.T) {
	r := newRoot(t)
	args := obj{"path": "$APPDATA/f", "contents": []byte{'a', 0xff}}
	refused(t, "write_text_file", args, "not-utf8")
	r.want("APPDATA/f", "-")
	ok(t, "write_file", args) // control: the same bytes are no text, but bytes
	r.want("APPDATA/f", "a\xff")
}

func TestAppend(t *testing.T) {
	r := newRoot(t)
	ok(t, "append", obj{"path": "$APPDATA/log", "contents": "one\n"})
	ok(t, "append", obj{"path": "log", "contents": []byte("two\n"), "options": obj{"baseDir": "AppData", "append": false}})
	r.want("APPDATA/log", "one\ntwo\n")
	refused(t, "append", obj{"path": "$APPDATA/none", "contents": "x", "options": obj{"create": false}}, "not-found")
	refused(t, "append", obj{"path": "$APPDATA", "contents": "x"}, "is-a-directory")
	refused(t, "append", obj{"path": "$APPDATA/no/f", "contents": "x"}, "not-found")
}

func TestTruncate(t *testing.T) {
	for _, test := range []struct {
		name string
		len  any
		want string
	}{
		{"cut", 3, "hel"}, {"all", 0, ""}, {"nothing said", nil, ""}, {"extend", 7, "hello\x00\x00"}, {"same", 5, "hello"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRoot(t)
			r.put("APPDATA/f", "hello")
			ok(t, "truncate", obj{"path": "$APPDATA/f", "len": test.len})
			r.want("APPDATA/f", test.want)
		})
	}
	r := newRoot(t)
	refused(t, "truncate", obj{"path": "$APPDATA/none", "len": 1}, "not-found")
	r.want("APPDATA/none", "-")
	refused(t, "truncate", obj{"path": "$APPDATA"}, "is-a-directory")
}
