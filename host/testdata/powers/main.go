// Command powers is a module for the tests of package host: a Go guest that uses
// the powers of the host through the SDK.
package main

import (
	"errors"
	"io"
	"io/fs"
	"strings"

	"github.com/ambit-wasm/ambit/sdk"
	"github.com/ambit-wasm/ambit/sdk/exec"
	"github.com/ambit-wasm/ambit/sdk/kv"
)

type relayArgs struct {
	Command string `json:"command"`
	Args    any    `json:"args"`
}

type emitArgs struct {
	Topic string `json:"topic"`
	Count int    `json:"count"`
	Size  int    `json:"size"`
}

func init() {
	sdk.Handle("env", func(_ *sdk.Call, name string) (any, error) {
		value, ok, err := sdk.Env(name)
		if err != nil || !ok {
			return nil, err
		}
		return value, nil
	})
	sdk.Handle("denied", func(_ *sdk.Call, name string) (bool, error) {
		_, _, err := sdk.Env(name)
		return errors.Is(err, sdk.ErrDenied) && errors.Is(err, fs.ErrPermission), nil
	})
	for _, name := range []string{"relay", "relay_briefly", "relay_bare"} { // which differ in their manifest
		sdk.Handle(name, relay)
	}
	sdk.Handle("who", func(c *sdk.Call, _ any) (sdk.Caller, error) { return c.Caller, nil })
	sdk.Handle("spin", func(_ *sdk.Call, _ any) (any, error) {
		for spinning := 0; ; spinning++ {
			if spinning < 0 {
				return nil, nil
			}
		}
	})
	sdk.Handle("fail", func(*sdk.Call, any) (any, error) {
		return nil, &sdk.Error{Code: "broken", Message: "no", Data: 7}
	})
	sdk.Handle("scope", func(c *sdk.Call, _ any) (int, error) {
		s, err := sdk.Scope[map[string]any](c)
		return len(s.Allow), err
	})
	sdk.Handle("get", func(_ *sdk.Call, key string) (string, error) {
		value, _, err := kv.Get(key)
		return string(value), err
	})
	sdk.Handle("set", func(_ *sdk.Call, key string) (any, error) { return nil, kv.Set(key, []byte("value")) })
	sdk.Handle("list", func(_ *sdk.Call, prefix string) (keys []string, _ error) {
		for e, err := range kv.List(prefix) {
			if err != nil {
				return nil, err
			}
			keys = append(keys, e.Key+"="+string(e.Value))
		}
		return keys, nil
	})
	sdk.Handle("fetch", func(_ *sdk.Call, url string) (string, error) {
		resp, err := sdk.Fetch(&sdk.Request{URL: url})
		if err != nil {
			return "", err
		}
		body, err := io.ReadAll(resp)
		return string(body), err
	})
	sdk.Handle("upload", func(_ *sdk.Call, url string) (any, error) {
		u, err := sdk.StartFetch(&sdk.Request{Method: "POST", URL: url})
		for err == nil {
			_, err = u.Write(make([]byte, 1<<16))
		}
		return nil, err
	})
	sdk.Handle("run", func(_ *sdk.Call, args []string) (string, error) {
		out, err := exec.Command(args[0], args[1:]...).Output()
		return string(out), err
	})
	sdk.Handle("leave", func(_ *sdk.Call, args []string) (any, error) { // starts, and does not wait
		_, err := exec.Start(args[0], args[1:], true)
		return nil, err
	})
	sdk.Handle("try", func(_ *sdk.Call, _ any) (denied int, _ error) { // everything, whatever the scope says
		_, _, e1 := kv.Get("canary")
		e2 := kv.Set("canary", nil)
		_, e3 := kv.Delete("canary")
		_, e4 := kv.CompareAndSet("canary", nil, nil)
		_, e5 := sdk.Fetch(&sdk.Request{URL: "http://127.0.0.1:1/"})
		_, e6 := exec.Start("sleep", []string{"100"}, false)
		_, _, e7 := sdk.Env("PATH")
		_, e8 := sdk.Invoke[any]("m.get", "canary")
		_, e9 := sdk.Emit("topic", nil)
		for _, err := range []error{e1, e2, e3, e4, e5, e6, e7, e8, e9} {
			if errors.Is(err, sdk.ErrDenied) {
				denied++
			}
		}
		for _, err := range kv.List("") {
			if errors.Is(err, sdk.ErrDenied) {
				denied++
			}
		}
		return denied, nil
	})
	sdk.Handle("emit", func(_ *sdk.Call, a emitArgs) (heard int, err error) {
		for i := range a.Count {
			ok, err := sdk.Emit(a.Topic, map[string]any{"n": i, "pad": make([]byte, a.Size)})
			if err != nil {
				return heard, err
			}
			if ok {
				heard++
			}
		}
		return heard, nil
	})
}

func relay(_ *sdk.Call, a relayArgs) (any, error) {
	value, err := sdk.Invoke[any](a.Command, a.Args)
	if e, ok := errors.AsType[*sdk.PowerError](err); ok {
		return nil, &sdk.Error{Code: strings.ReplaceAll(e.Code, ".", "-"), Message: e.Message, Data: e.Data}
	}
	return value, err
}

func main() {}
