//go:build wasip1

// Command guest is the log module.
package main

import "github.com/ambit-wasm/ambit/modules/log/command"

func init() { command.Register() }

func main() {}
