package pattern

import (
	"strconv"
	"strings"
)

// Command is a compiled pattern for commands, a glob for the module's name and
// one for the command's. It is immutable and safe for concurrent use. A nil or
// zero Command matches nothing.
type Command struct {
	text         string
	module, name glob
}

// CompileCommand compiles a pattern for commands, like "notes.get_*"; "*" is
// all of them. A pattern that no command can match is an error. The error is an
// [*Error].
func CompileCommand(text string) (*Command, error) {
	if err := checkText(text); err != nil {
		return nil, err
	}
	c := &Command{text: text}
	if text == "*" {
		text = "*.*"
	}
	dot, err := findDot(text)
	if err != nil {
		return nil, err
	}
	for _, half := range []struct {
		text string
		at   int
		glob *glob
		of   alphabet
	}{{text[:dot], 0, &c.module, modules}, {text[dot+1:], dot + 1, &c.name, commands}} {
		if *half.glob, err = compileGlob(half.text, half.at, modeName); err == nil {
			err = half.of.check(half.text, half.at)
		}
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

// findDot returns the place of the only dot outside classes, with something on
// both sides.
func findDot(text string) (int, *Error) {
	dot := -1
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '[':
			_, size, err := parseClass(text[i:], i, true)
			if err != nil {
				return 0, err
			}
			i += size - 1
		case '.':
			if dot >= 0 {
				return 0, fault(i, "second dot (a command is module.command)")
			}
			dot = i
		}
	}
	switch {
	case dot == 0:
		return 0, fault(0, "no module before the dot (write *.… for every module)")
	case dot == len(text)-1:
		return 0, fault(dot, "no command after the dot (write ….* for every command)")
	case dot > 0:
		return dot, nil
	}
	return 0, noDot(text)
}

// noDot says what a pattern without a dot may have been meant to be.
func noDot(text string) *Error {
	tauri, plugin := strings.CutPrefix(text, "plugin:")
	module, name, _ := strings.Cut(tauri, "|")
	if plugin && module != "" && name != "" {
		return fault(0, `"plugin:" is Tauri's spelling (write `+strconv.Quote(clip(module+"."+name))+")")
	}
	text = clip(text)
	return fault(0, "no dot (write "+strconv.Quote(text+".*")+" for all commands of the module, "+strconv.Quote("app."+text)+" for one of the app's own)")
}

// Match reports whether a command matches, by the name of its module and its
// own. It allocates nothing; its cost is at most proportional to the product of
// the lengths.
func (c *Command) Match(module, command string) bool {
	return c != nil && c.module.match(module) && c.name.match(command)
}

// String returns the pattern as written.
func (c *Command) String() string {
	if c == nil {
		return ""
	}
	return c.text
}
