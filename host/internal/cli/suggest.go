package cli

// closest returns the candidate that text is probably a misspelling of, or "".
func closest(text string, candidates []string) string {
	best, found := len(text)/3+1, ""
	for _, c := range candidates {
		if d := distance(text, c); d <= best && d < max(len(text), len(c)) {
			if d < best || found == "" {
				best, found = d, c
			}
		}
	}
	return found
}

// distance is the Levenshtein distance in bytes, with letters of both cases
// the same. Both texts are cut at 64 bytes.
func distance(a, b string) int {
	a, b = a[:min(len(a), 64)], b[:min(len(b), 64)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if lower(a[i]) == lower(b[j]) {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
