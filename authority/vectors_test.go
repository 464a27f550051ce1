package authority_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// vectorDir holds the language-neutral scenarios, and the README that
// specifies them; this file and its neighbours vectors_*_test.go run them.
const (
	vectorDir = "testdata/vectors"
	rulesFile = "rules.json"
)

// vectorHeader is what all kinds of vectors have.
type vectorHeader struct {
	Comment string   `json:"comment"`
	Kind    string   `json:"kind"`
	Covers  []string `json:"covers"`
}

// vectorKinds runs each kind of vector.
var vectorKinds = map[string]func(*testing.T, []byte){
	"policy":     runPolicy,
	"identifier": runTable[identifierRow],
	"command":    runTable[commandRow],
	"origin":     runTable[originRow],
	"label":      runTable[labelRow],
	"name":       runTable[nameRow],
	"path":       runTable[pathRow],
	"url":        runTable[urlRow],
}

// TestVectors runs every vector, and finds rules that no vector covers.
func TestVectors(t *testing.T) {
	files, err := filepath.Glob(vectorDir + "/*.json")
	files = slices.DeleteFunc(files, func(file string) bool { return filepath.Base(file) == rulesFile })
	if err != nil || len(files) == 0 {
		t.Fatal("there are no vectors: ", err)
	}
	covered := make(map[string]bool)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			var h vectorHeader
			if err := json.Unmarshal(data, &h); err != nil {
				t.Fatal(err)
			}
			run := vectorKinds[h.Kind]
			if run == nil || h.Comment == "" || len(h.Covers) == 0 {
				t.Fatalf("kind %q, comment %q, covers %q: one of them is missing or unknown", h.Kind, h.Comment, h.Covers)
			}
			for _, id := range h.Covers {
				covered[id] = true
			}
			run(t, data)
		})
	}
	checkCovered(t, covered)
}

// checkCovered compares what vectors say they cover with the list of rules.
func checkCovered(t *testing.T, covered map[string]bool) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(vectorDir, rulesFile))
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Comment string `json:"comment"`
		Rules   []struct {
			ID   string `json:"id"`
			Says string `json:"says"`
		} `json:"rules"`
	}
	strictJSON(t, data, &list)
	known := make(map[string]bool)
	for _, r := range list.Rules {
		if r.ID == "" || r.Says == "" || known[r.ID] {
			t.Errorf("rule %q says %q: one of them is missing, or the rule is listed twice", r.ID, r.Says)
		}
		known[r.ID] = true
		if !covered[r.ID] {
			t.Errorf("no vector covers %s: %s", r.ID, r.Says)
		}
	}
	for id := range covered {
		if !known[id] {
			t.Errorf("vectors cover the rule %q, which %s does not have", id, rulesFile)
		}
	}
}

// strictJSON decodes a document whose every key must be known, in its case,
// and there once.
func strictJSON(t *testing.T, data []byte, into any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		t.Fatal("something follows the document")
	}
	checkKeys(t, json.NewDecoder(bytes.NewReader(data)), false)
}

// freeKeys are the keys below which the keys are not ours.
var freeKeys = []string{"files", "replace", "manifest", "scope"}

// checkKeys reads one value and finds what encoding/json lets pass: a key that
// is there twice, and one of ours in another case.
func checkKeys(t *testing.T, d *json.Decoder, free bool) {
	t.Helper()
	first, err := d.Token()
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]bool)
	switch first {
	case json.Delim('{'):
		for d.More() {
			token, err := d.Token()
			if err != nil {
				t.Fatal(err)
			}
			key := token.(string)
			if seen[key] || !free && strings.ToLower(key) != key {
				t.Errorf("the key %q is there twice, or in the wrong case", key)
			}
			seen[key] = true
			checkKeys(t, d, free || slices.Contains(freeKeys, key))
		}
	case json.Delim('['):
		for d.More() {
			checkKeys(t, d, free)
		}
	default:
		return
	}
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
}
