//go:build wasip1

// Command guest is the http module.
package main

import "github.com/ambit-wasm/ambit/modules/http/command"

func init() { command.Register() }

func main() {}
