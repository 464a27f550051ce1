package pattern_test

import (
	"fmt"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

func ExampleCompileLabel() {
	l, err := pattern.CompileLabel("main-*")
	fmt.Println(l.Match("main-1"), l.Match("settings"), err)
	_, err = pattern.CompileLabel("main**")
	fmt.Println(err)
	// Output:
	// true false <nil>
	// "**" must stand alone between slashes (for any run of characters write *) (at byte 4)
}

func ExamplePath_Bind() {
	p, err := pattern.ParsePath("$APPDATA/notes/**")
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := p.Bind("/home/me/app", pattern.PathOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Match("/home/me/app/notes/a.md"), m.Match("/home/me/app/notes/.git/config"))
	fmt.Println(m.Match("/home/me/app/notes"), m.Beneath("/home/me/app/notes"))
	// Output:
	// true false
	// false true
}

func ExampleCompileURL() {
	u, err := pattern.CompileURL("https://*.example.com/v1/*")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{"https://api.example.com/v1/users?x=1", "https://example.com/v1/users", "https://api.example.com:8443/v1/"} {
		p, err := pattern.ParseURL(text)
		fmt.Println(p.Origin(), u.Match(p), err)
	}
	fmt.Println(u.Surprises()[0].Text)
	// Output:
	// https://api.example.com true <nil>
	// https://example.com false <nil>
	// https://api.example.com:8443 false <nil>
	// does not match "example.com" itself (for both write {*.}?example.com)
}

func ExampleCompileCommand() {
	c, err := pattern.CompileCommand("notes.get_*")
	fmt.Println(c.Match("notes", "get_all"), c.Match("notes", "set"), err)
	_, err = pattern.CompileCommand("notes")
	fmt.Println(err)
	// Output:
	// true false <nil>
	// no dot (write "notes.*" for all commands of the module, "app.notes" for one of the app's own) (at byte 0)
}

func ExampleLiteral() {
	// A file that was picked in a dialog.
	text := pattern.Literal("/home/me/notes [1]*.md")
	p, err := pattern.ParsePath(text)
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := p.Bind("", pattern.PathOptions{})
	fmt.Println(text, m.Match("/home/me/notes [1]*.md"), m.Match("/home/me/notes 1.md"), err)
	// Output:
	// /home/me/notes [[]1][*].md true false <nil>
}
