//go:build wasip1

// Command guest is the os module.
package main

import "github.com/ambit-wasm/ambit/modules/os/command"

func init() { command.Register() }

func main() {}
