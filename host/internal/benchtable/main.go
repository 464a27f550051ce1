// Benchtable reads the output of go test -bench and prints, for each group of
// benchmarks that has one called bare-something, how the others compare with it:
// times of one run beside each other, since those of different runs say little.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "benchtable:", err)
		os.Exit(1)
	}
}

// result is one line of the output.
type result struct {
	name    string // the last part
	ns      float64
	metrics []string // all others, "12 pages"
}

// group is what stands under one benchmark.
type group struct {
	name    string
	results []result
}

// processors is what go test adds to names.
var processors = regexp.MustCompile(`-\d+$`)

func run(in io.Reader, out io.Writer) error {
	groups, err := read(in)
	if err != nil {
		return err
	}
	groups = slices.DeleteFunc(groups, func(g *group) bool { return len(g.bare()) == 0 })
	if len(groups) == 0 {
		return fmt.Errorf("there is no benchmark to compare with")
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, g := range groups {
		g.print(w)
	}
	return w.Flush()
}

func read(in io.Reader) ([]*group, error) {
	var groups []*group
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		path, r, ok := parse(lines.Text())
		if !ok {
			continue
		}
		i := slices.IndexFunc(groups, func(g *group) bool { return g.name == path })
		if i < 0 {
			i, groups = len(groups), append(groups, &group{name: path})
		}
		groups[i].results = append(groups[i].results, r)
	}
	return groups, lines.Err()
}

// parse reads "BenchmarkA/b/c-2 100 12.5 ns/op 3 pages".
func parse(line string) (path string, r result, ok bool) {
	f := strings.Fields(line)
	if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark") {
		return "", result{}, false
	}
	name := processors.ReplaceAllString(strings.TrimPrefix(f[0], "Benchmark"), "")
	slash := strings.LastIndexByte(name, '/')
	if slash < 0 {
		return "", result{}, false
	}
	r.name = name[slash+1:]
	for i := 2; i+1 < len(f); i += 2 {
		v, err := strconv.ParseFloat(f[i], 64)
		switch {
		case err != nil:
			return "", result{}, false
		case f[i+1] == "ns/op":
			r.ns = v
		case f[i+1] != "B/op":
			r.metrics = append(r.metrics, f[i]+" "+f[i+1])
		}
	}
	return name[:slash], r, true
}

// bare are the results that the others are compared with.
func (g *group) bare() []result {
	return slices.DeleteFunc(slices.Clone(g.results), func(r result) bool { return !strings.HasPrefix(r.name, "bare-") || r.ns == 0 })
}

func (g *group) print(w io.Writer) {
	bare := g.bare()
	fmt.Fprintf(w, "%s\tns", g.name)
	for _, b := range bare {
		fmt.Fprintf(w, "\t× %s", b.name)
	}
	fmt.Fprintln(w, "\t")
	for _, r := range g.results {
		fmt.Fprintf(w, "  %s\t%.0f", r.name, r.ns)
		for _, b := range bare {
			fmt.Fprintf(w, "\t%.3g", r.ns/b.ns)
		}
		fmt.Fprintf(w, "\t%s\n", strings.Join(r.metrics, ", "))
	}
}
