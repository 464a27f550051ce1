package acl

import "github.com/ambit-wasm/ambit/authority"

// PlainJSON returns what a TOML or JSON file holds, as JSON; nil if it does not
// parse.
func PlainJSON(data []byte, toml bool) []byte {
	parse := parseJSON
	if toml {
		parse = parseTOML
	}
	root := parse(newSource("", data), &sink{})
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
