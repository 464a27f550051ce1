package pattern

import "strconv"

// Name is a compiled glob for names: keys, topics, variables and modules. It
// matches as a [Label] does; only its compilers are stricter.
type Name = Label

// CompileName compiles a glob for free texts, which keys and topics are: the
// grammar of labels, less "**" and what is surely a mistake (braces, empty
// ranges, [^…]). The error is an [*Error].
func CompileName(text string) (*Name, error) { return compileLabel(text, modeName) }

// CompileVar compiles a glob for the names of environment variables: that of
// [CompileName], and what no variable's name has ("=", "$HOME", "%HOME%") is an
// error. The error is an [*Error].
func CompileVar(text string) (*Name, error) { return compileNameOf(text, variables) }

// CompileModule compiles a glob for the names of modules: that of
// [CompileName], and what matches no module's name is an error. The error is
// an [*Error].
func CompileModule(text string) (*Name, error) { return compileNameOf(text, modules) }

func compileNameOf(text string, a alphabet) (*Name, error) {
	l, err := compileLabel(text, modeName)
	if err != nil {
		return nil, err
	}
	if err := a.check(text, 0); err != nil {
		return nil, err
	}
	return l, nil
}

// alphabet is what names of a kind are made of, all of it ASCII. A pattern
// that asks for another character matches nothing, and nobody would notice.
type alphabet struct {
	has  func(c rune, first, last bool) bool
	what string // "module's name"
	rule string // what to write instead
}

var (
	modules = alphabet{
		has: func(c rune, first, last bool) bool {
			return isSmall(c) || isDigit(c) || c == '-' && !first && !last
		},
		what: "module's name", rule: "small letters, digits and inner hyphens only",
	}
	commands = alphabet{
		has: func(c rune, first, _ bool) bool {
			return isSmall(c) || !first && (isDigit(c) || c == '_')
		},
		what: "command's name", rule: `small letters, digits and "_" only, a letter first`,
	}
	variables = alphabet{
		has:  func(c rune, _, _ bool) bool { return ' ' < c && c < 0x7f && c != '=' && c != '$' && c != '%' },
		what: "variable's name", rule: "write HOME, not $HOME or %HOME%",
	}
)

func isSmall(c rune) bool { return 'a' <= c && c <= 'z' }
func isDigit(c rune) bool { return '0' <= c && c <= '9' }

// check refuses a glob, known to be valid, that asks for a character which the
// names do not have at its place. text starts at the byte at of the pattern.
func (a *alphabet) check(text string, at int) *Error {
	for i := 0; i < len(text); {
		first := i == 0
		switch text[i] {
		case '*', '?':
			i++
		case '[':
			c, size, _ := parseClass(text[i:], at+i, true)
			if !a.hasAny(c, first, i+size == len(text)) {
				return fault(at+i, "nothing in this class can be here in a "+a.what+" ("+a.rule+")")
			}
			i += size
		default:
			r, size := decode(text[i:])
			if !a.has(r, first, i+size == len(text)) {
				return fault(at+i, strconv.QuoteRune(r)+" cannot be here in a "+a.what+" ("+a.rule+")")
			}
			i += size
		}
	}
	return nil
}

// hasAny reports whether a class has a member that names have at the place.
func (a *alphabet) hasAny(c *class, first, last bool) bool {
	for r := rune(' '); r < 0x7f; r++ {
		if c.has(r) && a.has(r, first, last) {
			return true
		}
	}
	return false
}
