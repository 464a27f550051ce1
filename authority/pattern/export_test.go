package pattern

// FoldText exposes folding to tests.
func FoldText(s string) string { return string(foldText(s)) }

// MaxFold exposes how many characters one folds to.
const MaxFold = maxFold
