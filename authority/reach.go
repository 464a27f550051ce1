package authority

// Reach says whether the grant lends a power on what has a name, for the powers
// that are about names: a key (kv.read, kv.write), a variable (env), a topic
// (emit). It is [CodeAllowed]; [CodeScopeEmpty] if no entry lends the power at
// all; [CodeScopeMismatch] if none of those that do matches the name, or one that
// denies does. Other powers are bound where their effect is, with [Grant.Lend]:
// of them it is CodeScopeEmpty.
func (g *Grant) Reach(p Power, name string) Code {
	code := CodeScopeEmpty
	allow, deny := g.Lend(p)
	for _, e := range allow {
		n := e.v.names[p.Key()]
		if n == nil {
			continue
		}
		if code == CodeScopeEmpty {
			code = CodeScopeMismatch
		}
		if n.Match(name) {
			code = CodeAllowed
			break
		}
	}
	if code != CodeAllowed {
		return code
	}
	for _, e := range deny {
		if n := e.v.names[p.Key()]; n == nil || n.Match(name) {
			return CodeScopeMismatch
		}
	}
	return CodeAllowed
}
