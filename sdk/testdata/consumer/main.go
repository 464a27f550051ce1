// Consumer is a guest outside this repository's module.
package main

import "github.com/ambit-wasm/ambit/sdk"

func init() {
	sdk.Handle("hello", func(_ *sdk.Call, name string) (string, error) { return "hello " + name, nil })
}

func main() {}
