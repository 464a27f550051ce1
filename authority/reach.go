package authority

import "github.com/ambit-wasm/ambit/authority/pattern"

// namePattern is the value of a key that is about names.
type namePattern interface{ Match(name string) bool }

// commandName is a pattern for commands, which matches "module.command" and, as
// at every edge, "command" of the module app.
type commandName struct{ *pattern.Command }

func compileCommandName(text string) (commandName, error) {
	c, err := pattern.CompileCommand(text)
	return commandName{c}, err
}

// Match reports whether the name of a command matches.
func (c commandName) Match(name string) bool {
	module, command, err := ParseCommand(name)
	return err == nil && c.Command.Match(module, command)
}

// Reach says whether the grant lends a power on what has a name, for the powers
// that are about names: a key (kv.read, kv.write), a variable (env), a command
// (invoke), a topic (emit). It is [CodeAllowed]; [CodeScopeEmpty] if no entry
// lends the power at all; [CodeScopeMismatch] if none of those that do matches
// the name, or one that denies does. Other powers are bound where their effect
// is, with [Grant.Lend]: of them it is CodeScopeEmpty.
func (g *Grant) Reach(p Power, name string) Code {
	g = g.get()
	code := CodeScopeEmpty
	for e := range g.lent(p, g.allow, g.globalAllow) {
		n := e.v.names[p.Key()]
		if n == nil {
			continue
		}
		if code = CodeScopeMismatch; n.Match(name) {
			code = CodeAllowed
			break
		}
	}
	if code != CodeAllowed {
		return code
	}
	for e := range g.lent(p, g.deny, g.globalDeny) {
		if n := e.v.names[p.Key()]; n == nil || n.Match(name) {
			return CodeScopeMismatch
		}
	}
	return CodeAllowed
}
