// Package main is the notes module: the app's own commands, written with the
// SDK. It uses nothing but package os; which files that reaches is decided by
// the scope of each call, outside of this program.
package main

import (
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/ambit-wasm/ambit/sdk"
)

// folder is where the notes are; a test puts it elsewhere.
var folder = "/APPDATA/notes"

func init() {
	sdk.Handle("add", add)
	sdk.Handle("list", list)
	sdk.Handle("search", search)
	sdk.Handle("count_words", countWords)
	sdk.Handle("review", review)
}

func main() {}

type addArgs struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

// add writes a note and returns its file name.
func add(_ *sdk.Call, a addArgs) (string, error) {
	name := slug(a.Title)
	if name == "" {
		return "", sdk.NewError("bad-title", "the title has no letter and no digit")
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	f, err := os.OpenFile(folder+"/"+name+".md", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = f.WriteString("# " + a.Title + "\n\n" + a.Text + "\n")
	if e := f.Close(); err == nil {
		err = e
	}
	return name + ".md", err
}

// note is what list tells of a note.
type note struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Words int    `json:"words"`
}

func list(*sdk.Call, struct{}) ([]note, error) {
	notes := []note{}
	err := each(func(name, text string) {
		title, _, _ := strings.Cut(strings.TrimPrefix(text, "# "), "\n")
		notes = append(notes, note{name, title, len(strings.Fields(text))})
	})
	return notes, err
}

type textArgs struct {
	Text string `json:"text"`
}

// match is a line that search found; lines count from 1.
type match struct {
	Name string `json:"name"`
	Line int    `json:"line"`
	Text string `json:"text"`
}

func search(_ *sdk.Call, a textArgs) ([]match, error) {
	found := []match{}
	want := strings.ToLower(a.Text)
	err := each(func(name, text string) {
		n := 0
		for line := range strings.Lines(text) {
			n++
			if strings.Contains(strings.ToLower(line), want) {
				found = append(found, match{name, n, strings.TrimRight(line, "\r\n")})
			}
		}
	})
	return found, err
}

func countWords(_ *sdk.Call, a textArgs) (int, error) {
	return len(strings.Fields(a.Text)), nil
}

// progress is what review emits on the topic "progress".
type progress struct {
	Done int `json:"done"`
	Of   int `json:"of"`
}

// pause makes a review take as long as one would.
var pause = 40 * time.Millisecond

// review goes through all notes, in steps that it tells its caller of, and returns how
// many lines are too long.
func review(*sdk.Call, struct{}) (long int, err error) {
	const steps = 25
	var texts []string
	if err := each(func(_, text string) { texts = append(texts, text) }); err != nil {
		return 0, err
	}
	lines := strings.Split(strings.Join(texts, "\n"), "\n")
	for step := range steps {
		from, to := len(lines)*step/steps, len(lines)*(step+1)/steps
		for _, line := range lines[from:to] {
			if len(line) > 80 {
				long++
			}
		}
		time.Sleep(pause)
		if _, err := sdk.Emit("progress", progress{step + 1, steps}); err != nil {
			return long, err
		}
	}
	return long, nil
}

// each reads the notes that this call may see, in order of their names.
func each(f func(name, text string)) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || !strings.HasSuffix(e.Name(), ".md") {
			continue
		}
		b, err := os.ReadFile(folder + "/" + e.Name())
		if err != nil {
			return err
		}
		f(e.Name(), string(b))
	}
	return nil
}

// slug makes a file name of a title: lower case letters and digits, with
// single hyphens between.
func slug(title string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}), "-")
}
