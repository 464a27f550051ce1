package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestManifestIsFresh compares the regular part of the manifest with what the
// generator makes.
func TestManifestIsFresh(t *testing.T) {
	old, err := os.ReadFile("../../manifest.toml")
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := rewrite(string(old))
	if err != nil {
		t.Fatal(err)
	}
	if fresh != string(old) {
		t.Error("manifest.toml is stale: run `go generate ./modules/fs`")
	}
	again, err := rewrite(fresh)
	if err != nil || again != fresh {
		t.Errorf("a second run changes the manifest again (error %v)", err)
	}
}

// TestKinds compares the commands of the regular part with the sets that are
// written by hand.
func TestKinds(t *testing.T) {
	manifest, err := os.ReadFile("../../manifest.toml")
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(manifest), marker)
	for i, id := range []string{"read-all", "write-all", "read-meta"} {
		_, rest, found := strings.Cut(head, "identifier = \""+id+"\"\n")
		block, _, _ := strings.Cut(rest, "\n[[")
		if !found || !strings.Contains(block, "commands.allow = "+list(kinds[i].commands)+"\n") {
			t.Errorf("permission %q does not allow %q", id, kinds[i].commands)
		}
	}
}

func TestSecretsAreUnique(t *testing.T) {
	n := 0
	for _, d := range dirs() {
		sorted := slices.Sorted(slices.Values(d.secrets))
		n += len(sorted)
		if unique := slices.Compact(slices.Clone(sorted)); len(unique) != len(sorted) {
			t.Errorf("%s: a secret is listed twice in %q", d.id, sorted)
		}
	}
	if n == 0 {
		t.Error("no secret found")
	}
}

func TestRunRefuses(t *testing.T) {
	if err := run(nil); err == nil {
		t.Error("run without a file: no error")
	}
	if err := run([]string{t.TempDir() + "/none.toml"}); err == nil {
		t.Error("run on a file that is not there: no error")
	}
	if _, err := rewrite("[module]\n"); err == nil {
		t.Error("a manifest without the marker: no error")
	}
}

func TestRun(t *testing.T) {
	file := t.TempDir() + "/manifest.toml"
	if err := os.WriteFile(file, []byte("# by hand\n"+marker+"old\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{file}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != "# by hand\n"+marker+regular() {
		t.Errorf("wrote %d bytes, error %v", len(got), err)
	}
}
