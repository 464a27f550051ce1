package reference

import (
	"html"
	"strconv"
	"strings"

	"github.com/ambit-wasm/ambit/host/internal/printable"
)

// maxText bounds a text of the manifest that is shown, in bytes.
const maxText = 2000

// prose is foreign text as words of a paragraph or of a cell: one line, without
// any markup but code, which it may write in backticks.
func prose(text string) string {
	if len(text) > maxText {
		text = printable.Cut(text, maxText)
	}
	var out []string
	for i, part := range strings.Split(text, "`") {
		// Between two backticks it is code; a last single one is a character.
		closed := i%2 == 1 && strings.Count(text, "`") > i
		if closed {
			if part = strings.Join(strings.Fields(part), " "); part != "" {
				if len(out) > 0 && strings.HasSuffix(out[len(out)-1], "`") {
					out = append(out, " ") // else two codes would run into each other
				}
				out = append(out, code(part))
			}
			continue
		}
		if i%2 == 1 {
			part = "`" + part
		}
		out = append(out, plain(part))
	}
	return begin(strings.TrimSpace(strings.Join(out, "")))
}

// begin takes the meaning from characters that have one only where a block
// begins: those of headings, lists and rules.
func begin(text string) string {
	if text == "" {
		return ""
	}
	if strings.Contains("#+-=", text[:1]) {
		return `\` + text
	}
	if rest := strings.TrimLeft(text, "0123456789"); rest != text && rest != "" && strings.Contains(".)", rest[:1]) {
		return text[:len(text)-len(rest)] + `\` + rest
	}
	return text
}

// plain is text without code. Words that a reader's program would make a link
// of, or a formula, become code.
func plain(text string) string {
	words := strings.Fields(text)
	for i, w := range words {
		body := strings.TrimRight(w, ".,;:)!?")
		lower := strings.ToLower(w)
		switch {
		case strings.Contains(lower, "://") || strings.Contains(lower, "www.") || strings.Contains(w, "@") || strings.HasPrefix(w, "$") && len(body) > 1:
			words[i] = code(body) + escape(w[len(body):])
		default:
			words[i] = escape(w)
		}
	}
	out := strings.Join(words, " ")
	// Code before and after keeps its distance.
	if len(words) > 0 && strings.TrimLeft(text, " \t\r\n") != text {
		out = " " + out
	}
	if strings.TrimRight(text, " \t\r\n") != text {
		out += " "
	}
	return out
}

// escape takes the meaning from characters that Markdown or HTML gives one.
func escape(word string) string {
	var b strings.Builder
	runes := []rune(printable.Line(word))
	for i, r := range runes {
		inside := i > 0 && i < len(runes)-1 && isWord(runes[i-1]) && isWord(runes[i+1])
		switch {
		case r == '<' || r == '>' || r == '&':
			b.WriteString(html.EscapeString(string(r)))
			continue
		case strings.ContainsRune("\\`*[]|~$", r), r == '_' && !inside:
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func isWord(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// code is foreign text as code. What could end it, or a cell of a table, is
// written in HTML.
func code(text string) string {
	if len(text) > maxText {
		text = printable.Cut(text, maxText)
	}
	text = printable.Line(text)
	if text != "" && text == strings.TrimSpace(text) && !strings.ContainsAny(text, "`|") {
		return "`" + text + "`"
	}
	return "<code>" + entities.Replace(text) + "</code>"
}

// entities writes all that could be markup as what it stands for.
var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;", "`", "&#96;", "|", "&#124;", "*", "&#42;",
	"_", "&#95;", "[", "&#91;", "]", "&#93;", `\`, "&#92;", "~", "&#126;", "$", "&#36;", ":", "&#58;", "@", "&#64;", "!", "&#33;", ".", "&#46;")

// maxListed is how much of a list is shown.
const maxListed = 40

// list joins things, and counts what is left over.
func list(things []string, show func(string) string, separator string) string {
	var out []string
	for _, t := range things[:min(len(things), maxListed)] {
		out = append(out, show(t))
	}
	text := strings.Join(out, separator)
	if more := len(things) - maxListed; more > 0 {
		text += separator + "and " + strconv.Itoa(more) + " more"
	}
	return text
}
