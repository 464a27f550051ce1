package acl

import (
	"slices"

	"github.com/ambit-wasm/ambit/authority"
)

// Check makes the authority of an app that [Load] read, and reports all that
// is wrong with the app, sorted by place: what Load found, what putting it
// together with the modules found (see [App.Policy]), and what compiling the
// policy found. The Authority is nil if there is an error.
//
// Where a file could not be read at all, problems that may only follow from
// that, such as references to what the file defines, are left out.
func Check(app *App, loaded authority.Problems, modules map[string]Module) (*authority.Authority, authority.Problems) {
	policy, merged := app.Policy(modules)
	a, compiled := authority.New(policy)
	all := slices.Concat(loaded, merged)
	for _, p := range compiled {
		if !app.Partial || !slices.Contains(consequences, p.Code) {
			all = append(all, p)
		}
	}
	all.Sort()
	if all.Err() != nil {
		return nil, all
	}
	return a, all
}

// consequences are the codes of problems that an unreadable file can cause
// elsewhere.
var consequences = []string{
	codeUnknownModule, codeUnknownPermission, codeUnknownCommand, codeNoEffect, "missing-default", "unknown-variable", "not-accepted",
}
