package authority

import (
	"slices"

	"github.com/ambit-wasm/ambit/authority/pattern"
	"github.com/ambit-wasm/ambit/authority/schema"
)

// scopeValue is a scope entry, checked against the module that it is for.
type scopeValue struct {
	Position
	value  any            // a map unless the policy is lenient
	fields map[string]any // value, if it is a map
	path   *pattern.Path
	url    *pattern.URL
	sends  sending
	runs   running
	names  map[string]namePattern // by key: those whose value is a pattern of names
	powers []Power                // those of the module that the entry fits
}

// lendsBeyond returns the powers that the entry, as an allow, lends on
// something that is not the module's own: all but a path below $MODULE.
func (v *scopeValue) lendsBeyond() []Power {
	var out []Power
	for _, p := range v.powers {
		if p.Key() != keyPath || v.path == nil || v.path.Var() != moduleVar {
			out = append(out, p)
		}
	}
	return out
}

// moduleVar is the variable that stands for a module's own folder. It is
// always declared.
const moduleVar = "MODULE"

// vocabulary is what a module's scope entries can say.
type vocabulary struct {
	powers  []Power // declared by any command, in the order of Powers
	schema  *schema.Schema
	own     []string // keys of the schema
	primary string   // what a bare string stands for; "": nothing
	lenient bool
}

func newVocabulary(m *Manifest, lenient bool) *vocabulary {
	v := &vocabulary{schema: m.Scope, own: m.Scope.Keys(), lenient: lenient}
	for _, p := range Powers() {
		declared := func(c Command) bool { return slices.Contains(c.Powers, p) }
		if lenient || slices.ContainsFunc(m.Commands, declared) {
			v.powers = append(v.powers, p)
		}
	}
	v.primary = v.schema.PrimaryKey()
	if v.schema == nil && !lenient {
		for _, p := range v.powers {
			if v.primary != "" && v.primary != p.Key() {
				v.primary = ""
				break
			}
			v.primary = p.Key()
		}
	}
	return v
}

// keyOf returns the key by which an entry fits a power.
func keyOf(p Power, fields map[string]any) (string, bool) {
	if _, ok := fields[p.Key()]; ok {
		return p.Key(), true
	}
	if p == PowerExec { // Tauri's name for it
		_, ok := fields[keyName]
		return keyName, ok
	}
	return "", false
}

// scopeCheck checks scope entries of one owner for one module.
type scopeCheck struct {
	*vocabulary
	*report
	owner string // `permission "fs:read"` or `capability "main"`
}

// values checks entries. Those that have an error are left out.
func (c *scopeCheck) values(in []ScopeValue) []scopeValue {
	out := make([]scopeValue, 0, len(in))
	for _, v := range in {
		if s, ok := c.check(v); ok {
			out = append(out, s)
		}
	}
	return out
}

func (c *scopeCheck) check(v ScopeValue) (scopeValue, bool) {
	before := c.count[SeverityError]
	s := scopeValue{Position: v.Position}
	value, err := copyValue(v.Value, 0)
	if err != nil {
		c.errorf(v.Position, problemScopeValue, "", "%s: %v", c.owner, err)
		return s, false
	}
	s.value = c.expand(v.Position, value)
	s.fields, _ = s.value.(map[string]any)
	if s.fields == nil {
		return s, c.lenient
	}
	c.keys(v.Position, s.fields)
	c.types(&s)
	c.ownKeys(v.Position, s.fields)
	c.fit(&s)
	return s, c.count[SeverityError] == before
}

// expand turns a bare string into the entry that it stands for.
func (c *scopeCheck) expand(at Position, value any) any {
	switch v := value.(type) {
	case map[string]any:
		return v
	case string:
		if c.primary != "" {
			return map[string]any{c.primary: v}
		}
		if !c.lenient {
			c.errorf(at, problemScopeValue, "write a table, like { "+c.exampleKey()+" = "+quote(v)+" }",
				"%s: the scope entry %s is a bare string, and the module has no single key that it could stand for", c.owner, quote(v))
		}
	default:
		if !c.lenient {
			c.errorf(at, problemScopeValue, `write a table, like { path = "$APPDATA/**" }`,
				"%s: a scope entry must be a table, not %s", c.owner, shown(v))
		}
	}
	return value
}

// exampleKey is a key that the module's entries may have.
func (c *scopeCheck) exampleKey() string {
	switch {
	case len(c.own) > 0:
		return c.own[0]
	case len(c.powers) > 0:
		return c.powers[0].Key()
	}
	return "key"
}

// keys reports keys that mean nothing to the module.
func (c *scopeCheck) keys(at Position, fields map[string]any) {
	known := c.known()
	for _, key := range sortedKeys(fields) {
		if slices.Contains(known, key) {
			continue
		}
		hint := c.didYouMean(key, these(known))
		if c.lenient {
			c.warnf(at, problemScopeKey, hint, "%s: the scope key %s is no power's, and without the module its own keys are not known", c.owner, quote(key))
			continue
		}
		if hint == "" {
			hint = "the module's keys are " + quoteAll(known)
		}
		if p, ok := powerOfKey(key); ok {
			hint = "no command of the module declares a power like " + quote(string(p)) + ", which has this key"
		}
		c.errorf(at, problemScopeKey, hint, "%s: unknown scope key %s", c.owner, quote(key))
	}
	for _, e := range powerExtras {
		if _, ok := fields[e.key]; !ok || slices.Contains(c.own, e.key) || e.key == keyName {
			continue
		}
		if _, ok := keyOf(e.power, fields); !ok && slices.Contains(c.powers, e.power) {
			c.problem(at, problemScopeKey, "add "+quote(e.power.Key()), "%s: the scope key %s means nothing without %s",
				c.owner, quote(e.key), quote(e.power.Key()))
		}
	}
}

// known returns all keys that the module's entries may have, sorted.
func (c *scopeCheck) known() []string {
	keys := append([]string{keyPowers}, c.own...)
	for _, p := range c.powers {
		keys = append(keys, p.Key())
		for _, e := range powerExtras {
			if e.power == p {
				keys = append(keys, e.key)
			}
		}
	}
	return sortedSet(keys)
}

// problem reports an error, which is a warning where modules are not read.
func (c *scopeCheck) problem(at Position, code, hint, format string, args ...any) {
	if c.lenient {
		c.warnf(at, code, hint, format, args...)
		return
	}
	c.errorf(at, code, hint, format, args...)
}

// ownKeys validates what is the module's own against its schema. An entry that
// only lends powers need not satisfy it.
func (c *scopeCheck) ownKeys(at Position, fields map[string]any) {
	if c.schema == nil {
		return
	}
	own, lends := make(map[string]any), false
	for key, v := range fields {
		switch {
		case slices.Contains(c.own, key):
			own[key] = v
		case key == keyPowers || c.isPowerKey(key):
			lends = true
		default:
			own[key] = v
		}
	}
	if len(own) == 0 && lends {
		return
	}
	if err := c.schema.Validate(own); err != nil {
		c.errorf(at, problemScopeValue, "", "%s: the scope entry does not fit the module's schema: %v", c.owner, err)
	}
}

func (c *scopeCheck) isPowerKey(key string) bool {
	for _, p := range c.powers {
		if p.Key() == key {
			return true
		}
		for _, e := range powerExtras {
			if e.power == p && e.key == key {
				return true
			}
		}
	}
	return false
}

// fit finds the powers that the entry lends: those with its keys, narrowed by
// `powers`.
func (c *scopeCheck) fit(s *scopeValue) {
	var fitting []Power
	for _, p := range c.powers {
		if _, ok := keyOf(p, s.fields); ok {
			fitting = append(fitting, p)
		}
	}
	s.powers = fitting
	narrow, ok := s.fields[keyPowers]
	if !ok || slices.Contains(c.own, keyPowers) {
		return
	}
	list, ok := narrow.([]any)
	if !ok || len(list) == 0 {
		c.errorf(s.Position, problemPowers, `write powers = ["fs.read"]`, "%s: %q must be a list of at least one power", c.owner, keyPowers)
		return
	}
	s.powers = nil
	for _, p := range fitting {
		if slices.Contains(list, any(string(p))) {
			s.powers = append(s.powers, p)
		}
	}
	for _, e := range list {
		c.narrowing(s.Position, e, fitting)
	}
}

// narrowing checks one item of `powers`.
func (c *scopeCheck) narrowing(at Position, item any, fitting []Power) {
	name, ok := item.(string)
	p := Power(name)
	switch {
	case !ok:
		c.errorf(at, problemPowers, "", "%s: %q holds %s, which is no string", c.owner, keyPowers, shown(item))
	case p.Key() == "":
		c.errorf(at, problemPowers, c.didYouMean(name, these(textsOf(Powers()))), "%s: unknown power %s", c.owner, quote(name))
	case slices.Contains(fitting, p):
	case !slices.Contains(c.powers, p):
		c.errorf(at, problemPowers, "its commands declare "+orNone(quoteAll(c.powers)),
			"%s: no command of the module declares the power %s", c.owner, quote(name))
	default:
		c.errorf(at, problemPowers, "add "+quote(p.Key())+", or leave the power out",
			"%s: the power %s needs the key %s, which the entry does not have", c.owner, quote(name), quote(p.Key()))
	}
}

func orNone(list string) string {
	if list == "" {
		return "none"
	}
	return list
}

func powerOfKey(key string) (Power, bool) {
	for _, pk := range powerKeys {
		if pk.key == key {
			return pk.power, true
		}
	}
	return "", false
}
