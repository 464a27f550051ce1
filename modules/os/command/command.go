// Package command holds the commands of the os module: what the system is on
// which the host runs, read from the variables that the host sets for it.
//
// The only error is forbidden: the scope does not show the fact.
package command

import "github.com/ambit-wasm/ambit/sdk"

// Register registers the commands with the SDK and returns their names.
func Register() []string {
	var names []string
	for _, f := range []struct{ command, variable string }{
		{"platform", "PLATFORM"}, {"family", "FAMILY"}, {"arch", "ARCH"}, {"version", "VERSION"}, {"eol", "EOL"}, {"exe_extension", "EXE_EXTENSION"},
		{"hostname", "HOSTNAME"}, {"locale", "LOCALE"},
	} {
		sdk.Handle(f.command, func(*sdk.Call, *struct{}) (any, error) { return fact(f.variable) })
		names = append(names, f.command)
	}
	return names
}

// fact returns a fact; nil if it is not known.
func fact(name string) (any, error) {
	value, _, err := sdk.Env("AMBIT_OS_" + name)
	if err != nil {
		return nil, err
	}
	if value == "" && name != "EXE_EXTENSION" {
		return nil, nil
	}
	return value, nil
}
