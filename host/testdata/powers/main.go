// Command powers is a module for the tests of package host: a Go guest that uses
// the powers of the host through the SDK.
package main

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/ambit-wasm/ambit/sdk"
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
