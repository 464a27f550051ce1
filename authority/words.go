package authority

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxQuoted is how much foreign text a message repeats.
const maxQuoted = 120

// quote quotes foreign text, cut to a length that a message can bear.
func quote(text string) string { return strconv.Quote(clip(text)) }

// clip cuts foreign text to a length that a message can bear.
func clip(text string) string {
	if len(text) <= maxQuoted {
		return text
	}
	cut := maxQuoted
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// printable returns a text as it is if it can be printed in a line, else quoted.
func printable(text string) string {
	for _, r := range text {
		if !strconv.IsPrint(r) {
			return quote(text)
		}
	}
	return text
}

// shown prints a scope value for a message.
func shown(v any) string { return clip(string(appendValue(nil, v))) }

// quoteAll quotes words and joins them: `"a", "b"`.
func quoteAll[S ~string](words []S) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = quote(string(w))
	}
	return listed(quoted, ", ")
}

// listed joins texts; after ten it counts.
func listed(texts []string, separator string) string {
	const most = 10
	if more := len(texts) - most; more > 1 {
		texts = append(slices.Clone(texts[:most]), fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, separator)
}

// sortedSet returns the words sorted, each once.
func sortedSet(words []string) []string {
	out := slices.Clone(words)
	slices.Sort(out)
	return slices.Compact(out)
}

func textsOf[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

// plural chooses a noun's form.
func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}
