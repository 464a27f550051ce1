package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// TestMain builds the module, as `make build` does. No ambit that the tests run
// touches the user's compiled code.
func TestMain(m *testing.M) {
	os.Setenv("AMBIT_CACHE", "off")
	cmd := exec.Command("go", "run", "../../host/cmd/ambit", "build", "-o", "app/modules/greet.wasm", "module")
	if out, err := cmd.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the module: %v\n%s", err, out)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func Example() {
	main()
	// Output:
	// Good morning, Ada <nil>
	// greet.hello for window "other" (local) is denied: window-mismatch
}

// TestReadme holds the README's quotes of these files against the files.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for file, from := range map[string]string{
		"main.go":                    "func main() {",
		"module/main.go":             "type args",
		"module/manifest.toml":       "",
		"app/ambit.toml":             "",
		"app/capabilities/main.toml": "",
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(text), from)
		if quote := from + rest; !strings.Contains(string(readme), quote) {
			t.Errorf("the README does not quote %s as it is", file)
		}
	}
}

// withoutNumbers hides the numbers that --stats prints, which differ from run to
// run.
func withoutNumbers(text string) string {
	used, number := regexp.MustCompile(`(?m)^used: .*$`), regexp.MustCompile(`[0-9.]+([mµn]?s\b)?`)
	return used.ReplaceAllStringFunc(text, func(line string) string { return number.ReplaceAllString(line, "N") })
}

// TestReadmeCommands runs each ambit command that the README shows with its
// output, which must be the real one.
func TestReadmeCommands(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the README shows what they print on Linux")
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	ambit := t.TempDir() + "/ambit.exe"
	if out, err := exec.Command("go", "build", "-o", ambit, "../../host/cmd/ambit").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	parts := strings.Split(string(readme), "$ .bin/ambit ")
	if len(parts) < 4 {
		t.Fatalf("found %d commands, want at least 3", len(parts)-1)
	}
	for _, part := range parts[1:] {
		line, rest, _ := strings.Cut(part, "\n")
		want := rest
		if i := strings.Index(rest, "```"); i >= 0 {
			want = rest[:i]
		}
		cmd := exec.Command(ambit, strings.Fields(line)...)
		cmd.Dir = "../.."
		out, _ := cmd.CombinedOutput() // a denial exits 3
		if withoutNumbers(string(out)) != withoutNumbers(want) {
			t.Errorf("ambit %s prints\n%s\nthe README says\n%s", line, out, want)
		}
	}
}
