package host_test

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// count replies {ok: local 1}, which must be less than 128.
func count() wasmtest.Code {
	return wasmtest.Code{}.I32(1024).I32(0x6b6fa281).Store32().I32(1028).Get(1).Store8().
		I32(1024).I32(5).Call(wasmtest.Reply).I32(0)
}

// growUntilRefused counts in local 1 how often memory grows by pages.
func growUntilRefused(pages int32) wasmtest.Code {
	// block loop (grow == -1) br_if 1; local 1 += 1; br 0 end end
	body := wasmtest.Code{}.I32(pages).Grow().I32(-1).Op(0x46).Op(0x0d, 1).Get(1).I32(1).Add().Set(1)
	return wasmtest.Code{}.Op(0x02, 0x40).Loop(body).Op(0x0b)
}

// tableGrower is a guest with a table of two that replies how often it could
// grow by eight.
func tableGrower() []byte {
	g := wasmtest.NewGuest()
	g.Table(2)
	body := wasmtest.Code{}.TableGrow(8).I32(-1).Op(0x46).Op(0x0d, 1).Get(1).I32(1).Add().Set(1)
	return g.Invoke(wasmtest.Code{}.Op(0x02, 0x40).Loop(body).Op(0x0b).Op(count()...)).Manifest(manifest("m", "run")).Bytes()
}

func TestMemoryLimit(t *testing.T) {
	engines(t, func(t *testing.T, c host.Config) {
		c.Limits = host.Limits{Memory: 10*65536 + 100} // rounds down to 10 pages
		h := single(t, guest(growUntilRefused(1).Op(count()...)), c)
		res, err := h.Invoke(t.Context(), main, "m.run", nil)
		if err != nil || res.Value != int64(9) { // and the page that it starts with
			t.Errorf("grew %v times, %v", res.Value, err)
		}
		c.Limits.Memory = 64 << 20
		outcome{"dies of it", guest(growUntilRefused(7).Unreachable()), authority.CodeMemoryLimit}.run(t, c)
	})
}

func TestTableLimit(t *testing.T) {
	engines(t, func(t *testing.T, c host.Config) {
		c.Limits = host.Limits{Tables: 50}
		h := single(t, tableGrower(), c)
		res, err := h.Invoke(t.Context(), main, "m.run", nil)
		if err != nil || res.Value != int64(6) {
			t.Errorf("grew %v times, %v", res.Value, err)
		}
	})
}

func TestStackLimit(t *testing.T) {
	g := wasmtest.NewGuest()
	g.Func("", "", "", wasmtest.Code{}.Call(wasmtest.ProcExit+1)) // itself
	g.Invoke(wasmtest.Code{}.Call(wasmtest.ProcExit + 1).I32(0)).Manifest(manifest("m", "run"))
	engines(t, func(t *testing.T, c host.Config) {
		outcome{"recursion", g.Bytes(), authority.CodeStackLimit}.run(t, c)
	})
}

func TestHostCallLimit(t *testing.T) {
	loop := wasmtest.Code{}.Loop(wasmtest.Code{}.I32(3).I32(0).I32(0).Call(wasmtest.Log)).I32(0)
	engines(t, func(t *testing.T, c host.Config) {
		outcome{"log", guest(loop), authority.CodeCallLimit}.run(t, host.Config{Limits: host.Limits{HostCalls: 1000}})

		g := &wasmtest.Guest{}
		yield := g.Import("wasi_snapshot_preview1", "sched_yield", "", wasmtest.I32)
		g.Memory(1)
		g.Export("memory", 2, 0)
		g.Invoke(wasmtest.Code{}.Loop(wasmtest.Code{}.Call(yield).Drop()).I32(0)).Manifest(manifest("m", "run"))
		outcome{"WASI", g.Bytes(), authority.CodeCallLimit}.run(t, host.Config{Limits: host.Limits{HostCalls: 1000}})
	})
}

// holdOn is a native module whose command "run" waits until it is let go.
func holdOn(name string) (n host.Native, began chan struct{}, letGo chan struct{}) {
	began, letGo = make(chan struct{}, 100), make(chan struct{})
	n = native(name, func(ctx context.Context, _ *host.NativeCall) (any, error) {
		began <- struct{}{}
		select {
		case <-letGo:
			return "done", nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	})
	return n, began, letGo
}

func TestConcurrencyLimits(t *testing.T) {
	for name, limits := range map[string]host.Limits{
		"per module": {Concurrent: 3},
		"in all":     {ConcurrentAll: 3},
	} {
		t.Run(name, func(t *testing.T) {
			n, began, letGo := holdOn("m")
			h := open(t, app(t, map[string]string{"capabilities/main.toml": grantTest}, nil), host.Config{Native: []host.Native{n}, Limits: limits})
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					if _, err := h.Invoke(t.Context(), main, "m.run", nil); err != nil {
						t.Error(err)
					}
				})
			}
			for range 3 {
				<-began
			}
			for range 5 { // refused calls do not count
				_, err := h.Invoke(t.Context(), main, "m.run", nil)
				wantCode(t, err, authority.CodeQuota)
			}
			close(letGo)
			wg.Wait()
			if _, err := h.Invoke(t.Context(), main, "m.run", nil); err != nil { // control
				t.Error(err)
			}
			if s := h.Stats(); s.Entered != 4 || s.Running != 0 {
				t.Errorf("stats = %+v", s)
			}
		})
	}
}

func TestCapabilityLimits(t *testing.T) {
	n, began, letGo := holdOn("m")
	h := open(t, app(t, map[string]string{"capabilities/main.toml": `
[[capabilities]]
identifier = "one-at-a-time"
windows = ["main"]
permissions = ["m:allow-run"]
limits = { concurrent = 1 }
[[capabilities]]
identifier = "few"
windows = ["other"]
permissions = ["m:allow-run"]
limits = { calls_per_second = 2 }
`}, nil), host.Config{Native: []host.Native{n}})
	done := make(chan error)
	go func() {
		_, err := h.Invoke(t.Context(), main, "m.run", nil)
		done <- err
	}()
	<-began
	_, err := h.Invoke(t.Context(), main, "m.run", nil)
	wantDenied(t, err, authority.CodeRate)
	close(letGo)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, err := h.Invoke(t.Context(), main, "m.run", nil); err != nil { // control: free again
		t.Error(err)
	}

	other := host.Window("other")
	allowed, start := 0, time.Now()
	for range 10 {
		if _, err := h.Invoke(t.Context(), other, "m.run", nil); err == nil {
			allowed++
		} else {
			wantDenied(t, err, authority.CodeRate)
		}
	}
	if most := 2 + int(2*time.Since(start).Seconds()+1); allowed < 2 || allowed > most {
		t.Errorf("%d calls allowed, want 2 to %d", allowed, most)
	}
}

func TestMemoryOfAll(t *testing.T) {
	g := wasmtest.Guest{}
	g.Memory(16)
	g.Export("memory", 2, 0)
	g.Import("ambit", "request", wasmtest.I32, "")
	g.Invoke(wasmtest.Code{}.I32(0)).Manifest(manifest("m", "run"))
	h := single(t, g.Bytes(), host.Config{Limits: host.Limits{MemoryTotal: 2 * 16 * 65536}})
	_, err := h.Invoke(t.Context(), main, "m.run", nil)
	wantCode(t, err, authority.CodeBadResult) // control: image and instance fit, and it does not reply
	h = single(t, g.Bytes(), host.Config{Limits: host.Limits{MemoryTotal: 2*16*65536 - 1}})
	_, err = h.Invoke(t.Context(), main, "m.run", nil)
	wantCode(t, err, authority.CodeQuota)
	h = single(t, g.Bytes(), host.Config{Limits: host.Limits{MemoryTotal: 16*65536 - 1}})
	if r := h.Modules()[0].Refused; r == nil || r.Code != authority.CodeQuota {
		t.Errorf("refused = %v", r)
	}
}

// TestMemoryLimitOfAnySize: no limit is too large for the system.
func TestMemoryLimitOfAnySize(t *testing.T) {
	for _, reset := range host.ResetStrategies() {
		for _, limit := range []int64{4 << 30, 1 << 46, math.MaxInt64} {
			h := single(t, ok(1), host.Config{Reset: reset, Limits: host.Limits{Memory: limit, MemoryTotal: limit}})
			if res, err := h.Invoke(t.Context(), main, "m.run", nil); err != nil || res.Value != int64(1) {
				t.Errorf("%s, %d bytes: %v, %v", reset, limit, res.Value, err)
			}
		}
	}
}

// logLines are what a JSON logger wrote.
func logLines(t *testing.T, b *bytes.Buffer) (lines []map[string]any) {
	t.Helper()
	for line := range bytes.Lines(b.Bytes()) {
		var m map[string]any
		if err := json.Unmarshal(line, &m); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		lines = append(lines, m)
	}
	return lines
}

func TestGuestLog(t *testing.T) {
	write := wasmtest.Guest{}
	write.Import("ambit", "request", wasmtest.I32, "")
	write.Import("ambit", "reply", wasmtest.I32+wasmtest.I32, "")
	write.Import("ambit", "result", wasmtest.I32, "")
	write.Import("ambit", "log", wasmtest.I32+wasmtest.I32+wasmtest.I32, "")
	fdWrite := write.Import("wasi_snapshot_preview1", "fd_write", wasmtest.I32+wasmtest.I32+wasmtest.I32+wasmtest.I32, wasmtest.I32)
	write.Memory(2)
	write.Export("memory", 2, 0)
	const hostile = "a\n{\"@level\":\"error\"}\x1b]52;\r\u202e\x00\xff"
	write.Data(100, []byte(hostile))
	write.Data(200, []byte("one\ntwo\nthr"))
	write.Data(300, []byte{200, 0, 0, 0, 11, 0, 0, 0}) // an iovec
	write.Data(1000, []byte("\x81\xa2ok\xc0"))
	print := func(fd int32) wasmtest.Code {
		return wasmtest.Code{}.I32(fd).I32(300).I32(1).I32(400).Call(fdWrite).Drop()
	}
	body := wasmtest.Code{}.I32(4).I32(100).I32(int32(len(hostile))).Call(wasmtest.Log).
		I32(99).I32(100).I32(1).Call(wasmtest.Log).
		Op(print(1)...).Op(print(2)...).
		I32(3).I32(2000).I32(maxLine + 5).Call(wasmtest.Log).
		Op(wasmtest.ReplyCode(1000, 5)...)
	write.Data(2000, bytes.Repeat([]byte("x"), maxLine+5))
	write.Invoke(body).Manifest(manifest("m", "run"))

	var out bytes.Buffer
	logger := hclog.New(&hclog.LoggerOptions{Output: &out, JSONFormat: true, Level: hclog.Trace})
	h := single(t, write.Bytes(), host.Config{Logger: logger})
	if _, err := h.Invoke(t.Context(), main, "m.run", nil); err != nil {
		t.Fatal(err)
	}
	var got [][3]string
	for _, l := range logLines(t, &out) {
		if l["@message"] == "guest output" {
			if l["@module"] != "host.module.m" || !strings.HasSuffix(l["call"].(string), "-1") {
				t.Errorf("logged as %v", l)
			}
			got = append(got, [3]string{l["@level"].(string), l["stream"].(string), l["text"].(string)})
		}
	}
	want := [][3]string{
		{"warn", "log", `a\n{"@level":"error"}\x1b]52;\r\u202e\x00\xff`},
		{"info", "log", "a"}, // a level that does not exist
		{"info", "stdout", "one"}, {"info", "stdout", "two"},
		{"warn", "stderr", "one"}, {"warn", "stderr", "two"},
		{"info", "log", strings.Repeat("x", maxLine) + "… (5 bytes more)"},
		{"info", "stdout", "thr"}, {"warn", "stderr", "thr"},
	}
	if len(got) != len(want) {
		t.Fatalf("%d lines logged: %q", len(got), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("line %d\n got %q\nwant %q", i, got[i], want[i])
		}
	}
}

const maxLine = host.MaxLogLine

func TestGuestLogLimits(t *testing.T) {
	for name, c := range map[string]struct {
		length int32
		lines  int
	}{
		"bytes": {1000, 10},
		"lines": {1, host.MaxLogLines},
	} {
		t.Run(name, func(t *testing.T) {
			loop := wasmtest.Code{}.Loop(wasmtest.Code{}.I32(3).I32(0).I32(c.length).Call(wasmtest.Log)).I32(0)
			var out bytes.Buffer
			logger := hclog.New(&hclog.LoggerOptions{Output: &out, JSONFormat: true})
			h := single(t, guest(loop), host.Config{Logger: logger, Limits: host.Limits{Log: 10_000, HostCalls: 5000}})
			_, err := h.Invoke(t.Context(), main, "m.run", nil)
			wantCode(t, err, authority.CodeCallLimit)
			lines, cut := 0, 0
			for _, l := range logLines(t, &out) {
				switch l["@message"] {
				case "guest output":
					lines++
				case "guest output cut off":
					cut++
				}
			}
			if lines != c.lines || cut != 1 {
				t.Errorf("%d lines, cut off %d times", lines, cut)
			}
		})
	}
}
