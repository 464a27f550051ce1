// Package main is a module for the tests of the command line.
package main

import (
	"os"

	"github.com/ambit-wasm/ambit/sdk"
)

func init() {
	sdk.Handle("greet", greet)
	sdk.Handle("blob", blob)
	sdk.Handle("sorry", sorry)
	sdk.Handle("open", open)
}

func main() {}

type greetArgs struct {
	Name  string `json:"name"`
	Times int64  `json:"times"`
}

func greet(c *sdk.Call, a greetArgs) ([]string, error) {
	if a.Name == "" {
		a.Name = c.Caller.Window
	}
	out := []string{}
	for range max(a.Times, 1) {
		out = append(out, "hello, "+a.Name)
	}
	return out, nil
}

type blobArgs struct {
	Data []byte `json:"data"`
}

func blob(_ *sdk.Call, a blobArgs) ([]byte, error) { return append(a.Data, 0xff), nil }

func sorry(*sdk.Call, struct{}) (bool, error) {
	e := sdk.NewError("lost", "the book is lost \x1b[31m")
	e.Data = map[string]any{"since": int64(1999)}
	return false, e
}

type openArgs struct {
	Path string `json:"path"`
}

func open(_ *sdk.Call, a openArgs) (string, error) {
	b, err := os.ReadFile(a.Path)
	return string(b), err
}
