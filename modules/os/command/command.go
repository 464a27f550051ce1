// Package command holds the commands of the os module: what the system is on
// which the host runs, read from the variables that the host sets for it.
//
// The only error is forbidden: the scope does not show the fact.
package command

import "github.com/ambit-wasm/ambit/sdk"

// Variables are the variables that the commands read, by command. Each command
// reads no other.
var Variables = map[string]string{
	"platform":      "AMBIT_OS_PLATFORM",
	"os_type":       "AMBIT_OS_PLATFORM",
	"family":        "AMBIT_OS_FAMILY",
	"arch":          "AMBIT_OS_ARCH",
	"version":       "AMBIT_OS_VERSION",
	"eol":           "AMBIT_OS_EOL",
	"exe_extension": "AMBIT_OS_EXE_EXTENSION",
	"hostname":      "AMBIT_OS_HOSTNAME",
	"locale":        "AMBIT_OS_LOCALE",
}

// Register registers the commands with the SDK and returns their names.
func Register() []string {
	var names []string
	for command, variable := range Variables {
		sdk.Handle(command, func(*sdk.Call, *struct{}) (*string, error) { return fact(command, variable) })
		names = append(names, command)
	}
	return names
}

// fact returns a fact; nil if the host does not know it. No extension is one.
func fact(command, variable string) (*string, error) {
	value, _, err := sdk.Env(variable)
	if err != nil || value == "" && command != "exe_extension" {
		return nil, err
	}
	return &value, nil
}
