package acl

import "github.com/ambit-wasm/ambit/authority/suggest"

// maxCompared bounds the comparisons that one run spends on hints, since the
// texts may be a stranger's.
const maxCompared = 500_000

// suggest returns a hint that names the candidate that was probably meant, or
// "" if none is near.
func (k *sink) suggest(word string, candidates []string) string {
	if k.compared += len(candidates); k.compared > maxCompared {
		return ""
	}
	if best := suggest.Nearest(word, candidates); best != "" {
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
