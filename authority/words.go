package authority

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxSuggestLength bounds the words that are compared for a hint: the
// comparison costs the product of their lengths, and files are foreign text.
const maxSuggestLength = 128

// nearest returns the candidate that name was probably meant to be, "" if none
// is near: of equally near ones the first.
func nearest(name string, candidates []string) string {
	best, least := "", max(2, len(name)/3+1)
	for _, c := range candidates {
		if d := distance(name, c, least); c != name && d < least {
			best, least = c, d
		}
	}
	return best
}

// distance is the Damerau-Levenshtein distance of two words, letters compared
// without regard to case and case counted as a single difference; limit or
// more when it is not below limit.
func distance(a, b string, limit int) int {
	if len(a) > maxSuggestLength || len(b) > maxSuggestLength || len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	if strings.EqualFold(a, b) {
		return min(1, limit)
	}
	a, b = strings.ToLower(a), strings.ToLower(b)
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return min(prev[len(b)], limit)
}

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
