package schema

// CompareNumbers exposes the exact order of numbers to tests.
func CompareNumbers(a, b any) int {
	x, _ := numberOf(a)
	y, _ := numberOf(b)
	return x.compare(y)
}
