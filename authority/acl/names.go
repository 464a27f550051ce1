package acl

import "strings"

// validDirName reports whether the name is [A-Z][A-Z0-9_]*.
func validDirName(name string) bool {
	return matches(name, isUpper, func(c byte) bool { return isUpper(c) || isDigit(c) || c == '_' })
}

// maxModuleName is the length that identifiers leave for a module's name.
const maxModuleName = 51

// validModuleName reports whether the name is [a-z0-9][a-z0-9-]*, without a
// hyphen at the end, short enough to stand in an identifier, and not one of
// Tauri's own.
func validModuleName(name string) bool {
	return len(name) <= maxModuleName && validHost(name) &&
		name != "core" && name != "tauri" && !strings.HasPrefix(name, "tauri-plugin-")
}

// moduleNameHint says what validModuleName asks for.
const moduleNameHint = "lower-case letters, digits and inner hyphens, at most 51; not \"core\", \"tauri\" or \"tauri-plugin-…\""

// validHost reports whether the text is [a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?.
func validHost(s string) bool {
	first := func(c byte) bool { return isLower(c) || isDigit(c) }
	return len(s) <= 63 && !strings.HasSuffix(s, "-") && matches(s, first, func(c byte) bool { return first(c) || c == '-' })
}

// validCommandName reports whether the name is [a-z][a-z0-9_]*.
func validCommandName(name string) bool {
	return len(name) <= 64 && matches(name, isLower, func(c byte) bool { return isLower(c) || isDigit(c) || c == '_' })
}

func matches(s string, first, rest func(byte) bool) bool {
	for i := range len(s) {
		if i == 0 && !first(s[i]) || i > 0 && !rest(s[i]) {
			return false
		}
	}
	return s != ""
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// validLabel reports whether the label has only letters, digits and "-/:_".
func validLabel(label string) bool {
	ok := func(c byte) bool {
		return isLower(c) || isUpper(c) || isDigit(c) || strings.IndexByte("-/:_", c) >= 0
	}
	return matches(label, ok, ok)
}
