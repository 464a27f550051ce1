//go:build !wasip1

package shell_test

import (
	"context"
	"fmt"
	"os/exec"
	"testing"

	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
)

type args = map[string]any

const script = `cat; printf '%s' "$1" >&2; exit 3`

// steps are calls of execute, with one script granted.
var steps = []struct {
	name string
	args args
	want string // the result, printed; or
	code string // of the error
}{
	{"all", args{"program": "script", "args": []string{"-c", script, "sh", "abc"}, "stdin": "in"}, "map[code:3 signal: stderr:abc stdout:in]", ""},
	{"no input", args{"program": "script", "args": []string{"-c", script, "sh", "abc"}}, "map[code:3 signal: stderr:abc stdout:]", ""},
	{"raw", args{"program": "script", "args": []string{"-c", script, "sh", "abc"}, "options": args{"encoding": "raw"}}, "map[code:3 signal: stderr:[97 98 99] stdout:[]]", ""},
	{"nulls", args{"program": "script", "args": []string{"-c", script, "sh", "abc"}, "stdin": nil, "options": args{"encoding": nil}}, "map[code:3 signal: stderr:abc stdout:]", ""},
	{"null options", args{"program": "script", "args": []string{"-c", script, "sh", "abc"}, "stdin": "in", "options": nil}, "map[code:3 signal: stderr:abc stdout:in]", ""},
	{"another argument", args{"program": "script", "args": []string{"-c", script, "sh", "abc; id"}}, "", "forbidden"},
	{"one more", args{"program": "script", "args": []string{"-c", script, "sh", "abc", "x"}}, "", "forbidden"},
	{"another program", args{"program": "sh", "args": []string{"-c", "id"}}, "", "forbidden"},
	{"no program", args{"program": "absent"}, "", "host-error"},
	{"no program, nulls", args{"program": "absent", "args": nil, "stdin": nil, "options": nil}, "", "host-error"},
	{"null program", args{"program": nil, "args": []string{"-c", script, "sh", "abc"}}, "", "bad-args"},
	{"bad arguments", args{"program": "absent", "args": "-c"}, "", "bad-args"},
	{"bad options", args{"program": "script", "args": []string{"-c", script, "sh", "abc"}, "options": "raw"}, "", "bad-args"},
	{"bad encoding", args{"program": "script", "args": []string{"-c", script, "sh", "abc"}, "options": args{"encoding": 1}}, "", "bad-args"},
	{"bad input", args{"program": "script", "args": []string{"-c", script, "sh", "abc"}, "stdin": 1}, "", "bad-args"},
}

func needShell(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("needs a program to run")
	}
}

func TestNative(t *testing.T) {
	needShell(t)
	h := sdktest.New(t, sdktest.Options{Scope: sdktest.Scope{Allow: []any{
		args{"name": "script", "cmd": "sh", "args": []any{"-c", script, "sh", args{"validator": "[a-z]+"}}}, args{"program": "absent", "cmd": "/no/such/file"}, args{"topic": "shell/*"},
	}}})
	for _, s := range steps {
		var got any
		err := h.Invoke("execute", s.args, &got)
		if code := sdktest.Code(err); code != s.code || code == "" && fmt.Sprint(got) != s.want {
			t.Errorf("%s: %v, %v; want %s%s", s.name, got, err, s.want, s.code)
		}
	}
	a := args{"topic": "shell/1", "program": "script", "args": []string{"-c", script, "sh", "abc"}, "stdin": "in", "options": args{"encoding": nil}}
	if err := h.Invoke("spawn", a, nil); err != nil {
		t.Fatal(err)
	}
	events := h.Events()
	if last := events[len(events)-1]; len(events) != 3 || fmt.Sprint(last) != "{shell/1 map[event:Terminated payload:map[code:3 signal:]]}" {
		t.Errorf("events %v", events)
	}
}

func TestHost(t *testing.T) {
	needShell(t)
	h := sdktest.Open(t, host.Config{}, fmt.Sprintf(`
[[capabilities]]
identifier = "main"
windows = ["main"]
[[capabilities.permissions]]
identifier = "shell:default"
allow = [{ name = "script", cmd = "sh", args = ["-c", %q, "sh", { validator = "[a-z]+" }] }, { program = "absent", cmd = "/no/such/file" }]
[[capabilities]]
identifier = "bare"
windows = ["bare"]
permissions = ["shell:default"]
`, script), sdktest.Build(t, "guest"))
	for _, s := range steps {
		res, err := h.Invoke(t.Context(), host.Window("main"), "shell.execute", s.args)
		want := s.code
		if want != "" && want != "bad-args" {
			want = "shell." + want
		}
		if code := sdktest.Code(err); code != want || code == "" && fmt.Sprint(res.Value) != s.want {
			t.Errorf("%s: %v, %v; want %s%s", s.name, res.Value, err, s.want, s.code)
		}
	}
	a := args{"topic": "shell/1", "program": "script", "args": []string{"-c", script, "sh", "abc"}, "stdin": "in", "options": args{"encoding": nil}}
	var got []string
	ctx := host.WithChannel(t.Context(), func(_ context.Context, m host.Message) error {
		got = append(got, fmt.Sprint(m.Value()))
		return nil
	})
	if _, err := h.Invoke(ctx, host.Window("main"), "shell.spawn", a); err != nil || len(got) != 3 || got[2] != "map[event:Terminated payload:map[code:3 signal:]]" {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := h.Invoke(t.Context(), host.Window("main"), "shell.spawn", a); sdktest.Code(err) != "shell.not-heard" {
		t.Errorf("nobody listens: %v", err)
	}
	for window, code := range map[string]string{"bare": "shell.forbidden", "other": "denied"} {
		if _, err := h.Invoke(t.Context(), host.Window(window), "shell.execute", steps[0].args); sdktest.Code(err) != code {
			t.Errorf("%s: %v", window, err)
		}
	}
}
