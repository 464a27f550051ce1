package host

import "github.com/ambit-wasm/ambit/authority"

// Window is a page of the app itself in the window of that label, or the
// app's own Go code acting for it. The webview has the same label.
func Window(label string) authority.Caller { return WindowOf(label, label) }

// WindowOf is a page of the app itself in one webview of a window.
func WindowOf(window, webview string) authority.Caller {
	return authority.Caller{Window: window, Webview: webview, Origin: authority.LocalOrigin()}
}

// Remote is a page of somebody else, loaded from the URL into a window. A
// transport must know the URL by itself, never from what the page says.
func Remote(window, url string) authority.Caller {
	return authority.Caller{Window: window, Webview: window, Origin: authority.RemoteOrigin(url)}
}
