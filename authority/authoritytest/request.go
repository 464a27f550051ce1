package authoritytest

import "github.com/ambit-wasm/ambit/authority"

// Request makes a request, most of them of a command that exists.
func (g Generator) Request() authority.Request {
	return authority.Request{
		Caller:  g.Caller(),
		Module:  pick(g, "app", "m", "m", "m", "m", "m", "m", "n", "n", "n", "n", "none"),
		Command: pick(g, "go", "go", "go", "go", "go", "get_all", "get_all", "get_all", "stop", "stop", "none"),
		Now:     pick[int64](g, 0, 5, 10, 15, 25) * second,
		Spent:   some(g, 3, "c0", "c1", "c2"),
	}
}

// Caller makes a caller: half of the time a page of the app itself.
func (g Generator) Caller() authority.Caller {
	c := authority.Caller{Window: pick(g, genWindows...), Origin: authority.LocalOrigin()}
	c.Webview = pick(g, c.Window, c.Window, pick(g, genWindows...))
	switch g.IntN(8) {
	case 0, 1:
		c.Origin = authority.RemoteOrigin(g.url())
	case 2, 3:
		root := c
		c = authority.Caller{Origin: authority.ModuleOrigin(pick(g, genModules...))}
		if g.IntN(4) > 0 {
			root.Origin = pick(g, root.Origin, authority.RemoteOrigin(g.url()), authority.ModuleOrigin("n"), authority.Origin{})
			c.Chain = append(c.Chain, root, authority.Caller{Origin: authority.ModuleOrigin("app")})
		}
	case 4:
		if g.IntN(4) == 0 {
			c.Origin = authority.Origin{}
		}
	}
	return c
}

// url makes the URL of a page, some in a spelling that is not canonical.
func (g Generator) url() string {
	if g.IntN(20) == 0 {
		return "junk"
	}
	host := pick(g, append(genHosts, "A.Example", "a.example.", "me@b.example")...)
	return pick(g, "https", "https", "http", "HTTPS") + "://" + host + pick(g, "", "", "", ":443", ":8443") + pick(g, "", "/", "/x/y", "/x/", "/z?q=/x/y")
}
