package main

import (
	"fmt"
	"strings"
)

// The commands of each kind of grant. The sets read-all, write-all and
// read-meta in the part written by hand name the same; a test compares them.
var kinds = []struct {
	name, direct, deep string // id and descriptions, the dir's name for %s
	commands           []string
}{
	{"read", "Read what is directly in %s", "Read all that is in %s", []string{"read_text_file", "read_file", "read_dir", "exists", "stat", "lstat", "size"}},
	{"write", "Change what is directly in %s: write, make, rename, copy, remove", "Change all that is in %s: write, make, rename, copy, remove", []string{"write_text_file", "write_file", "append", "truncate", "mkdir", "remove", "rename", "copy_file"}},
	{"meta", "List and look up what is directly in %s, without reading files", "List and look up all that is in %s, without reading files", []string{"read_dir", "exists", "stat", "lstat", "size"}},
}

// regular returns the permissions of all base dirs as TOML.
func regular() string {
	var b strings.Builder
	for _, d := range dirs() {
		fmt.Fprintf(&b, "\n# %s: %s.\n", strings.Join(d.names(), ", "), d.what)
		d.scopes(&b)
		for _, k := range kinds {
			d.allow(&b, "allow-"+d.id+"-"+k.name, fmt.Sprintf(k.direct, d.title()), k.commands, "/*")
			d.allowRecursive(&b, "allow-"+d.id+"-"+k.name+"-recursive", fmt.Sprintf(k.deep, d.title()), k.commands)
		}
	}
	return b.String()
}

// scopes writes the permissions without commands: global scope.
func (d dir) scopes(b *strings.Builder) {
	const every = " (for every fs command that the caller has)"
	d.permission(b, "scope-"+d.id, d.title()+" and one level below"+every)
	fmt.Fprintf(b, "scope.allow = %s\n", d.entries("", "/*"))
	d.permission(b, "scope-"+d.id+"-recursive", d.title()+" and all below"+every)
	fmt.Fprintf(b, "scope.allow = %s\n", d.entries("", "/**"))
	d.permission(b, "scope-"+d.id+"-index", d.title()+" itself; a listing shows only what other entries allow"+every)
	fmt.Fprintf(b, "scope.allow = %s\n", d.entries(""))
	if len(d.secrets) > 0 {
		d.permission(b, "deny-"+d.id+"-secrets", "Keys, tokens, browser profiles and files run at login in "+d.title()+" are out of reach, whatever else is granted")
		fmt.Fprintf(b, "scope.deny = %s\n", d.entries(below("/", d.secrets)...))
	}
}

// allow writes a permission with commands and a scope that is theirs alone.
func (d dir) allow(b *strings.Builder, id, what string, commands []string, rest string) {
	d.permission(b, id, what)
	fmt.Fprintf(b, "commands.allow = %s\n", list(commands))
	fmt.Fprintf(b, "scope.allow = %s\n", d.entries("", rest))
}

// allowRecursive is allow at any depth, less the dir's secrets.
func (d dir) allowRecursive(b *strings.Builder, id, what string, commands []string) {
	if len(d.secrets) == 0 {
		d.allow(b, id, what, commands, "/**")
		return
	}
	d.allow(b, id+"-with-secrets", what+", secrets included", commands, "/**")
	fmt.Fprintf(b, "\n[[set]]\nidentifier = %q\ndescription = %q\npermissions = %s\n",
		id, what+", except keys, tokens, browser profiles and files run at login", list([]string{id + "-with-secrets", "deny-" + d.id + "-secrets"}))
}

func (d dir) permission(b *strings.Builder, id, what string) {
	fmt.Fprintf(b, "\n[[permission]]\nidentifier = %q\ndescription = %q\n", id, what)
}

// title names the dir in descriptions.
func (d dir) title() string {
	if len(d.vars) > 1 {
		return "each folder of the app"
	}
	return "$" + d.vars[0]
}

func (d dir) names() []string {
	return below("$", d.vars)
}

// entries writes a scope entry for each variable and rest, those of one
// variable in one line if they are few.
func (d dir) entries(rests ...string) string {
	var lines []string
	for _, v := range d.vars {
		var line []string
		for _, rest := range rests {
			line = append(line, fmt.Sprintf("{ path = %q }", "$"+v+rest))
		}
		if len(line) > 2 {
			lines = append(lines, line...)
			continue
		}
		lines = append(lines, strings.Join(line, ", "))
	}
	if len(lines) == 1 {
		return "[" + lines[0] + "]"
	}
	return "[\n  " + strings.Join(lines, ",\n  ") + ",\n]"
}

func list(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
