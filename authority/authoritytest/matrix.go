package authoritytest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// Matrix asserts that the answers to all callers for all commands are those of
// the golden file, as [authority.Authority.Matrix] prints them. With
// AMBIT_UPDATE=1 in the environment it writes the file instead; what changed
// is then to be read in the version control's difference.
func Matrix(t testing.TB, a *authority.Authority, file string, callers ...authority.Caller) {
	t.Helper()
	got := a.Matrix(earliest, callers...).String()
	if os.Getenv("AMBIT_UPDATE") != "" {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatalf("%v", err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatalf("%v", err)
		}
		return
	}
	want, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		t.Fatalf("there is no golden file %s; with AMBIT_UPDATE=1 it is made:\n%s", file, got)
	case err != nil:
		t.Fatalf("%v", err)
	}
	if diff := difference(string(want), got); diff != "" {
		t.Errorf("the policy does not answer as in %s (with AMBIT_UPDATE=1 the file is written anew):\n%s", file, diff)
	}
}

// difference prints the lines that only one of two tables has. The width of
// columns is no difference.
func difference(want, got string) string {
	plain := func(text string) (lines []string) {
		for line := range strings.Lines(text) {
			lines = append(lines, strings.Join(strings.Fields(line), " "))
		}
		return lines
	}
	was, is := plain(want), plain(got)
	var b strings.Builder
	for _, line := range was {
		if !slices.Contains(is, line) {
			b.WriteString("- " + line + "\n")
		}
	}
	for _, line := range is {
		if !slices.Contains(was, line) {
			b.WriteString("+ " + line + "\n")
		}
	}
	return b.String()
}
