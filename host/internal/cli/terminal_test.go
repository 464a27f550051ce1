package cli_test

import (
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/cli"
)

func TestColored(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no colors unless asked for")
	}
	device, err := os.Open(os.DevNull) // a character device, as terminals are
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, tt := range []struct {
		name, color string
		env         []string
		stream      any
		want        bool
	}{
		{"terminal", "auto", nil, device, true},
		{"file", "auto", nil, file, false},
		{"not a file", "auto", nil, &strings.Builder{}, false},
		{"NO_COLOR", "auto", []string{"NO_COLOR=1"}, device, false},
		{"empty NO_COLOR", "auto", []string{"NO_COLOR="}, device, true},
		{"dumb", "auto", []string{"TERM=xterm", "TERM=dumb"}, device, false},
		{"always", "always", []string{"NO_COLOR=1"}, file, true},
		{"never", "never", nil, device, false},
	} {
		if got := cli.Colored(tt.color, tt.env, tt.stream); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
