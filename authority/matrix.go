package authority

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Matrix says what an authority answers to each of some callers for each
// command. It is for people to review and for tests to hold on to.
type Matrix struct {
	Callers []string    `json:"callers"` // as printed by String
	Rows    []MatrixRow `json:"rows"`    // by module, then command
}

// MatrixRow is one command's line of a [Matrix].
type MatrixRow struct {
	Command string `json:"command"` // "module.command"
	Codes   []Code `json:"codes"`   // the answer to each caller, in their order
}

// Matrix asks for all commands of all modules on behalf of each caller, at the
// given time (Unix nanoseconds). A nil *Authority knows no commands.
func (a *Authority) Matrix(now int64, callers ...Caller) *Matrix {
	m := &Matrix{Callers: make([]string, len(callers)), Rows: []MatrixRow{}}
	for i := range callers {
		m.Callers[i] = callers[i].String()
	}
	for _, manifest := range a.Manifests() {
		commands := slices.Clone(manifest.Commands)
		slices.SortFunc(commands, func(x, y Command) int { return cmp.Compare(x.Name, y.Name) })
		for _, c := range commands {
			row := MatrixRow{Command: commandText(manifest.Name, c.Name), Codes: make([]Code, len(callers))}
			for i, caller := range callers {
				row.Codes[i] = a.Decide(Request{Caller: caller, Module: manifest.Name, Command: c.Name, Now: now}).Code()
			}
			m.Rows = append(m.Rows, row)
		}
	}
	return m
}

// String prints a caller in a few words: "main", "main/preview" with a webview
// of another name, "main@https://example.com/", "module:notes via main" with
// the window that began the chain. A label that would read as something else is
// quoted.
func (c *Caller) String() string {
	word := func(s string) string {
		if s == "" || plain(s) && !strings.ContainsAny(s, "/@:") {
			return s
		}
		return quote(s)
	}
	if c.Origin.Module() != "" {
		s := c.Origin.String()
		if len(c.Chain) > 0 {
			s += " via " + c.Chain[0].String()
		}
		return s
	}
	s := word(c.Window)
	if c.Webview != c.Window {
		s += "/" + word(c.Webview)
	}
	if !c.Origin.IsLocal() {
		s += "@" + c.Origin.String()
	}
	return cmp.Or(s, quote(s))
}

// String prints a table with a line for each command and a column for each
// caller: "yes", "-" where nothing is granted to that caller, else the code.
func (m *Matrix) String() string {
	table := [][]string{append([]string{""}, m.Callers...)}
	for _, r := range m.Rows {
		line := []string{r.Command}
		for _, code := range r.Codes {
			line = append(line, code.cell())
		}
		table = append(table, line)
	}
	widths := make([]int, len(m.Callers)+1)
	for _, line := range table {
		for i, text := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	var b strings.Builder
	for _, line := range table {
		var row strings.Builder
		for i, text := range line {
			row.WriteString(text + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text)+2))
		}
		b.WriteString(strings.TrimRight(row.String(), " ") + "\n")
	}
	return b.String()
}

// cell is a code as a matrix prints it.
func (c Code) cell() string {
	switch c {
	case CodeAllowed:
		return "yes"
	case CodeNotGranted, CodeOriginMismatch, CodeWindowMismatch:
		return "-"
	}
	return string(c)
}
