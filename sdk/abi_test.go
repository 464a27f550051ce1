//go:build !wasip1

package sdk_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/sdk"
	"github.com/ambit-wasm/ambit/sdk/wire"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// instance is a guest with the smallest host that ABI 1 needs.
type instance struct {
	t      testing.TB
	module api.Module
	invoke api.Function

	request []byte
	reply   []byte
	replies int
	logs    []string
	calls   int // of host functions
}

// run instantiates a guest and initializes it as a host does.
func run(t testing.TB, file string, config wazero.RuntimeConfig, warm bool) *instance {
	t.Helper()
	binary, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	r := wazero.NewRuntimeWithConfig(ctx, config)
	t.Cleanup(func() { _ = r.Close(context.Background()) })
	wasi_snapshot_preview1.MustInstantiate(ctx, r)
	in := &instance{t: t}
	i32 := api.ValueTypeI32
	_, err = r.NewHostModuleBuilder("ambit").
		NewFunctionBuilder().WithGoModuleFunction(in.host(in.onRequest), []api.ValueType{i32}, nil).Export("request").
		NewFunctionBuilder().WithGoModuleFunction(in.host(in.onReply), []api.ValueType{i32, i32}, nil).Export("reply").
		NewFunctionBuilder().WithGoModuleFunction(in.host(in.onLog), []api.ValueType{i32, i32, i32}, nil).Export("log").
		Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	in.module, err = r.InstantiateWithConfig(ctx, binary, wazero.NewModuleConfig().WithName("").WithStartFunctions().
		WithStderr(&out).WithSysNanotime().WithSysWalltime().
		WithFSConfig(wazero.NewFSConfig().WithReadOnlyDirMount(t.TempDir(), "/")))
	if err != nil {
		t.Fatal(err)
	}
	start := []string{"_initialize", "ambit_warm"}
	if !warm {
		start = start[:1]
	}
	for _, export := range start {
		if _, err := in.module.ExportedFunction(export).Call(ctx); err != nil {
			t.Fatalf("%s: %v\n%s", export, err, out.String())
		}
	}
	if in.calls != 0 {
		t.Errorf("%d calls of the host before the first request", in.calls)
	}
	in.invoke = in.module.ExportedFunction("ambit_invoke")
	return in
}

// host makes a host function of f. The upper half of an i32 is garbage.
func (in *instance) host(f func(m api.Memory, level, p, n uint32)) api.GoModuleFunc {
	return func(_ context.Context, m api.Module, stack []uint64) {
		in.calls++
		switch len(stack) {
		case 1:
			f(m.Memory(), 0, uint32(stack[0]), 0)
		case 2:
			f(m.Memory(), 0, uint32(stack[0]), uint32(stack[1]))
		case 3:
			f(m.Memory(), uint32(stack[0]), uint32(stack[1]), uint32(stack[2]))
		}
	}
}

func (in *instance) onRequest(m api.Memory, _, p, _ uint32) {
	if !m.Write(p, in.request) {
		panic("request: out of bounds")
	}
}

func (in *instance) onReply(m api.Memory, _, p, n uint32) {
	in.replies++
	b, ok := m.Read(p, n)
	if !ok {
		panic("reply: out of bounds")
	}
	in.reply = append(in.reply[:0], b...)
}

func (in *instance) onLog(m api.Memory, level, p, n uint32) {
	b, ok := m.Read(p, n)
	if !ok || level != uint32(wire.LevelWarn) && level != uint32(wire.LevelError) {
		panic("log: out of bounds")
	}
	in.logs = append(in.logs, string(b))
}

// call sends a request and returns the reply.
func (in *instance) call(command string, args any) wire.Reply {
	in.t.Helper()
	encoded, err := wire.AppendAny(nil, args)
	if err != nil {
		in.t.Fatal(err)
	}
	in.request = wire.AppendRequest(nil, &wire.Request{V: wire.Version, Command: command, Args: encoded, Seed: [16]byte{1}})
	in.replies = 0
	status, err := in.invoke.Call(in.t.Context(), uint64(len(in.request)))
	if err != nil || uint32(status[0]) != 0 || in.replies != 1 {
		in.t.Fatalf("%s: status %v, %d replies, %v", command, status, in.replies, err)
	}
	reply, err := wire.ParseReply(in.reply, wire.Limits{Bytes: 64 << 20})
	if err != nil {
		in.t.Fatalf("%s: %v", command, err)
	}
	return reply
}

// ok is call for a success, and returns the value.
func (in *instance) ok(command string, args any) any {
	in.t.Helper()
	reply := in.call(command, args)
	if reply.Err != nil {
		in.t.Fatalf("%s: %s: %s", command, reply.Err.Code, reply.Err.Message)
	}
	return wire.NewDec(reply.OK).Any()
}

func TestABI(t *testing.T) {
	in := run(t, buildGuest(t, "testdata/probe"), wazero.NewRuntimeConfigInterpreter(), true)

	for _, n := range []int{0, 1, 100, 8 << 10, 64 << 10, 3 << 20, 10} {
		if s := strings.Repeat("x", n); in.ok("echo", s) != s {
			t.Errorf("a string of %d bytes does not come back", n)
		}
	}

	// An element of 200 bytes and more, so that the map holds it by pointer.
	notes := map[string]any{}
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"} {
		notes[name] = map[string]any{"title": name, "big": bytes.Repeat([]byte(name), 200), "tags": map[string]any{"k": name}}
	}
	if got := in.ok("notes", notes); !bytes.Equal(mustEncode(t, got), mustEncode(t, notes)) {
		t.Errorf("a map of structs came back as %v", got)
	}
	if got := in.ok("any", notes); !bytes.Equal(mustEncode(t, got), mustEncode(t, notes)) {
		t.Errorf("as any it came back as %v", got)
	}

	// Where an instance serves two calls, the second must not change what the
	// first has kept.
	in.ok("keep", "first")
	if got := in.ok("keep", "other"); got != "first" {
		t.Errorf("the second call finds %q", got)
	}

	if got := len(in.ok("large", 2<<20).([]byte)); got != 2<<20 {
		t.Errorf("%d bytes", got)
	}
	if a, b := in.ok("random", nil), in.ok("random", nil); a != b {
		t.Errorf("one seed, two numbers: %v, %v", a, b)
	}
}

func TestABIErrors(t *testing.T) {
	in := run(t, buildGuest(t, "testdata/probe"), wazero.NewRuntimeConfigInterpreter(), true)
	for _, tt := range []struct {
		command string
		args    any
		code    string
		message string
	}{
		{"panic", []int{1}, "guest-error", "panic: runtime error: index out of range [7] with length 1"},
		{"echo", 1, "bad-args", "expected a string, found an integer (byte 0)"},
		{"open", "/none", "not-found", "open /none: No such file or directory"},
		{"none", nil, "guest-error", "the module has no command none"},
	} {
		reply := in.call(tt.command, tt.args)
		if reply.Err == nil || reply.Err.Code != tt.code || reply.Err.Message != tt.message {
			t.Errorf("%s: %+v, want %s: %s", tt.command, reply.Err, tt.code, tt.message)
		}
	}
	if len(in.logs) != 1 || !strings.Contains(in.logs[0], "main.go") {
		t.Errorf("the stack of the panic is not in the log: %q", in.logs)
	}
	in.ok("log", "after errors")
	if len(in.logs) != 2 || in.logs[1] != "after errors" {
		t.Errorf("log %q", in.logs)
	}
	for _, n := range []uint64{0, 1<<32 - 1} {
		in.replies = 0
		if status, err := in.invoke.Call(t.Context(), n); err != nil || uint32(status[0]) == 0 || in.replies != 0 {
			t.Errorf("a request of %d bytes: status %v, %d replies, %v", n, status, in.replies, err)
		}
	}
}

// An instance whose memory has grown cannot be reset, so ambit_warm reserves
// enough for calls that allocate a few MiB.
func TestWarmStopsGrowth(t *testing.T) {
	file := buildGuest(t, "testdata/probe")
	for _, warm := range []bool{true, false} {
		in := run(t, file, wazero.NewRuntimeConfigInterpreter(), warm)
		before := in.module.Memory().Size()
		for range 20 {
			in.ok("churn", 64) // 2 MiB
		}
		if grew := in.module.Memory().Size() > before; grew == warm {
			t.Errorf("warm %v: memory went from %d to %d KiB", warm, before>>10, in.module.Memory().Size()>>10)
		}
	}
}

// BenchmarkGuest is a call of the echo guest, warm and without any reset,
// beside the raw call of an exported function.
func BenchmarkGuest(b *testing.B) {
	in := run(b, buildGuest(b, "testdata/echo"), wazero.NewRuntimeConfigCompiler(), true)
	args := map[string]any{"text": strings.Repeat("x", 64), "n": 3, "tags": []string{"a", "b"}}
	in.ok("echo", args) // leaves the request
	ctx, stack := b.Context(), make([]uint64, 1)
	for name, n := range map[string]int{"echo": len(in.request), "raw call": 0} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				stack[0] = uint64(n)
				if err := in.invoke.CallWithStack(ctx, stack); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDispatch is the same without WebAssembly.
func BenchmarkDispatch(b *testing.B) {
	request := wire.AppendRequest(nil, &wire.Request{
		V: wire.Version, Command: "echo", Caller: wire.Caller{Window: "main", Webview: "main", Origin: "local"},
		Args: mustEncode(b, args{Text: strings.Repeat("x", 64), N: 3, Tags: []string{"a", "b"}}),
	})
	b.ReportAllocs()
	for b.Loop() {
		sdk.Dispatch(request)
	}
}

func mustEncode(t testing.TB, v any) []byte {
	t.Helper()
	b, err := wire.AppendAny(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
