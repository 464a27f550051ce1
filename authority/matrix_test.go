package authority_test

import (
	"encoding/json"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

func TestMatrix(t *testing.T) {
	a := compile(t, mod("n", cmds("stop", "go")), mod("m", cmds("go")), mod("bad", broken("missing"), cmds("x")),
		capab("a", windows("main"), modules("n"), grants("m:allow-go", "n:allow-go", "n:allow-stop")),
		capab("b", windows("main", "other"), grants("n:deny-stop", "m:allow-go")),
		capab("c", windows("main"), notLocal, remote("https://x.example"), expires(500), grants("m:allow-go")))
	callers := []authority.Caller{
		callerOf("main"), callerOf("other/tall view"), callerOf("main@https://x.example/"), callerOf("module:n"), callerOf("module:n<other"),
		callerOf("/pane"), callerOf(""), {},
	}
	m := a.Matrix(1000, callers...)
	golden(t, "matrix.txt", m.String())
	data, err := json.Marshal(m.Rows[1])
	if err != nil || string(data) != `{"command":"m.go","codes":["allowed","allowed","expired","allowed","allowed","window-mismatch","window-mismatch","origin-mismatch"]}` {
		t.Errorf("%s, %v", data, err)
	}
	var none *authority.Authority
	if data, _ := json.Marshal(none.Matrix(1)); string(data) != `{"callers":[],"rows":[]}` {
		t.Errorf("nil: %s", data)
	}
}

// TestCallerString: no label makes a caller print as another one.
func TestCallerString(t *testing.T) {
	page := func(window, webview string) authority.Caller {
		return authority.Caller{Window: window, Webview: webview, Origin: authority.LocalOrigin()}
	}
	remote := page("main", "main")
	remote.Origin = authority.RemoteOrigin("https://x.example/")
	seen := map[string]authority.Caller{}
	for _, c := range []authority.Caller{
		page("main", "main"), page("main", "pane"), page("main/pane", "main/pane"), page("", "main"), page("/main", "/main"), page("", ""),
		remote, page("main@https://x.example/", "main@https://x.example/"),
		callerOf("module:n"), page("module:n", "module:n"), callerOf("module:n<main"), page("module:n via main", "module:n via main"),
	} {
		text := c.String()
		if other, ok := seen[text]; ok {
			t.Errorf("%s: %+v and %+v", text, c, other)
		}
		seen[text] = c
	}
}
