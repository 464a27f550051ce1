// Probe is a guest whose commands test the SDK inside WebAssembly.
package main

import (
	"os"
	"time"

	"github.com/ambit-wasm/ambit/sdk"
)

type note struct {
	Title string            `json:"title"`
	Big   [200]byte         `json:"big"`
	Tags  map[string]string `json:"tags"`
}

// garbage makes an allocation escape.
var garbage []byte

// kept is what the last call of "keep" was given.
var kept string

func init() {
	sdk.Log(sdk.LevelInfo, "must not be heard: there is no call")
	sdk.Handle("echo", func(_ *sdk.Call, a string) (string, error) { return a, nil })
	sdk.Handle("notes", func(_ *sdk.Call, a map[string]note) (map[string]note, error) { return a, nil })
	sdk.Handle("any", func(_ *sdk.Call, a any) (any, error) { return a, nil })
	sdk.Handle("keep", func(_ *sdk.Call, a string) (string, error) {
		before := kept
		kept = a
		return before, nil
	})
	sdk.Handle("churn", func(_ *sdk.Call, a int) (int, error) {
		for range a {
			garbage = make([]byte, 32<<10)
		}
		return len(garbage), nil
	})
	sdk.Handle("sleep", func(_ *sdk.Call, ms int) (any, error) {
		time.Sleep(time.Duration(ms) * time.Millisecond)
		return nil, nil
	})
	sdk.Handle("large", func(_ *sdk.Call, a int) ([]byte, error) { return make([]byte, a), nil })
	sdk.Handle("panic", func(_ *sdk.Call, a []int) (int, error) { return a[7], nil })
	sdk.Handle("log", func(_ *sdk.Call, a string) (any, error) {
		sdk.Log(sdk.LevelWarn, a)
		return nil, nil
	})
	sdk.Handle("open", func(_ *sdk.Call, a string) (any, error) {
		_, err := os.Open(a)
		return nil, err
	})
	sdk.Handle("random", func(c *sdk.Call, _ struct{}) (uint64, error) { return sdk.Rand(c).Uint64(), nil })
}

func main() { panic("a guest's main does not run") }
