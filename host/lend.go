package host

import (
	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/files"
)

// variableModule is the variable of each module's own folder.
const variableModule = "MODULE"

// lendFiles opens the files that the grant lends to the call: those of the
// powers fs.read and fs.write, within the entries that fit them.
func (c *call) lendFiles() error {
	var rules files.Rules
	own := false
	for _, part := range []struct {
		power       authority.Power
		allow, deny *[]files.Rule
	}{
		{authority.PowerFSRead, &rules.ReadAllow, &rules.ReadDeny},
		{authority.PowerFSWrite, &rules.WriteAllow, &rules.WriteDeny},
	} {
		allow, deny := c.grant.Lend(part.power)
		*part.allow, own = pathRules(allow, own)
		*part.deny, own = pathRules(deny, own)
	}
	if len(rules.ReadAllow)+len(rules.WriteAllow) == 0 {
		return nil // nothing is lent, and nothing has to be made
	}
	bases := c.host.bases
	if own {
		with, err := c.module.withFolder(bases)
		if err != nil {
			return failuref(authority.CodeHostError, "the folder of module %q: %w", c.module.name, err)
		}
		bases = with
	}
	scope, err := bases.Scope(rules)
	if err != nil {
		return failure(authority.CodeHostError, err)
	}
	c.scope = scope
	return nil
}

// pathRules are the paths of scope entries; own becomes true if one of them is
// in the module's own folder.
func pathRules(entries []authority.ScopeEntry, own bool) ([]files.Rule, bool) {
	var rules []files.Rule
	for _, e := range entries {
		p := e.Path()
		if p == nil {
			continue
		}
		own = own || p.Var() == variableModule
		rules = append(rules, files.Rule{Pattern: p, Dotfiles: e.Dotfiles()})
	}
	return rules, own
}

// refusedFile notes that the scope does not lend a file.
func (c *call) refusedFile(path string, writes bool) {
	if !c.active {
		return // at load nothing is lent
	}
	p, code := authority.PowerFSRead, authority.CodeScopeMismatch
	if writes {
		p = authority.PowerFSWrite
	}
	if allow, _ := c.grant.Lend(p); len(allow) == 0 {
		code = authority.CodeScopeEmpty
	}
	c.session.Refuse(p, code, "$"+path, p.Key(), "$"+path)
}
