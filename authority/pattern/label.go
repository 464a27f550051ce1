package pattern

import "unicode/utf8"

// maxPattern is how many bytes a pattern may have.
const maxPattern = 4096

// Label is a compiled glob for window and webview labels, or, as [Name], for
// names. It is immutable and safe for concurrent use. A nil or zero
// Label matches nothing.
type Label struct {
	text string
	glob glob
}

// CompileLabel compiles a glob for labels, with the grammar of Rust's glob
// crate, as Tauri has it. The error is an [*Error].
func CompileLabel(text string) (*Label, error) { return compileLabel(text, modeLabel) }

func compileLabel(text string, mode globMode) (*Label, error) {
	if err := checkText(text); err != nil {
		return nil, err
	}
	g, err := compileGlob(text, 0, mode)
	if err != nil {
		return nil, err
	}
	return &Label{text: text, glob: g}, nil
}

// checkText checks what holds for patterns of all kinds.
func checkText(text string) *Error {
	if text == "" {
		return fault(0, "empty pattern (write * for anything)")
	}
	if len(text) > maxPattern {
		return fault(maxPattern, "pattern longer than 4096 bytes")
	}
	for i, r := range text {
		switch {
		case r < ' ' || r == 0x7f:
			return fault(i, "control character in a pattern")
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return fault(i, "pattern is not valid UTF-8")
			}
		}
	}
	return nil
}

// Match reports whether all of s matches. It allocates nothing; its cost is at
// most proportional to len(pattern)*len(s).
func (l *Label) Match(s string) bool {
	return l != nil && l.glob.match(s)
}

// String returns the pattern as written.
func (l *Label) String() string {
	if l == nil {
		return ""
	}
	return l.text
}
