package authority

import (
	"errors"
	"regexp"
	"strings"
)

// running is what an entry of the power exec says beyond the name of its program.
// The zero running has no arguments.
type running struct {
	cmd     string // "": as the name
	any     bool   // any arguments
	args    []argument
	unclear bool // something in it cannot be read
}

// argument is what may stand at one position.
type argument struct {
	fixed     string
	validator *regexp.Regexp // nil: fixed
	part      bool           // of the argument may match, else all of it
}

func (a *argument) takes(s string) bool {
	if a.validator == nil {
		return s == a.fixed
	}
	found := a.validator.FindStringIndex(s) // the longest
	return found != nil && (a.part || found[0] == 0 && found[1] == len(s))
}

// Running is a program that may be run.
type Running struct {
	ScopeEntry
	Cmd string // its file, or a name to be looked up
}

// Run says which entry lets a program be run with the arguments: the first one of
// the power exec with that name that takes exactly these. A fixed argument must be
// given as it is. [CodeScopeEmpty] means that no entry lends the power at all,
// [CodeScopeMismatch] that none fits or one that denies does: an entry that denies
// a program without saying args denies it altogether.
func (g *Grant) Run(program string, args []string) (Running, Code) {
	g = g.get()
	var out Running
	code := CodeScopeEmpty
	for e := range g.lent(PowerExec, g.allow, g.globalAllow) {
		code = CodeScopeMismatch
		r := &e.v.runs
		if name, ok := e.program(); ok && name == program && !r.unclear && r.takes(args) {
			out, code = Running{ScopeEntry: e, Cmd: r.cmd}, CodeAllowed
			if r.cmd == "" {
				out.Cmd = name
			}
			break
		}
	}
	if code != CodeAllowed {
		return out, code
	}
	for e := range g.lent(PowerExec, g.deny, g.globalDeny) {
		r := &e.v.runs
		name, ok := e.program()
		_, says := e.v.fields[keyArgs]
		if !ok || r.unclear || name == program && (!says || r.takes(args)) {
			return Running{}, CodeScopeMismatch
		}
	}
	return out, code
}

// program is the name of the entry's program.
func (e ScopeEntry) program() (string, bool) {
	key, _ := keyOf(PowerExec, e.v.fields)
	name, ok := e.v.fields[key].(string)
	return name, ok
}

// takes reports whether the arguments are those that the entry means.
func (r *running) takes(args []string) bool {
	if r.any {
		return true
	}
	if len(args) != len(r.args) {
		return false
	}
	for i := range r.args {
		if !r.args[i].takes(args[i]) {
			return false
		}
	}
	return true
}

// cmd checks the file of a program: an absolute path, or a name to be looked up.
func (c *scopeCheck) cmd(s *scopeValue, v any) {
	cmd, _ := v.(string)
	s.runs.cmd = cmd
	rooted := strings.HasPrefix(cmd, "/") || len(cmd) > 2 && cmd[1] == ':' && (cmd[2] == '\\' || cmd[2] == '/') || strings.HasPrefix(cmd, `\\`)
	if cmd == "" || strings.ContainsAny(cmd, "\x00") || strings.ContainsAny(cmd, `/\`) && !rooted {
		s.runs.unclear = true
		c.wrongType(s, keyCmd, "an absolute path, or the name of a program that is looked up in PATH")
	}
}

// args checks the arguments of a program: a flag, or one item a position.
func (c *scopeCheck) args(s *scopeValue, v any) {
	if yes, ok := v.(bool); ok {
		s.runs.any = yes
		return
	}
	list, ok := v.([]any)
	for _, e := range list {
		var a argument
		switch e := e.(type) {
		case string:
			a.fixed = e
		case map[string]any:
			a.validator, a.part = c.validator(s, e)
			ok = ok && (a.validator != nil || s.runs.unclear)
		default:
			ok = false
		}
		s.runs.args = append(s.runs.args, a)
	}
	if !ok {
		s.runs.unclear = true
		c.wrongType(s, keyArgs, "true, false, or a list of strings and of tables with \"validator\"")
	}
}

// maxValidator is how long a regular expression may be, in bytes. Strangers write
// them; package regexp bounds what counted repetitions make of them.
const maxValidator = 1 << 10

// validator compiles a regular expression of RE2, which takes time linear in the
// argument. It has to match all of it, unless the item says raw = true, as in
// Tauri; there "a|b" means "a…" or "…b", here it does not.
func (c *scopeCheck) validator(s *scopeValue, item map[string]any) (re *regexp.Regexp, part bool) {
	text, isText := item["validator"].(string)
	raw, given := item["raw"]
	part, flag := raw.(bool)
	known := 1
	if given {
		known++
	}
	if !isText || given && !flag || len(item) != known {
		return nil, part
	}
	err := errLongValidator
	if len(text) <= maxValidator {
		re, err = regexp.Compile(text)
	}
	if err != nil {
		s.runs.unclear = true
		c.problem(s.Position, problemPattern, "", "%s: bad regular expression %s in %q: %v", c.owner, quote(text), keyArgs, err)
		return nil, part
	}
	re.Longest()
	return re, part
}

var errLongValidator = errors.New("it is longer than 1 KiB")
