package host

import (
	"encoding/binary"

	"github.com/ambit-wasm/ambit/authority"
)

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

// callerKey appends what tells callers apart to b: window, webview and origin (a
// remote one is the whole URL), and those of all callers before. So two windows
// share nothing through a module that both of them call, either. It also means
// that a call holds turns only of shorter chains than the one that it waits for,
// so that calls never wait for each other in a circle.
func callerKey(b []byte, c authority.Caller) []byte {
	for i := range len(c.Chain) + 1 {
		one := c
		if i < len(c.Chain) {
			one = c.Chain[i]
		}
		for _, s := range [3]string{one.Window, one.Webview, one.Origin.String()} {
			b = binary.AppendUvarint(b, uint64(len(s)))
			b = append(b, s...)
		}
	}
	return b
}
