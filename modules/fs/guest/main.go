//go:build wasip1

// Command guest is the fs module: the commands of package command, for a host
// that shows the base dirs of the call below "/".
package main

import "github.com/ambit-wasm/ambit/modules/fs/command"

func init() { new(command.Files).Register() }

func main() {}
