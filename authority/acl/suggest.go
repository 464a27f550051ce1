package acl

import "strings"

// maxCompared bounds the comparisons that one run spends on hints, since the
// texts may be a stranger's.
const maxCompared = 500_000

// suggest returns a hint that names the candidate that was probably meant, or
// "" if none is near.
func (k *sink) suggest(word string, candidates []string) string {
	if k.compared += len(candidates); k.compared > maxCompared {
		return ""
	}
	if best := closest(word, candidates); best != "" {
		return "did you mean " + quote(best) + "?"
	}
	return ""
}

// suggestOr is suggest with another hint for the case that nothing is near.
func (k *sink) suggestOr(word string, candidates []string, otherwise string) string {
	if hint := k.suggest(word, candidates); hint != "" {
		return hint
	}
	return otherwise
}

// closest returns the candidate nearest to the word, the first of equally near
// ones, or "" if none is near enough to be a slip. Letter case and "_" for "-"
// count as no difference.
func closest(word string, candidates []string) string {
	const longest = 64
	if word == "" || len(word) > longest {
		return ""
	}
	folded := fold(word)
	best, least := "", max(1, len(word)/3)+1
	for _, c := range candidates {
		if len(c) > longest || abs(len(c)-len(word)) >= least {
			continue
		}
		if d := distance(folded, fold(c)); d < least {
			best, least = c, d
		}
	}
	return best
}

func fold(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") }

func abs(n int) int { return max(n, -n) }

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b.
func distance(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	before, last, now := rows[0], rows[1], rows[2]
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
