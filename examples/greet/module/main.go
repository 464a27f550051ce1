// Package main is the module greet: one command.
package main

import (
	"os"

	"github.com/ambit-wasm/ambit/sdk"
)

type args struct {
	Name string `json:"name"`
}

func hello(c *sdk.Call, a args) (string, error) {
	greeting, err := os.ReadFile("/TEXTS/greeting.txt") // only if the call's scope allows it
	return string(greeting) + ", " + a.Name, err
}

func init() { sdk.Handle("hello", hello) }

func main() {}
