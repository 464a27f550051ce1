package host

// WindowInfo is a window that ambit.toml declares, for who shows it.
type WindowInfo struct {
	Label  string
	Host   string // host name label under which it is served; empty: the label
	Assets string // folder of its pages, slash-separated, in the app's; empty: none
	Remote string // origin of a remote page that may use its host; empty: none
}

// Windows returns the windows that ambit.toml declares, in its order.
func (h *Host) Windows() []WindowInfo {
	out := make([]WindowInfo, len(h.app.Windows))
	for i, w := range h.app.Windows {
		out[i] = WindowInfo{Label: w.Label, Host: w.Host, Assets: w.Assets, Remote: w.Remote}
	}
	return out
}
