package pattern

import (
	"strconv"
	"strings"
)

// The limits of a path pattern.
const (
	maxComponents = 63  // with those of the base dir, so that a state fits in 64 bits
	maxComponent  = 255 // characters that a name needs to match; no file name is longer
)

// Path is a parsed path pattern, not yet bound to what its variable stands
// for. It is immutable and safe for concurrent use. A nil or zero Path cannot
// be bound.
type Path struct {
	text       string
	variable   string
	components []component
}

// component is one component of a path pattern.
type component struct {
	deep bool   // "**"
	text string // as written
	glob glob
}

// literal reports whether the component stands for one name only.
func (c *component) literal() bool {
	return !c.deep && len(c.glob.tokens) == 1 && c.glob.tokens[0].kind == tokLiteral
}

// all reports whether the component is "*".
func (c *component) all() bool {
	return !c.deep && len(c.glob.tokens) == 1 && c.glob.tokens[0].kind == tokStar
}

// ParsePath parses a path pattern. The error is an [*Error].
func ParsePath(text string) (*Path, error) {
	if err := checkText(text); err != nil {
		return nil, err
	}
	if i := strings.IndexByte(text, '\\'); i >= 0 {
		return nil, fault(i, `backslash in a path (components are separated by "/" on all systems, and nothing is escaped)`)
	}
	p := &Path{text: text}
	rest, at, err := p.parseStart()
	if err != nil {
		return nil, err
	}
	if err := p.parseComponents(rest, at); err != nil {
		return nil, err
	}
	return p, nil
}

// parseStart reads what a pattern is relative to, and returns the components
// after it and where they start.
func (p *Path) parseStart() (rest string, at int, err *Error) {
	t := p.text
	switch {
	case t[0] == '$':
		n := variableLength(t[1:])
		if n == 0 {
			return "", 0, fault(0, `"$" without a variable (variables have upper-case letters, digits and "_": $APPDATA)`)
		}
		p.variable = t[1 : 1+n]
		switch rest = t[1+n:]; {
		case rest == "":
			return "", len(t), nil
		case rest[0] != '/':
			return "", 0, fault(1+n, `a variable is a whole component (write "/" after $`+p.variable+")")
		}
		return rest[1:], n + 2, p.notEmpty(rest[1:], n+2)
	case t[0] == '/':
		return t[1:], 1, p.notEmpty(t[1:], 1)
	case t == "**" || strings.HasPrefix(t, "**/"):
		return t, 0, nil
	default:
		return "", 0, fault(0, `a path starts with a variable, "/" or "**/" (write $APPDATA/… for one in a base dir, **/… for one anywhere)`)
	}
}

// notEmpty says that a final slash has to go.
func (p *Path) notEmpty(rest string, at int) *Error {
	switch {
	case rest != "":
		return nil
	case at == 1:
		return fault(0, `"/" is the root directory only (for everything write **)`)
	default:
		return finalSlash(at - 1)
	}
}

func finalSlash(at int) *Error {
	return fault(at, `final "/" (leave it out for the directory itself, write /** for what is below)`)
}

func variableLength(s string) int {
	for i := range len(s) {
		switch c := s[i]; {
		case 'A' <= c && c <= 'Z', i > 0 && ('0' <= c && c <= '9' || c == '_'):
		default:
			return i
		}
	}
	return len(s)
}

func (p *Path) parseComponents(rest string, at int) *Error {
	if at == len(p.text) {
		return nil
	}
	for more := true; more; {
		var name string
		name, rest, more = strings.Cut(rest, "/")
		if len(p.components) == maxComponents {
			return fault(at, "more than "+strconv.Itoa(maxComponents)+" components")
		}
		c, err := parseComponent(name, at, more)
		if err != nil {
			return err
		}
		last := len(p.components) - 1
		if !c.deep || last < 0 || !p.components[last].deep { // "**/**" is the same as "**"
			p.components = append(p.components, c)
		}
		at += len(name) + 1
	}
	return nil
}

func parseComponent(name string, at int, more bool) (component, *Error) {
	switch {
	case name == "" && more:
		return component{}, fault(at, "empty component (write one slash)")
	case name == "":
		return component{}, finalSlash(at - 1)
	case name == "." || name == "..":
		return component{}, fault(at, strconv.Quote(name)+" names no file (write the path without it)")
	case name == "**":
		return component{deep: true, text: name}, nil
	}
	if i := strings.IndexByte(name, '$'); i >= 0 && variableLength(name[i+1:]) > 0 {
		return component{}, fault(at+i, "a variable can only come first (for the character itself write [$])")
	}
	g, err := compileGlob(name, at, modeComponent)
	if err == nil && g.shortest() > maxComponent {
		err = fault(at, "component longer than 255 characters, so no file can have the name")
	}
	return component{text: name, glob: g}, err
}

// Var returns the name of the variable that the pattern starts with, without
// "$", or "" if it starts with none.
func (p *Path) Var() string {
	if p == nil {
		return ""
	}
	return p.variable
}

// String returns the pattern as written.
func (p *Path) String() string {
	if p == nil {
		return ""
	}
	return p.text
}
