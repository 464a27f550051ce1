//go:build wasip1

// Command guest is the store module.
package main

import "github.com/ambit-wasm/ambit/modules/store/command"

func init() { command.Register() }

func main() {}
