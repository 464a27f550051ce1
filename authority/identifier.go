package authority

import (
	"errors"
	"fmt"
	"strings"
)

// Lengths of identifiers, in bytes. They are Tauri's: 64 for a crate's name,
// of which "tauri-plugin-" is not written.
const (
	maxModuleName = 51
	maxBaseName   = 64
)

// appModule is the module that names without one mean.
const appModule = "app"

// identifier is a parsed reference to a permission or a set.
type identifier struct{ module, base string }

// String prints the reference with its module.
func (id identifier) String() string { return id.module + ":" + id.base }

// parseIdentifier parses "module:name" or "name". Module is "" in the second
// form. The error says what to do about it.
//
//	identifier := [ module ":" ] name
//	module     := alnum { alnum | "-" }   up to 51 bytes, not ending in "-"
//	name       := alnum { alnum | "-" }   up to 64 bytes, not ending in "-"
func parseIdentifier(text string) (identifier, error) {
	if text == "" {
		return identifier{}, errors.New("the identifier is empty")
	}
	if strings.HasPrefix(text, "tauri-plugin-") {
		return identifier{}, errors.New(`identifiers do not start with "tauri-plugin-" (write the module's name alone)`)
	}
	module, base, prefixed := strings.Cut(text, ":")
	if !prefixed {
		base, module = module, ""
	}
	switch {
	case strings.Contains(base, ":"):
		return identifier{}, errors.New(`an identifier has one ":" at most`)
	case prefixed && module == "":
		return identifier{}, errors.New(`the name of a module is missing in front of ":"`)
	case prefixed && base == "":
		return identifier{}, errors.New(`the name of a permission is missing after ":"`)
	}
	if prefixed {
		if err := checkName("the module's name", module, maxModuleName); err != nil {
			return identifier{}, err
		}
	}
	if err := checkName("the name", base, maxBaseName); err != nil {
		return identifier{}, err
	}
	return identifier{module: module, base: base}, nil
}

// checkName checks one part of an identifier.
func checkName(what, name string, limit int) error {
	if len(name) > limit {
		return fmt.Errorf("%s has %d bytes, more than %d", what, len(name), limit)
	}
	for i := range len(name) {
		c := name[i]
		switch {
		case isAlnum(c):
		case c == '-' && i == 0:
			return fmt.Errorf(`%s starts with "-"`, what)
		case c == '-' && i == len(name)-1:
			return fmt.Errorf(`%s ends in "-"`, what)
		case c == '-':
		case c == '_':
			return fmt.Errorf(`%s holds "_" (write "-")`, what)
		default:
			return fmt.Errorf("%s holds %q at byte %d; letters, digits and inner hyphens are allowed", what, runeAt(name, i), i)
		}
	}
	return nil
}

func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// runeAt returns the rune that starts at byte i, as a string.
func runeAt(s string, i int) string {
	for j := range s[i:] {
		if j > 0 {
			return s[i : i+j]
		}
	}
	return s[i:]
}

// checkModuleName checks the name that a manifest gives itself.
func checkModuleName(name string) error {
	if name == "" {
		return errors.New("the module has no name")
	}
	if name == "core" || name == "tauri" {
		return errors.New("the name is reserved")
	}
	for i := range len(name) {
		if 'A' <= name[i] && name[i] <= 'Z' {
			return errors.New("the module's name holds capital letters")
		}
	}
	return checkName("the module's name", name, maxModuleName)
}

// validCommandName reports whether name is [a-z][a-z0-9_]*.
func validCommandName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if 'a' <= c && c <= 'z' || i > 0 && ('0' <= c && c <= '9' || c == '_') {
			continue
		}
		return false
	}
	return name != ""
}

// kebab is a command's name as it stands in allow-<command>.
func kebab(command string) string { return strings.ReplaceAll(command, "_", "-") }

// ParseCommand splits a command's name as callers write it at the edge:
// "module.command", or "command" alone for the module "app". Tauri's spelling
// "plugin:module|command" is refused: only the JavaScript client knows it.
// ParseCommand does not ask whether the command exists.
func ParseCommand(name string) (module, command string, err error) {
	if rest, ok := strings.CutPrefix(name, "plugin:"); ok {
		hint := ""
		if m, c, ok := strings.Cut(rest, "|"); ok && m != "" && c != "" {
			hint = fmt.Sprintf(" (write %q)", m+"."+c)
		}
		return "", "", fmt.Errorf("authority: command %q: \"plugin:\" is Tauri's spelling%s", name, hint)
	}
	module, command, dotted := strings.Cut(name, ".")
	if !dotted {
		module, command = appModule, module
	}
	switch {
	case name == "":
		return "", "", errors.New("authority: the command is empty")
	case module == "" || command == "":
		return "", "", fmt.Errorf("authority: command %q: half of module.command is missing", name)
	case strings.Contains(command, "."):
		return "", "", fmt.Errorf("authority: command %q: module.command has one dot", name)
	}
	return module, command, nil
}
