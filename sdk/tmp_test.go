package sdk_test
import ("testing";"github.com/tetratelabs/wazero";"strings";"os";"github.com/ambit-wasm/ambit/sdk/wire")
func BenchmarkTmp(b *testing.B) {
	for _, f := range strings.Split(os.Getenv("GUESTS"), ",") {
	in := run2(b, f)
	args := map[string]any{"text": strings.Repeat("x", 64), "n": 3, "tags": []string{"a", "b"}}
	m := map[string]any{"command":"echo","args":args,"scope": map[string]any{"allow":[]any{},"deny":[]any{}}, "caller": map[string]any{"window":"main","webview":"main","origin":"local","chain":[]any{}}, "id":7, "deadline":5000}
	m["v"]=1
	in.request,_ = wire.AppendAny(nil,m)
	ctx, stack := b.Context(), make([]uint64, 1)
	b.Run(f, func(b *testing.B) {
			for b.Loop() {
				stack[0] = uint64(len(in.request))
				if err := in.invoke.CallWithStack(ctx, stack); err != nil { b.Fatal(err) }
			}
			if n := strings.Count(string(in.reply),"err"); n>0 { b.Fatal(string(in.reply))}
	})
	}
}
func run2(b *testing.B, f string) *instance { return run(b, f, wazero.NewRuntimeConfigCompiler(), false) }
