package host_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/hashicorp/go-hclog"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

func TestAudit(t *testing.T) {
	var sink host.MemorySink
	h := single(t, wasmtest.Echo(manifest("m", "run", "other")), host.Config{Audit: &sink})
	before := time.Now()
	res, err := h.Invoke(t.Context(), main, "m.run", map[string]any{"secret": "canary-77"})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = h.Invoke(t.Context(), host.WindowOf("main", "frame"), "m.other", nil)
	remote := host.Remote("main", "https://a.example/page")
	_, _ = h.Invoke(t.Context(), remote, "m.run", nil)
	_, _ = h.Invoke(t.Context(), main, "m.run", func() {})
	_, _ = h.InvokeRaw(t.Context(), main, "x\n\x1b[31m\u202e.y", nil, nil)

	records := sink.Records()
	if len(records) != 5 {
		t.Fatalf("%d records", len(records))
	}
	r := records[0]
	if r.Decision != "allow" || r.Code != authority.CodeAllowed || r.Command != "m.run" || r.Caller.Window != "main" || r.Caller.Origin != "local" ||
		r.Policy != h.Live().Authority().Digest() || r.BytesIn != len("\x81\xa6secret\xa9canary-77") || r.BytesOut != len(res.Raw()) ||
		r.HostCalls != 2 || r.Time.Before(before) || r.Duration <= 0 || r.Detail != "" {
		t.Errorf("record %+v", r)
	}
	if !slices.Equal(r.Rules, []host.RecordRule{{Capability: "main", Permission: "m:allow-run", Source: "capabilities/main.toml:4:16"}}) {
		t.Errorf("rules %+v", r.Rules)
	}
	if r := records[1]; r.Decision != "deny" || r.Code != authority.CodeNotGranted || r.Caller.Webview != "frame" || r.Rules == nil ||
		r.HostCalls != 0 || !strings.Contains(r.Detail, "m.other") {
		t.Errorf("record %+v", r)
	}
	if r := records[2]; r.Code != authority.CodeOriginMismatch || r.Caller.Origin != "https://a.example/page" {
		t.Errorf("record %+v", r)
	}
	if r := records[3]; r.Decision != "allow" || r.Code != authority.CodeBadArgs || r.Detail == "" {
		t.Errorf("record %+v", r)
	}
	if r := records[4]; r.Decision != "deny" || r.Code != authority.CodeUnknownModule || r.Command != `x\n\x1b[31m\u202e.y` {
		t.Errorf("record %+v", r)
	}
	ids := map[string]bool{}
	for _, r := range records {
		ids[r.ID] = true
		b, err := json.Marshal(r)
		if err != nil || bytes.Contains(b, []byte("canary-77")) {
			t.Errorf("record %s, %v", b, err)
		}
	}
	if len(ids) != len(records) {
		t.Errorf("ids %v", ids)
	}
}

// TestJSONLines writes records of many calls at once, with hostile names.
func TestJSONLines(t *testing.T) {
	var out bytes.Buffer
	h := single(t, wasmtest.Echo(manifest("m", "run")), host.Config{Audit: host.JSONLines(&out)})
	callers := []authority.Caller{main, host.Window("a\nb\x1b\u202e\u2028\x7f\u0085\U000e0001"), host.Remote("\xff", "not a url\n"), {}}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 25 {
				_, _ = h.Invoke(t.Context(), callers[i%len(callers)], []string{"m.run", "m.\u0430", "<&>"}[i%3], nil)
			}
		})
	}
	wg.Wait()
	n := 0
	for line := range bytes.Lines(out.Bytes()) {
		var r host.Record
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if r.ID == "" || r.Code == "" || r.Rules == nil {
			t.Errorf("record %+v", r)
		}
		if i := bytes.IndexFunc(bytes.TrimSuffix(line, []byte("\n")), func(c rune) bool { return !unicode.IsPrint(c) }); i >= 0 {
			t.Fatalf("byte %d of %q does not print", i, line)
		}
		n++
	}
	if n != 100 {
		t.Errorf("%d lines", n)
	}
}

// TestRecordStats: records say what calls used, and 0 for what they did not come
// to.
func TestRecordStats(t *testing.T) {
	const text = "0123456789"
	g := wasmtest.NewGuest()
	g.Data(100, []byte(text))
	g.Invoke(wasmtest.Code{}.I32(1).I32(100).I32(int32(len(text))).Call(wasmtest.Log).Op(wasmtest.EchoCode()...)).Manifest(manifest("m", "run", "other"))
	trap := wasmtest.NewGuest().Invoke(wasmtest.Code{}.I32(1).I32(0).I32(3).Call(wasmtest.Log).Unreachable()).Manifest(manifest("m", "run", "other"))
	var out bytes.Buffer
	for _, bin := range [][]byte{g.Bytes(), trap.Bytes()} {
		h := single(t, bin, host.Config{Audit: host.JSONLines(&out)})
		_, _ = h.Invoke(t.Context(), main, "m.run", nil)
		_, _ = h.Invoke(t.Context(), main, "m.other", nil)
	}
	records := logLines(t, &out)
	if len(records) != 4 {
		t.Fatalf("%d records", len(records))
	}
	type used struct{ cpu, memory, in, out, calls, logged bool }
	want := []struct {
		code   authority.Code
		used   used
		logged float64
	}{
		{authority.CodeAllowed, used{true, true, true, true, true, true}, 10},
		{authority.CodeNotGranted, used{}, 0},
		{authority.CodeGuestError, used{true, true, true, false, true, true}, 3},
		{authority.CodeNotGranted, used{}, 0},
	}
	for i, r := range records {
		n := map[string]float64{}
		for _, key := range []string{"duration_ns", "cpu", "memory", "bytes_in", "bytes_out", "host_calls", "logged"} {
			var is bool
			if n[key], is = r[key].(float64); !is {
				t.Errorf("record %d: no number %q in %v", i, key, r)
			}
		}
		got := used{n["cpu"] > 0, n["memory"] == 64<<10, n["bytes_in"] > 0, n["bytes_out"] > 0, n["host_calls"] > 0, n["logged"] > 0}
		if r["code"] != string(want[i].code) || got != want[i].used || n["logged"] != want[i].logged || n["duration_ns"] <= 0 {
			t.Errorf("record %d: %v", i, r)
		}
	}
}

type brokenSink struct{}

func (brokenSink) Audit(host.Event) error { return errors.New("disk full") }

func TestAuditFails(t *testing.T) {
	var out bytes.Buffer
	h := single(t, wasmtest.Echo(manifest("m", "run")), host.Config{Audit: brokenSink{}, Logger: hclog.New(&hclog.LoggerOptions{Output: &out, JSONFormat: true})})
	if _, err := h.Invoke(t.Context(), main, "m.run", nil); err != nil {
		t.Errorf("the call: %v", err)
	}
	if !strings.Contains(out.String(), "audit record not written") {
		t.Errorf("log: %s", out.String())
	}
}

// TestAuditObserved: records say what capabilities that only observe would
// have changed, and nothing of them is in force.
func TestAuditObserved(t *testing.T) {
	var sink host.MemorySink
	trial := `
identifier = "trial"
mode = "observe"
windows = ["main", "other"]
permissions = ["m:deny-run", "m:allow-other"]
`
	files := map[string]string{"capabilities/main.toml": grantTest, "capabilities/trial.toml": trial}
	bin := wasmtest.Echo(manifest("m", "run", "other"))
	h := open(t, app(t, files, map[string][]byte{"m": bin}), host.Config{Audit: &sink})
	if _, err := h.Invoke(t.Context(), main, "m.run", nil); err != nil {
		t.Error(err)
	}
	_, err := h.Invoke(t.Context(), host.Window("other"), "m.other", nil)
	wantDenied(t, err, authority.CodeNotGranted)
	_, err = h.Invoke(t.Context(), host.Window("third"), "m.run", nil) // control: it is not for them
	wantDenied(t, err, authority.CodeWindowMismatch)

	want := []*host.RecordEffect{
		{Code: authority.CodeDeniedByRule, Rules: []host.RecordRule{{Capability: "trial", Permission: "m:deny-run", Source: "capabilities/trial.toml:5:16"}}, Powers: []authority.Power{}},
		{Code: authority.CodeAllowed, Rules: []host.RecordRule{{Capability: "trial", Permission: "m:allow-other", Source: "capabilities/trial.toml:5:30"}}, Powers: []authority.Power{}},
		nil,
	}
	for i, r := range sink.Records() {
		if !reflect.DeepEqual(r.Observed, want[i]) {
			t.Errorf("record %d: %+v", i, r.Observed)
		}
	}
}

// shortWriter writes half of a line where the disk is full, and all of others.
type shortWriter struct {
	bytes.Buffer
	full map[int]bool // by the number of the write
	n    int
	err  error
}

func (w *shortWriter) Write(p []byte) (int, error) {
	w.n++
	if !w.full[w.n] {
		return w.Buffer.Write(p)
	}
	n, _ := w.Buffer.Write(p[:len(p)/2])
	return n, w.err
}

// TestJSONLinesTorn: a record that is cut off costs itself, not the next one.
func TestJSONLinesTorn(t *testing.T) {
	for _, failure := range []error{errors.New("no space left on device"), nil} { // nil: a writer that does not say so
		w := &shortWriter{full: map[int]bool{2: true, 3: true}, err: failure}
		sink := host.JSONLines(w)
		for i := range 5 {
			if err := sink.Audit(host.Event{}); (err != nil) != w.full[i+1] {
				t.Errorf("write %d: %v", i+1, err)
			}
		}
		whole := 0
		for line := range strings.Lines(w.String()) {
			if json.Valid([]byte(line)) {
				whole++
			}
		}
		if whole != 3 {
			t.Errorf("%d records are whole, want 3:\n%s", whole, w)
		}
	}
}
