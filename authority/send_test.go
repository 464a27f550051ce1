package authority_test

import (
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/pattern"
)

// TestSend: which requests a grant lets through, by which entries.
func TestSend(t *testing.T) {
	m := mod("m", cmds("go:http", "none"))
	const allow = `[{"url":"https://api.example/v1/*","methods":["GET"],"headers":{"Authorization":"secret:key","Accept":"x"}},
{"url":"https://*.example/*"},{"url":"http://localhost:8080","private":true,"methods":["GET","POST"]},{"key":"x"}]`
	const deny = `[{"url":"https://evil.example"},{"url":"https://api.example/admin/*"},{"url":"https://read.example","methods":["POST"]}]`
	p := policy(m, capab("c", windows("main"), grantsScoped("m:allow-go", allow, deny), grantsScoped("m:allow-none", allow, "")))
	p.Lenient = true // for the key
	a, problems := authority.New(p)
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	g, _ := want(t, a, "main", "m.go", allowed).Grant()
	none, _ := want(t, a, "main", "m.none", allowed).Grant()
	const empty, mismatch = authority.CodeScopeEmpty, authority.CodeScopeMismatch
	for _, tt := range []struct {
		grant       *authority.Grant
		method, url string
		want        authority.Code
		entries     int
	}{
		{g, "GET", "https://api.example/v1/a", allowed, 2},
		{g, "PUT", "https://api.example/v1/a", allowed, 1},
		{g, "GET", "https://API.example:443/v1/a", allowed, 2},
		{g, "GET", "https://api.example/v2", allowed, 1},
		{g, "GET", "https://api.example/admin/x", mismatch, 0},
		{g, "GET", "https://evil.example/a", mismatch, 0},
		{g, "GET", "https://read.example/a", allowed, 1},
		{g, "POST", "https://read.example/a", mismatch, 0},
		{g, "GET", "http://api.example/v1/a", mismatch, 0},
		{g, "GET", "https://api.example:8443/v1/a", mismatch, 0},
		{g, "GET", "https://user@api.example/v1/a", mismatch, 0},
		{g, "POST", "http://localhost:8080/", allowed, 1},
		{g, "PUT", "http://localhost:8080/", mismatch, 0},
		{none, "GET", "https://api.example/v1/a", empty, 0},
		{nil, "GET", "https://api.example/v1/a", empty, 0},
	} {
		u, err := pattern.ParseURL(tt.url)
		if err != nil {
			t.Fatal(err)
		}
		got, code := tt.grant.Send(tt.method, u)
		if code != tt.want || len(got) != tt.entries {
			t.Errorf("%s %s: %s, %d entries; want %s, %d", tt.method, tt.url, code, len(got), tt.want, tt.entries)
		}
	}
	u, _ := pattern.ParseURL("https://api.example/v1/a")
	got, _ := g.Send("GET", u)
	if h := got[0].Headers; len(h) != 2 || h[0] != (authority.Header{Name: "Accept", Value: "x"}) || h[1] != (authority.Header{Name: "Authorization", Secret: "key"}) || got[0].Private || len(got[1].Headers) != 0 {
		t.Errorf("entries %+v", got)
	}
	u, _ = pattern.ParseURL("http://localhost:8080/")
	if got, _ := g.Send("GET", u); !got[0].Private {
		t.Errorf("entries %+v", got)
	}
}

// What a lenient policy cannot read lends nothing, and denies everything.
func TestSendLenient(t *testing.T) {
	u, _ := pattern.ParseURL("https://x.example/")
	for _, tt := range []struct {
		allow, deny string
		want        authority.Code
	}{
		{`{"url":"https://x.example"}`, `{"url":"https://y.example"}`, allowed},
		{`{"url":"https://x.example","methods":1}`, `{"url":"https://y.example"}`, authority.CodeScopeMismatch},
		{`{"url":"https://x.example","headers":1}`, `{"url":"https://y.example"}`, authority.CodeScopeMismatch},
		{`{"url":"x"}`, `{"url":"https://y.example"}`, authority.CodeScopeMismatch},
		{`{"url":"https://x.example"}`, `{"url":"y"}`, authority.CodeScopeMismatch},
		{`{"url":"https://x.example"}`, `{"url":"https://y.example","methods":1}`, authority.CodeScopeMismatch},
	} {
		p := policy(mod("m", cmds("go:http")), capab("c", windows("main"), grantsScoped("m:allow-go", "["+tt.allow+"]", "["+tt.deny+"]")))
		p.Lenient = true
		a, ps := authority.New(p)
		if ps.Err() != nil {
			t.Fatal(ps)
		}
		g, _ := want(t, a, "main", "m.go", allowed).Grant()
		if _, got := g.Send("GET", u); got != tt.want {
			t.Errorf("allow %s, deny %s: %s, want %s", tt.allow, tt.deny, got, tt.want)
		}
	}
}

func TestHeaderMayBeSet(t *testing.T) {
	for _, name := range []string{"Accept", "authorization", "X-A_b.c", "Cookie", "Origin"} {
		if !authority.HeaderMayBeSet(name) {
			t.Errorf("%q cannot be set", name)
		}
	}
	for _, name := range []string{"", "Host", "HOST", "Content-Length", "transfer-encoding", "Connection", "Upgrade", "TE", "Trailer", "Expect", "Keep-Alive", "Proxy-Authorization", "Sec-Fetch-Mode", "Via", "a b", "a\r\nb", "a:", "\u00e4", "Coo\u212aie"} {
		if authority.HeaderMayBeSet(name) {
			t.Errorf("%q can be set", name)
		}
	}
}

// TestRun: which programs a grant lets run, with which arguments.
func TestRun(t *testing.T) {
	m := mod("m", cmds("go:exec", "none"))
	const allow = `[{"name":"git","cmd":"/usr/bin/git","args":["log",{"validator":"[a-z]+|--"}]},{"program":"git","args":["status"]},
{"program":"ls"},{"program":"any","args":true},{"program":"none","args":false},{"program":"raw","args":[{"validator":"a|b","raw":true}]},{"program":"gone","args":true},{"program":"longest","args":[{"validator":"a|ab"}]}]`
	const deny = `[{"program":"gone"},{"program":"any","args":["rm",{"validator":".*"}]}]`
	a := compile(t, m, capab("c", windows("main"), grantsScoped("m:allow-go", allow, deny), grants("m:allow-none")))
	g, _ := want(t, a, "main", "m.go", allowed).Grant()
	none, _ := want(t, a, "main", "m.none", allowed).Grant()
	const empty, mismatch = authority.CodeScopeEmpty, authority.CodeScopeMismatch
	for _, tt := range []struct {
		grant *authority.Grant
		line  string // program and arguments, with bars between
		want  authority.Code
		cmd   string
	}{
		{g, "git|log|abc", allowed, "/usr/bin/git"},
		{g, "git|log|--", allowed, "/usr/bin/git"},
		{g, "git|status", allowed, "git"},
		{g, "git|log", mismatch, ""},
		{g, "git|log|abc|x", mismatch, ""},
		{g, "git|log|abc--", mismatch, ""},
		{g, "git|log|--x", mismatch, ""},
		{g, "git|log|abc\n", mismatch, ""},
		{g, "git|log|", mismatch, ""},
		{g, "git|LOG|abc", mismatch, ""},
		{g, "git|log|-abc", mismatch, ""},
		{g, "longest|ab", allowed, "longest"},
		{g, "longest|a", allowed, "longest"},
		{g, "longest|aba", mismatch, ""},
		{g, "git", mismatch, ""},
		{g, "/usr/bin/git|status", mismatch, ""},
		{g, "ls", allowed, "ls"},
		{g, "ls|-l", mismatch, ""},
		{g, "none", allowed, "none"},
		{g, "none|x", mismatch, ""},
		{g, "any", allowed, "any"},
		{g, "any|rm", allowed, "any"},
		{g, "any|rm|x", mismatch, ""},
		{g, "raw|xbx", allowed, "raw"},
		{g, "raw|x", mismatch, ""},
		{g, "gone|x", mismatch, ""},
		{g, "", mismatch, ""},
		{none, "ls", empty, ""},
		{nil, "ls", empty, ""},
	} {
		words := strings.Split(tt.line, "|")
		got, code := tt.grant.Run(words[0], words[1:])
		if code != tt.want || got.Cmd != tt.cmd {
			t.Errorf("%q: %s, %q; want %s, %q", words, code, got.Cmd, tt.want, tt.cmd)
		}
	}
}

// What denies and nothing that allows is no scope at all.
func TestDenyAlone(t *testing.T) {
	a := compile(t, mod("m", cmds("go:exec,http")), capab("c", windows("main"), grantsScoped("m:allow-go", `[]`, `[{"program":"ls"},{"url":"https://x.example"}]`)))
	g, _ := want(t, a, "main", "m.go", allowed).Grant()
	if _, code := g.Run("ls", nil); code != authority.CodeScopeEmpty {
		t.Errorf("run: %s", code)
	}
	u, _ := pattern.ParseURL("https://x.example/")
	if _, code := g.Send("GET", u); code != authority.CodeScopeEmpty {
		t.Errorf("send: %s", code)
	}
}

func TestRunLenient(t *testing.T) {
	for _, tt := range []struct {
		allow, deny string
		want        authority.Code
	}{
		{`{"program":"a","args":["x"]}`, `{"program":"b"}`, allowed},
		{`{"program":"a","args":[{"validator":"("}]}`, `{"program":"b"}`, authority.CodeScopeMismatch},
		{`{"program":"a","args":1}`, `{"program":"b"}`, authority.CodeScopeMismatch},
		{`{"program":"a","args":["x"],"cmd":"./a"}`, `{"program":"b"}`, authority.CodeScopeMismatch},
		{`{"program":1,"args":["x"]}`, `{"program":"b"}`, authority.CodeScopeMismatch},
		{`{"program":"a","args":["x"]}`, `{"program":1}`, authority.CodeScopeMismatch},
		{`{"program":"a","args":["x"]}`, `{"program":"b","args":1}`, authority.CodeScopeMismatch},
	} {
		p := policy(mod("m", cmds("go:exec")), capab("c", windows("main"), grantsScoped("m:allow-go", "["+tt.allow+"]", "["+tt.deny+"]")))
		p.Lenient = true
		a, ps := authority.New(p)
		if ps.Err() != nil {
			t.Fatal(ps)
		}
		g, _ := want(t, a, "main", "m.go", allowed).Grant()
		if _, got := g.Run("a", []string{"x"}); got != tt.want {
			t.Errorf("allow %s, deny %s: %s, want %s", tt.allow, tt.deny, got, tt.want)
		}
		if _, got := g.Run("", []string{"x"}); got != authority.CodeScopeMismatch { // no entry has no name
			t.Errorf("allow %s, deny %s, no program: %s", tt.allow, tt.deny, got)
		}
	}
}
