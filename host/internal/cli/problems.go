package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/printable"
)

// problemJSON is one problem as `ambit check --json` prints it.
type problemJSON struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Message  string `json:"message"`
	Hint     string `json:"hint"`
}

func problemsJSON(ps authority.Problems) []problemJSON {
	out := make([]problemJSON, len(ps))
	for i, p := range ps {
		out[i] = problemJSON{p.Severity.String(), p.Code, p.File, p.Line, p.Column, p.Message, p.Hint}
	}
	return out
}

// printProblems prints problems for people, one to a line with its hint below.
func (c *cli) printProblems(w io.Writer, ps authority.Problems) {
	for _, p := range ps {
		at := p.String()
		if at != "" {
			at = printable.Line(at) + ": "
		}
		color := red
		if p.Severity == authority.SeverityWarning {
			color = yellow
		}
		fmt.Fprintf(w, "%s%s %s\n", at, c.paint(w, color, p.Severity.String()+":"), printable.Line(p.Message))
		if p.Hint != "" {
			fmt.Fprintf(w, "  %s %s\n", c.paint(w, dim, "hint:"), printable.Text(indent(p.Hint)))
		}
	}
}

// countProblems words how many problems there are: "2 errors, 1 warning".
func countProblems(ps authority.Problems) (text string, errors int) {
	for _, p := range ps {
		if p.Severity == authority.SeverityError {
			errors++
		}
	}
	return plural(errors, "error") + ", " + plural(len(ps)-errors, "warning"), errors
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// indent moves the lines after the first one in, to stand below it.
func indent(text string) string {
	return strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ")
}
