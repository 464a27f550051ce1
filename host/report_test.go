package host_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// TestModuleImage looks at what a host says of how its modules are reset, and
// logs when it loads them.
func TestModuleImage(t *testing.T) {
	var log bytes.Buffer
	echo := wasmtest.Echo(manifest("echo", "run"))
	changes := strings.NewReplacer(`"name":"m"`, `"name":"t"`)
	dir := app(t, map[string]string{"capabilities/main.toml": strings.ReplaceAll(grantTest, "m:allow", "echo:allow")}, map[string][]byte{
		"echo": echo, "bad": []byte("x"), "t": []byte(changes.Replace(string(tableGrower()))),
	})
	h := open(t, dir, host.Config{
		Logger: hclog.New(&hclog.LoggerOptions{Output: &log, JSONFormat: true}), Reset: "copy",
		Native: []host.Native{native("native", func(context.Context, *host.NativeCall) (any, error) { return nil, nil })},
	})
	images := map[string]*host.ImageReport{}
	status := func() {
		for _, m := range h.Modules() {
			images[m.Name] = m.Image
		}
	}
	if status(); len(images) != 4 || images["bad"] != nil || images["native"] != nil {
		t.Fatalf("images %v", images)
	}
	if r := images["echo"]; r.Reset != "copy" || r.Why != "" || r.Bytes != 64<<10 || r.Waiting != 0 || r.Kept != 64<<10 || len(r.Trials) != 1 {
		t.Errorf("image %+v", r)
	}
	if r := images["t"]; r.Reset != "restart" || !strings.Contains(r.Why, "tables") || r.Bytes != 0 || r.Kept != 0 {
		t.Errorf("image %+v", r)
	}
	if _, err := h.Invoke(t.Context(), main, "echo.run", nil); err != nil {
		t.Fatal(err)
	}
	if status(); images["echo"].Waiting != 1 || images["echo"].Kept != 128<<10 {
		t.Errorf("after a call: %+v", images["echo"])
	}
	if err := h.Load(t.Context(), "echo", echo); err != nil {
		t.Fatal(err)
	}
	var loaded []string
	for _, l := range logLines(t, &log) {
		if l["@message"] != "module loaded" {
			continue
		}
		name, _ := l["module"].(string)
		loaded = append(loaded, name)
		if took, _ := l["took"].(float64); l["@level"] != "info" || took <= 0 || l["cached"] != false || l["sha256"] == "" {
			t.Errorf("logged %v", l)
		}
		switch want := images[name]; want.Reset {
		case "copy":
			if l["reset"] != "copy" || l["image"] != float64(64<<10) || l["why"] != nil {
				t.Errorf("logged %v", l)
			}
		default:
			if l["reset"] != "restart" || l["why"] != want.Why || l["image"] != nil {
				t.Errorf("logged %v", l)
			}
		}
	}
	if got := strings.Join(loaded, " "); got != "echo t echo" && got != "t echo echo" {
		t.Errorf("loaded %q", got)
	}
}
