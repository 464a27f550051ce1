package acl

import (
	"path"

	"github.com/ambit-wasm/ambit/authority"
)

// PlainJSON returns what a policy file holds, as JSON; nil if it is none or does
// not parse.
func PlainJSON(file string, data []byte) []byte {
	parse := formats[path.Ext(file)]
	if parse == nil {
		return nil
	}
	root := parse(newSource(file, data), &sink{})
	if root == nil {
		return nil
	}
	return appendJSON(nil, root.plain())
}

// AmbitJSON reads the data of ambit.toml from JSON.
func AmbitJSON(data []byte) authority.Problems {
	k := &sink{}
	if root := parseJSON(newSource(appName, data), k); root != nil {
		k.ambit(root, &App{})
	}
	return k.sorted()
}
