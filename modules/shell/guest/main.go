//go:build wasip1

// Command guest is the shell module.
package main

import "github.com/ambit-wasm/ambit/modules/shell/command"

func init() { command.Register() }

func main() {}
