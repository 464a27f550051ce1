//go:build linux

package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestWindow opens the window on a screen that nobody sees: its page loads, gets its
// token and calls commands.
func TestWindow(t *testing.T) {
	xvfb, err := exec.LookPath("xvfb-run")
	if err != nil {
		t.Skip("there is no xvfb-run")
	}
	dir := t.TempDir()
	for from, to := range map[string]string{"../notes/app": "app", "../notes/seed": "app/data"} {
		if err := os.CopyFS(filepath.Join(dir, to), os.DirFS(from)); err != nil && !os.IsExist(err) { // "make serve" has made the data
			t.Fatal(err)
		}
	}
	program := filepath.Join(dir, "desktop")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, xvfb, "-a", program, "-app", filepath.Join(dir, "app"), "-audit")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the screen and the browser's processes, too
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	listed := false
	for lines := bufio.NewScanner(out); !listed && lines.Scan(); {
		listed = strings.Contains(lines.Text(), `"command":"notes.list","decision":"allow","code":"allowed"`)
	}
	if !listed {
		t.Error("the page has listed no notes")
	}
	cancel()
	_ = cmd.Wait() // it was killed
}
