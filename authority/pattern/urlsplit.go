package pattern

import "strings"

// rawURL is a URL pattern taken apart.
type rawURL struct{ scheme, host, port, path, query, fragment rawPart }

// rawPart is the text of a part and where it starts in the pattern.
type rawPart struct {
	text    string
	at      int
	present bool
	// question is set if a "?" comes next, which URLPattern would take for a
	// modifier of what the part ends in.
	question bool
}

// splitURL takes a pattern apart. Nothing inside braces is a boundary.
func splitURL(text string) (r rawURL, err *Error) {
	colon := boundary(text, 0, ":")
	if colon <= 0 || !strings.HasPrefix(text[colon:], "://") {
		return r, fault(0, "not a URL pattern with a scheme and a host (https://example.com; for everything *://*:*)")
	}
	r.scheme = rawPart{text: text[:colon], present: true}
	at := colon + len("://")

	// The parts stand in this order, each ended by the start of a later one.
	ends := []struct {
		stops string
		part  *rawPart
	}{{"/?#", &r.host}, {"?#", &r.path}, {"#", &r.query}, {"", &r.fragment}}
	for i, e := range ends {
		if at > len(text) || i > 0 && !startsPart(text[at:], i) {
			continue
		}
		from := at
		if i > 1 {
			from += separatorLength(text[at:])
		}
		end := boundary(text, from, e.stops)
		if end < 0 {
			end = len(text)
		}
		*e.part = rawPart{text: text[from:end], at: from, present: true, question: strings.HasPrefix(text[end:], "?")}
		at = end
	}
	return r, r.splitPort()
}

// startsPart reports whether s starts the path (1), query (2) or fragment (3).
func startsPart(s string, i int) bool {
	s = strings.TrimPrefix(s, `\`)
	return s != "" && s[0] == " /?#"[i]
}

// separatorLength is the length of "?" or "#", escaped or not.
func separatorLength(s string) int {
	if s[0] == '\\' {
		return 2
	}
	return 1
}

// boundary returns the first place at or after from where one of stops stands
// outside braces, or -1. A "?" after "}" belongs to the group. An escaped "?" or "#" is a boundary too, since it cannot be
// meant otherwise; the place is that of the backslash.
func boundary(text string, from int, stops string) int {
	depth := 0
	for i := from; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '{':
			depth++
		case c == '}':
			depth--
			if depth == 0 && strings.HasPrefix(text[i+1:], "?") {
				i++
			}
		case c == '\\' && i+1 < len(text):
			if next := text[i+1]; depth == 0 && (next == '?' || next == '#') && strings.IndexByte(stops, next) >= 0 {
				return i
			}
			i++
		case depth == 0 && strings.IndexByte(stops, c) >= 0:
			return i
		}
	}
	return -1
}

// splitPort takes the port off the host. A ":" at the start of a label with a
// name after it is a group, any other starts the port.
func (r *rawURL) splitPort() *Error {
	h := &r.host
	if i := boundary(h.text, 0, "@"); i >= 0 {
		return fault(h.at+i, `"@" in the host (patterns do not look at user info)`)
	}
	from := 0
	if strings.HasPrefix(h.text, "[") {
		from = max(strings.IndexByte(h.text, ']'), 0)
	}
	for {
		i := boundary(h.text, from, ":")
		if i < 0 {
			return nil
		}
		if n := identifierLength(h.text[i+1:]); n > 0 {
			if i > 0 && h.text[i-1] != '.' {
				return fault(h.at+i, "a port is a number or *, and a group :name starts a label")
			}
			from = i + 1 + n
			continue
		}
		r.port = rawPart{text: h.text[i+1:], at: h.at + i + 1, present: true, question: h.question}
		h.text, h.question = h.text[:i], false
		return nil
	}
}

// identifierLength returns the length of the name of a group at the start of s.
func identifierLength(s string) int {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '_', c == '$':
		case i > 0 && '0' <= c && c <= '9':
		default:
			return i
		}
	}
	return len(s)
}
