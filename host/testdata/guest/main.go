// Command guest is a module for the tests of package host: real Go, built with
// the SDK.
package main

import (
	"errors"
	"io"
	"os"
	"strings"

	"github.com/ambit-wasm/ambit/sdk"
)

type none struct{}

type file struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

type topic struct {
	Topic string `json:"topic"`
}

var (
	calls int
	held  *os.File
)

func init() {
	sdk.Handle("count", func(*sdk.Call, none) (int, error) {
		calls++
		return calls, nil
	})
	sdk.Handle("shout", func(c *sdk.Call, a file) (map[string]string, error) {
		sdk.Log(sdk.LevelWarn, "shouting")
		return map[string]string{"text": strings.ToUpper(a.Text), "window": c.Caller.Window}, nil
	})
	sdk.Handle("about", func(c *sdk.Call, a topic) (bool, error) {
		s, err := sdk.Scope[topic](c)
		return s.Matches(func(t topic) bool { return t.Topic == a.Topic }), err
	})
	sdk.Handle("read", func(_ *sdk.Call, a file) (string, error) {
		b, err := os.ReadFile(a.Path)
		return string(b), err
	})
	sdk.Handle("write", func(_ *sdk.Call, a file) (none, error) {
		return none{}, os.WriteFile(a.Path, []byte(a.Text), 0o644)
	})
	sdk.Handle("read_and_write", func(_ *sdk.Call, a file) (none, error) {
		return none{}, os.WriteFile(a.Path, []byte(a.Text), 0o644) // with fs.read only
	})
	sdk.Handle("hold", func(_ *sdk.Call, a file) (_ none, err error) {
		held, err = os.Open(a.Path)
		return none{}, err
	})
	sdk.Handle("held", func(_ *sdk.Call, a file) (string, error) {
		f, err := os.Open(a.Path) // that would have the number of the other, if it were given again
		if err != nil {
			return "", err
		}
		defer f.Close()
		b, err := io.ReadAll(held)
		return string(b), err
	})
	sdk.Handle("fail", func(*sdk.Call, none) (none, error) {
		return none{}, &sdk.Error{Code: "no-luck", Message: "not today", Data: []string{"a"}}
	})
	sdk.Handle("panic", func(*sdk.Call, none) (none, error) { panic(errors.New("at the disco")) })
	sdk.Handle("exit", func(*sdk.Call, none) (none, error) { os.Exit(0); return none{}, nil })
	sdk.Handle("loop", func(*sdk.Call, none) (none, error) {
		for {
			calls++
		}
	})
	sdk.Handle("hog", func(*sdk.Call, none) (int, error) {
		var all [][]byte
		for {
			all = append(all, make([]byte, 1<<20))
		}
	})
}

func main() {}
