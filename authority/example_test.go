package authority_test

import (
	"fmt"

	"github.com/ambit-wasm/ambit/authority"
)

// notes is a small policy: a module fs with two commands, and a window that
// may read below $APPDATA/notes. A real one is read from files by package acl.
func notes() authority.Policy {
	return authority.Policy{
		Platform: authority.Linux,
		Dirs:     []string{"APPDATA"},
		Manifests: []authority.Manifest{{
			Name: "fs",
			Commands: []authority.Command{
				{Name: "read_file", Powers: []authority.Power{authority.PowerFSRead}},
				{Name: "write_file", Powers: []authority.Power{authority.PowerFSWrite}},
			},
		}},
		Capabilities: []authority.Capability{{
			Position:   authority.Position{File: "capabilities/main.toml", Line: 1},
			Identifier: "main",
			Local:      true,
			Windows:    []authority.Pattern{{Text: "main"}},
			Permissions: []authority.Entry{{
				Reference: authority.Reference{
					Position: authority.Position{File: "capabilities/main.toml", Line: 3}, Identifier: "fs:allow-read-file",
				},
				Scope: authority.ScopeRules{Allow: []authority.ScopeValue{{Value: "$APPDATA/notes/**"}}},
			}},
		}},
	}
}

func Example() {
	a, problems := authority.New(notes())
	if err := problems.Err(); err != nil {
		fmt.Println(err)
		return
	}
	window := authority.Caller{Window: "main", Webview: "main", Origin: authority.LocalOrigin()}
	d := a.Decide(authority.Request{Caller: window, Module: "fs", Command: "read_file"})
	fmt.Println(d.Explain())
	d = a.Decide(authority.Request{Caller: window, Module: "fs", Command: "write_file"})
	fmt.Println(d.Explain())
	// Output:
	// fs.read_file for window "main" (local) is allowed
	//   by capability "main", permission fs:allow-read-file (capabilities/main.toml:3)
	//   lends fs.read on "$APPDATA/notes/**"
	// fs.write_file for window "main" (local) is denied: not-granted
	//   no capability grants a permission that allows it; these do: "fs:allow-write-file"
}

func ExampleNew_problems() {
	p := notes()
	p.Capabilities[0].Permissions[0].Identifier = "fs:allow-raed-file"
	_, problems := authority.New(p)
	fmt.Println(problems)
	// Output:
	// capabilities/main.toml:3: capability "main": permission "fs:allow-raed-file" not found in module "fs" (did you mean "fs:allow-read-file"?)
}

func ExampleDecision_Remedy() {
	a, _ := authority.New(notes())
	preview := authority.Caller{Window: "preview", Webview: "preview", Origin: authority.LocalOrigin()}
	d := a.Decide(authority.Request{Caller: preview, Module: "fs", Command: "read_file"})
	fmt.Println(d.Code())
	fmt.Println(d.Remedy())
	// Output:
	// window-mismatch
	// create capabilities/preview-fs-read-file.toml:
	//   identifier = "preview-fs-read-file"
	//   windows = ["preview"]
	//   permissions = [{ identifier = "fs:allow-read-file", allow = [{ path = "$APPDATA/notes/**" }] }]
}

func ExampleAuthority_Resolved() {
	a, _ := authority.New(notes())
	fmt.Print(a.Resolved())
	// Output:
	// allow fs.read_file to local windows "main" by "main" fs:allow-read-file scope [{"path":"$APPDATA/notes/**"}] at capabilities/main.toml:3
}

func ExampleGrant_Lend() {
	a, _ := authority.New(notes())
	d := a.Decide(authority.Request{
		Caller: authority.Caller{Window: "main", Webview: "main", Origin: authority.LocalOrigin()}, Module: "fs", Command: "read_file",
	})
	if grant, ok := d.Grant(); ok {
		allow, deny := grant.Lend(authority.PowerFSRead)
		fmt.Println(grant.Powers(), allow[0].Path(), len(deny))
	}
	// Output:
	// [fs.read] $APPDATA/notes/** 0
}

func ExampleLive() {
	live, _ := authority.NewLive(notes())
	preview := authority.Request{
		Caller: authority.Caller{Window: "preview", Webview: "preview", Origin: authority.LocalOrigin()},
		Module: "fs", Command: "read_file", Now: 100,
	}
	fmt.Println(live.Decide(preview).Code())
	id, _ := live.Grant(authority.Capability{
		Identifier: "preview", Local: true, Windows: []authority.Pattern{{Text: "preview"}},
		Permissions: []authority.Entry{{Reference: authority.Reference{Identifier: "fs:allow-read-file"}}},
	}, 200)
	fmt.Println(id, live.Decide(preview).Code())
	preview.Now = 200
	fmt.Println(live.Decide(preview).Code())
	live.Revoke(id)
	fmt.Println(live.Decide(preview).Code())
	// Output:
	// window-mismatch
	// preview#1 allowed
	// expired
	// window-mismatch
}
