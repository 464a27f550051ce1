package pattern

import "strings"

var literalEscaper = strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]", "{", "[{]", "}", "[}]", "$", "[$]")

// Literal returns the pattern that matches text alone, so that what a person
// picked or typed at run time grants itself and nothing else:
//
//	Literal("a*b")              // a[*]b
//	"$APPDATA/" + Literal(name) // the file of that name
//	Literal("/home/me/[1].txt") // /home/me/[[]1].txt
//
// It is for labels and names, and for paths and their components, where "/"
// stays what it is; not for URLs. A text that no pattern stands for gets one
// that does not compile: an empty one, one with control characters or invalid
// UTF-8, one that is too long, and as a path one with a backslash or with
// components that name no file.
func Literal(text string) string { return literalEscaper.Replace(text) }
