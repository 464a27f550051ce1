package sdk

import (
	"github.com/ambit-wasm/ambit/sdk/internal/abi"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// Env returns an environment variable of the host's and whether it is set. The
// command must declare the power env, and its scope must hold an entry whose
// "var" matches the name; otherwise the error is [ErrDenied]. The environment of
// the guest itself, os.Getenv, is always empty.
func Env(name string) (value string, ok bool, err error) {
	args := wire.AppendStr(wire.AppendStr(wire.AppendMap(nil, 1), "var"), name)
	d, err := PowerResult(abi.EnvGet(args))
	if err != nil || d.Nil() {
		return "", false, err
	}
	value = d.Str()
	return value, d.Err() == nil, d.Err()
}
