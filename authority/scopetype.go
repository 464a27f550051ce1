package authority

import (
	"strings"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// Keys of scope entries that are not simply a power's.
const (
	keyPath     = "path"
	keyPowers   = "powers" // narrows an entry to some powers
	keyDotfiles = "dotfiles"
	keyMethods  = "methods"
	keyPrivate  = "private"
	keyHeaders  = "headers"
	keyName     = "name" // Tauri's word for "program"
	keyCmd      = "cmd"
	keyArgs     = "args"
)

// powerExtras are the keys that say more about a power's own key.
var powerExtras = []struct {
	power Power
	key   string
}{
	{PowerFSRead, keyDotfiles}, {PowerFSWrite, keyDotfiles}, {PowerHTTP, keyMethods}, {PowerHTTP, keyPrivate}, {PowerHTTP, keyHeaders},
	{PowerExec, keyName}, {PowerExec, keyCmd}, {PowerExec, keyArgs},
}

// types checks the values of the keys that powers give a meaning.
func (c *scopeCheck) types(s *scopeValue) {
	if _, twice := s.fields["program"]; twice && c.isPowerKey(keyName) {
		if _, twice = s.fields[keyName]; twice {
			c.problem(s.Position, problemScopeValue, "", "%s: the scope entry has both \"program\" and \"name\"", c.owner)
		}
	}
	for _, key := range sortedKeys(s.fields) {
		if !c.isPowerKey(key) {
			continue
		}
		switch v := s.fields[key]; key {
		case keyDotfiles, keyPrivate:
			yes, ok := v.(bool)
			if !ok {
				c.wrongType(s, key, "true or false")
			}
			s.sends.private = s.sends.private || key == keyPrivate && yes
		case keyMethods:
			c.methods(s, v)
		case keyHeaders:
			c.headers(s, v)
		case keyCmd:
			c.cmd(s, v)
		case keyArgs:
			c.args(s, v)
		default:
			c.text(s, key, v)
		}
	}
}

func (c *scopeCheck) wrongType(s *scopeValue, key, want string) {
	c.problem(s.Position, problemScopeValue, "", "%s: %q must be %s, not %s", c.owner, key, want, shown(s.fields[key]))
}

// text checks a key whose value is a string, most of them patterns.
func (c *scopeCheck) text(s *scopeValue, key string, v any) {
	text, ok := v.(string)
	if !ok {
		c.wrongType(s, key, "a string")
		return
	}
	var err error
	switch key {
	case keyPath:
		s.path, err = pattern.ParsePath(text)
	case "url":
		s.url, err = pattern.CompileURL(text)
	case "key", "topic":
		err = named(s, key, text, pattern.CompileName)
	case "var":
		err = named(s, key, text, pattern.CompileVar)
	case "invoke":
		err = named(s, key, text, compileCommandName)
	default:
		if text == "" {
			c.wrongType(s, key, "a text that is not empty")
		}
	}
	report := c.errorf
	if meant := key == keyPath || key == "url" && strings.Contains(text, "://"); c.lenient && !meant {
		report = c.warnf // perhaps not the power's key, but one of the module's own
	}
	if err != nil {
		report(s.Position, problemPattern, "", "%s: bad pattern %s in %q: %v", c.owner, quote(text), key, err)
	}
}

// named keeps the compiled pattern of a key whose values are names.
func named[P namePattern](s *scopeValue, key, text string, compile func(string) (P, error)) error {
	n, err := compile(text)
	if err != nil {
		return err
	}
	if s.names == nil {
		s.names = make(map[string]namePattern)
	}
	s.names[key] = n
	return nil
}
