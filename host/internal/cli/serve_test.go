package cli_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// TestServe opens a window as a browser does, calls a command, and interrupts it.
func TestServe(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("sends an interrupt")
	}
	for _, tt := range []struct {
		args []string
		host string // how the window's begins
	}{{nil, "main.localhost:"}, {[]string{"--ports", "--inspect", "--csp", "default-src 'self'; img-src https:"}, "127.0.0.1:"}} {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) { testServe(t, tt.args, tt.host) })
	}
}

func testServe(t *testing.T, args []string, host string) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"ambit.toml": "[[window]]\nlabel = \"main\"\nassets = \"ui\"\nremote = \"https://example.com\"\n[[module]]\nname = \"m\"\n", "ui/index.html": "<title>hello</title>",
		"capabilities/main.toml": "identifier = \"main\"\nwindows = [\"main\"]\npermissions = [\"m:allow-run\"]\n",
		"modules/m.wasm":         string(wasmtest.Echo(wasmtest.Manifest("m", "run"))),
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], append([]string{"serve", "--app", dir, "--addr", "127.0.0.1:0", "--no-cache"}, args...)...)
	cmd.Env, cmd.Stderr = append(os.Environ(), asCommand+"=1"), os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	label, text, _ := strings.Cut(strings.TrimSpace(line), ": ")
	window, _ := url.Parse(text)
	if err != nil || label != "main" || window == nil || !strings.HasPrefix(window.Host, host) {
		t.Fatalf("it prints %q, %v", line, err)
	}
	do := func(method, path, token, body string) string {
		req, _ := http.NewRequestWithContext(ctx, method, "http://127.0.0.1:"+window.Port()+path, strings.NewReader(body))
		req.Host = window.Host
		req.Header.Set("Origin", "http://"+window.Host)
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		b, _ := io.ReadAll(resp.Body)
		return string(b)
	}
	if got := do("GET", "/", "", ""); !strings.Contains(got, "hello") {
		t.Errorf("the page is %q", got)
	}
	var page struct{ Token string }
	if err := json.Unmarshal([]byte(do("POST", "/_ambit/token", "", strings.TrimPrefix(window.Fragment, "ambit="))), &page); err != nil {
		t.Fatal(err)
	}
	if got := do("POST", "/_ambit/invoke/m.run", page.Token, `{"a":1}`); !strings.Contains(got, `"args":{"a":1}`) {
		t.Errorf("the command answers %s", got)
	}
	remote, err := lines.ReadString('\n')
	if err != nil || !strings.HasPrefix(remote, "main, remote: https://example.com/#ambit=") {
		t.Errorf("then it prints %q, %v", remote, err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("interrupted: %v", err)
	}
}
