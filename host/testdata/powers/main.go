// Command powers is a module for the tests of package host: a Go guest that uses
// the powers of the host through the SDK.
package main

import (
	"errors"

	"github.com/ambit-wasm/ambit/sdk"
)

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
		return errors.Is(err, sdk.ErrDenied), nil
	})
}

func main() {}
