// Package suggest finds the word that was probably meant by one that nobody
// knows, for "did you mean". It is the same for all messages: letter case and
// "_" for "-" are no difference, and as many slips are forgiven as there are
// thirds of the word, at least one. A slip is a letter too many, too few,
// another one, or two neighbours swapped.
package suggest

import "strings"

// longest bounds the words that are compared, in bytes: that costs the product
// of their lengths, and they may be a stranger's.
const longest = 128

// Nearest returns the candidate that is nearest to a word, the first of equally
// near ones; "" if none is near. A candidate that is the word itself was not
// meant.
func Nearest(word string, candidates []string) string {
	if word == "" || len(word) > longest {
		return ""
	}
	folded := fold(word)
	best, least := "", max(1, len(word)/3)+1
	for _, c := range candidates {
		if c == word || len(c) > longest || len(c)-len(word) >= least || len(word)-len(c) >= least {
			continue
		}
		if d := distance(folded, fold(c)); d < least {
			best, least = c, d
		}
	}
	return best
}

// Slips counts the slips between two words of at most 128 bytes; longer ones
// are as far apart as can be.
func Slips(a, b string) int {
	if n := max(len(a), len(b)); n > longest {
		return n
	}
	return distance(fold(a), fold(b))
}

func fold(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }

// distance is that of Damerau and Levenshtein, in bytes.
func distance(a, b string) int {
	before, last, now := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}
