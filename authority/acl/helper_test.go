package acl_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
)

var update = flag.Bool("update", false, "write the golden parts of testdata anew")

// scenario is a file of testdata: files of an app's folder, and what comes of
// them. Sections start with a line "-- name --"; text before the first is a
// comment.
type scenario struct {
	comment  string
	sections []section
}

type section struct{ name, text string }

func parseScenario(t testing.TB, file string) scenario {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return scenarioOf(string(data))
}

func scenarioOf(text string) scenario {
	var s scenario
	for line := range strings.Lines(text) {
		name, ok := strings.CutSuffix(strings.TrimPrefix(line, "-- "), " --\n")
		if ok && strings.HasPrefix(line, "-- ") {
			s.sections = append(s.sections, section{name: name})
			continue
		}
		if len(s.sections) == 0 {
			s.comment += line
			continue
		}
		s.sections[len(s.sections)-1].text += line
	}
	return s
}

// take removes a section and returns its text.
func (s *scenario) take(name string) (string, bool) {
	for i, sec := range s.sections {
		if sec.name == name {
			s.sections = append(s.sections[:i:i], s.sections[i+1:]...)
			return sec.text, true
		}
	}
	return "", false
}

func (s *scenario) fs() fstest.MapFS {
	fsys := fstest.MapFS{}
	for _, sec := range s.sections {
		fsys[sec.name] = &fstest.MapFile{Data: []byte(sec.text)}
	}
	return fsys
}

func (s *scenario) options(t *testing.T) acl.Options {
	t.Helper()
	var o acl.Options
	text, _ := s.take("options")
	for word := range strings.FieldsSeq(text) {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "policy-only":
			o.PolicyOnly = true
		case "profile":
			o.Profile = value
		case "platform":
			o.Platform = authority.Platform(value)
		default:
			t.Fatalf("unknown option %q", word)
		}
	}
	return o
}

// golden compares a section of a scenario's file with what came out, or
// writes it under -update.
func golden(t *testing.T, file, name, got string) {
	t.Helper()
	s := parseScenario(t, file)
	for i, sec := range s.sections {
		if sec.name != name {
			continue
		}
		if sec.text == got {
			return
		}
		if !*update {
			t.Errorf("%s: %s differ\n--- want\n%s--- got\n%s", file, name, sec.text, got)
			return
		}
		s.sections[i].text = got
	}
	if !*update {
		t.Errorf("%s has no section %q", file, name)
		return
	}
	var b bytes.Buffer
	b.WriteString(s.comment)
	for _, sec := range s.sections {
		fmt.Fprintf(&b, "-- %s --\n%s", sec.name, sec.text)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func scenarios(t *testing.T, dir string, run func(t *testing.T, file string, s scenario)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenario in testdata/%s: %v", dir, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			run(t, file, parseScenario(t, file))
		})
	}
}

// printed prints problems as a person sees them, with code and severity.
func printed(ps authority.Problems) string {
	var b strings.Builder
	for _, p := range ps {
		fmt.Fprintf(&b, "%s %s\n  %s\n", p.Severity, p.Code, p.Error())
	}
	return b.String()
}
