package main

import (
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	const in = `goos: linux
BenchmarkOther-2                 	 100	 1.0 ns/op
BenchmarkAlone/a-2               	 100	 1.0 ns/op
BenchmarkInvoke/go/64/bare-warm-2	 100	 4000 ns/op	 14.00 pages	 39 B/op	 1 allocs/op
BenchmarkInvoke/go/64/bare-fresh-2	 100	 2000000 ns/op	 39 B/op	 1 allocs/op
BenchmarkInvoke/go/64/invoke-2   	 100	 10000 ns/op	 39 B/op	 2 allocs/op
BenchmarkInvoke/go/64/broken-2   	 100	 ten ns/op
PASS
`
	const want = `Invoke/go/64  ns       × bare-warm  × bare-fresh
  bare-warm   4000     1            0.002         14.00 pages, 1 allocs/op
  bare-fresh  2000000  500          1             1 allocs/op
  invoke      10000    2.5          0.005         2 allocs/op
`
	var out strings.Builder
	if err := run(strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	if got := trimRight(out.String()); got != want {
		t.Errorf("got\n%s", got)
	}
	if err := run(strings.NewReader("BenchmarkAlone/a-2 100 1.0 ns/op\n"), &out); err == nil {
		t.Error("a table of nothing")
	}
}

// trimRight removes the spaces at the ends of lines.
func trimRight(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}
