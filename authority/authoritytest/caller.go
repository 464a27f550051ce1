package authoritytest

import "github.com/ambit-wasm/ambit/authority"

// Window returns a page of the app itself in the window of that label. Its
// webview has the window's label.
func Window(label string) authority.Caller {
	return authority.Caller{Window: label, Webview: label, Origin: authority.LocalOrigin()}
}

// Page returns a remote page that the window shows.
func Page(window, url string) authority.Caller {
	return authority.Caller{Window: window, Webview: window, Origin: authority.RemoteOrigin(url)}
}

// Module returns a module that calls, in a chain of calls that the others
// began, the first of them first.
func Module(name string, chain ...authority.Caller) authority.Caller {
	return authority.Caller{Origin: authority.ModuleOrigin(name), Chain: chain}
}
