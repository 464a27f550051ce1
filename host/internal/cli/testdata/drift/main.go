// Package main is a module whose manifest names a command that it does not
// have.
package main

import "github.com/ambit-wasm/ambit/sdk"

func init() {
	sdk.Handle("kept", func(*sdk.Call, map[string]any) (bool, error) { return true, nil })
	sdk.Handle("new_name", func(*sdk.Call, struct{}) (bool, error) { return true, nil })
}

func main() {}
