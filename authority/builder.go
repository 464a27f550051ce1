package authority

// CapabilityBuilder makes a [Capability] in Go, to be granted at run time. Its
// methods change it and return it. What is wrong with the capability is found
// when it is granted.
//
// Labels, URLs and what is in scopes are patterns, as in a file. What a user
// gave is made one by [pattern.Literal].
type CapabilityBuilder struct{ c Capability }

// NewCapability returns a builder for a capability that grants nothing to
// nobody yet. It is for the app's own pages, as one from a file is that does
// not say otherwise.
func NewCapability(identifier string) *CapabilityBuilder {
	return &CapabilityBuilder{Capability{Identifier: identifier, Local: true}}
}

// ForWindows adds callers: pages in windows with such labels.
func (b *CapabilityBuilder) ForWindows(labels ...string) *CapabilityBuilder {
	b.c.Windows = appendPatterns(b.c.Windows, labels)
	return b
}

// ForWebviews adds callers: pages in webviews with such labels.
func (b *CapabilityBuilder) ForWebviews(labels ...string) *CapabilityBuilder {
	b.c.Webviews = appendPatterns(b.c.Webviews, labels)
	return b
}

// ForRemote lets remote pages with such URLs call, too, in the windows and
// webviews.
func (b *CapabilityBuilder) ForRemote(urls ...string) *CapabilityBuilder {
	b.c.Remote = appendPatterns(b.c.Remote, urls)
	return b
}

// ForModules adds callers: modules with such names.
func (b *CapabilityBuilder) ForModules(names ...string) *CapabilityBuilder {
	b.c.Modules = appendPatterns(b.c.Modules, names)
	return b
}

func appendPatterns(list []Pattern, texts []string) []Pattern {
	for _, text := range texts {
		list = append(list, Pattern{Text: text})
	}
	return list
}

// Permission adds a permission or set, "module:identifier", with what its
// scope allows in addition.
func (b *CapabilityBuilder) Permission(identifier string, allow ...map[string]any) *CapabilityBuilder {
	b.c.Permissions = append(b.c.Permissions, Entry{
		Reference: Reference{Identifier: identifier}, Scope: ScopeRules{Allow: scopeValues(allow)},
	})
	return b
}

// Except adds what the scope of the last permission denies. If there is none,
// the capability cannot be granted, so that no deny is lost.
func (b *CapabilityBuilder) Except(deny ...map[string]any) *CapabilityBuilder {
	if len(b.c.Permissions) == 0 {
		b.Permission("")
	}
	scope := &b.c.Permissions[len(b.c.Permissions)-1].Scope
	scope.Deny = append(scope.Deny, scopeValues(deny)...)
	return b
}

func scopeValues(entries []map[string]any) []ScopeValue {
	out := make([]ScopeValue, len(entries))
	for i, e := range entries {
		out[i].Value = e
	}
	return out
}

// Capability returns the capability as it is now.
func (b *CapabilityBuilder) Capability() Capability { return *cloneCapability(&b.c) }
