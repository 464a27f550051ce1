//go:build !wasip1

package sdktest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/sdk/wire"
	"github.com/hashicorp/go-hclog"
)

// guest is a module in a real host.
type guest struct {
	host   *host.Host
	module string
	caller authority.Caller
}

// NewGuest is [New] for the module whose main package is in dir: it is built, as
// [Build] does, and runs in a sandbox of a real host, with fresh state for each
// call, its limits, and the files of [Options].Dirs. So a test can be written
// once and run both ways. The caller must be local. There is no Invoke, no Global
// and no Seed.
func NewGuest(t testing.TB, dir string, o Options) *Host {
	t.Helper()
	bin := Build(t, dir)
	h := New(t, o)
	if o.Invoke != nil || len(o.Global.Allow)+len(o.Global.Deny) > 0 || h.req.Caller.Origin != "local" {
		t.Fatal("sdktest: NewGuest takes a local caller, and neither Invoke nor Global")
	}
	info, err := host.Inspect(dir, bin, host.Limits{})
	if err != nil {
		t.Fatalf("sdktest: %v", err)
	}
	c := host.Config{HTTP: o.HTTP, Secrets: secrets(o.Secrets), Env: []string{}, Logger: h.logger()}
	for name, value := range o.Env {
		c.Env = append(c.Env, name+"="+value)
	}
	g := &guest{module: info.Manifest.Name, caller: host.WindowOf(h.req.Caller.Window, h.req.Caller.Webview)}
	g.host = open(t, c, o.Dirs, policy(t, info.Manifest, h.req.Caller.Window, o.Scope), bin)
	h.guest = g
	return h
}

// policy are the files that let a window call all commands, within the scope. They
// name a permission of the app, since those of the module may have a scope of
// their own.
func policy(t testing.TB, m authority.Manifest, window string, s Scope) map[string][]byte {
	t.Helper()
	const all = "sdktest-all"
	type list = []any
	type table = map[string]any
	var commands list
	for _, c := range m.Commands {
		commands = append(commands, c.Name)
	}
	files := make(map[string][]byte)
	for name, content := range map[string]table{
		"permissions/" + m.Name + "/test.json": {"permission": list{table{"identifier": all, "commands": table{"allow": commands}}}},
		"capabilities/test.json": {"identifier": "test", "windows": list{window}, "permissions": list{
			table{"identifier": m.Name + ":" + all, "allow": append(list{}, s.Allow...), "deny": append(list{}, s.Deny...)},
		}},
	} {
		var err error
		if files[name], err = json.Marshal(content); err != nil {
			t.Fatalf("sdktest: scope: %v", err)
		}
	}
	return files
}

// invoke calls a command. Its own codes come without the module's name, as
// natively.
func (g *guest) invoke(h *Host, command string, args wire.Raw) wire.Reply {
	h.t.Helper()
	ctx := host.WithChannel(h.t.Context(), func(_ context.Context, m host.Message) error {
		h.events = append(h.events, Event{Topic: m.Topic, Payload: m.Value()})
		return nil
	})
	if d := h.options.Deadline; d > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d)
		defer cancel()
	}
	result, err := g.host.InvokeRaw(ctx, g.caller, g.module+"."+command, args, nil)
	if err == nil {
		return wire.Reply{OK: result}
	}
	body := &wire.ErrorBody{Code: Code(err), Message: err.Error()}
	if e, ok := errors.AsType[*host.Error](err); ok {
		body.Code, body.Message = strings.TrimPrefix(string(e.Code), g.module+"."), e.Message
		if body.Data, err = wire.AppendAny(nil, e.Data); err != nil || e.Data == nil {
			body.Data = nil
		}
	}
	return wire.Reply{Err: body}
}

// logger keeps what the module logs.
func (h *Host) logger() hclog.Logger {
	log := hclog.NewInterceptLogger(&hclog.LoggerOptions{Level: hclog.Off})
	log.RegisterSink((*logSink)(h))
	return log
}

type logSink Host

// Accept takes a line of the host's log, whose levels are numbered as the SDK's.
func (s *logSink) Accept(name string, level hclog.Level, _ string, args ...any) {
	if !strings.HasPrefix(name, "host.module.") {
		return
	}
	for i := 0; i+1 < len(args); i += 2 {
		if text, ok := args[i+1].(string); ok && args[i] == "text" {
			running.Lock()
			s.logs = append(s.logs, Line{Level: wire.Level(level), Text: text})
			running.Unlock()
		}
	}
}
