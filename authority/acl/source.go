package acl

import (
	"bytes"
	"sort"
	"strconv"
	"unicode/utf8"

	"github.com/ambit-wasm/ambit/authority"
)

// The bounds of what is read. They are far above any real policy and keep a
// hostile one from costing more than a moment.
const (
	maxFileSize = 1 << 20 // bytes of one file
	maxFiles    = 10_000  // files of one app's policy
	maxTotal    = 64 << 20
	maxDepth    = 64      // nesting of values in a file
	maxValues   = 100_000 // values in a file
	maxFolders  = 32      // nesting of folders
)

// source is a file in memory that knows where its lines start.
type source struct {
	file   string
	data   []byte
	starts []int // offset of each line's first byte
}

func newSource(file string, data []byte) *source {
	s := &source{file: file, data: data[:len(data):len(data)], starts: []int{0}}
	for i := 0; ; {
		n := bytes.IndexByte(data[i:], '\n')
		if n < 0 {
			return s
		}
		i += n + 1
		s.starts = append(s.starts, i)
	}
}

// at returns the position of the byte at the offset; an offset behind the end
// counts as the end.
func (s *source) at(offset int) authority.Position {
	offset = max(0, min(offset, len(s.data)))
	line := sort.SearchInts(s.starts, offset+1)
	return authority.Position{File: s.file, Line: line, Column: offset - s.starts[line-1] + 1}
}

// plainText reports whether the file is UTF-8 text within the size limit that
// reads as it looks, and complains if not. All parsers rely on it.
func (s *source) plainText(k *sink) bool {
	if len(s.data) > maxFileSize {
		k.errorf(authority.Position{File: s.file}, codeTooLarge, "split it", "the file is larger than %d bytes", maxFileSize)
		return false
	}
	if bytes.HasPrefix(s.data, []byte("\xef\xbb\xbf")) {
		k.errorf(s.at(0), codeSyntax, "save it as UTF-8 without one", "the file starts with a byte order mark")
		return false
	}
	for i := 0; i < len(s.data); {
		r, size := utf8.DecodeRune(s.data[i:])
		if r == utf8.RuneError && size == 1 {
			k.errorf(s.at(i), codeSyntax, "save it as UTF-8", "byte %#x is not valid UTF-8", s.data[i])
			return false
		}
		if why := deceives(r); why != "" {
			k.errorf(s.at(i), codeSyntax, "take it out, or write it as an escape", "the character %s %s, so that the text does not read as it looks", strconv.QuoteRuneToASCII(r), why)
			return false
		}
		i += size
	}
	return true
}

// deceives says what a character does that makes editors and web pages show
// another text than is read: a rule that looks like a comment, or a comment
// that looks like a rule.
func deceives(r rune) string {
	switch {
	case '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069':
		return "changes the direction of what follows"
	case r == '\u0085' || r == '\u2028' || r == '\u2029':
		return "ends a line for some programs and not for others"
	}
	return ""
}
