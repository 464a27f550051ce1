package ipc

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/ambit-wasm/ambit/sdk/js"
)

// types are those of files by their ending: what the system says of them may be
// anything, or nothing.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".json": "application/json", ".svg": "image/svg+xml",
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp", ".ico": "image/x-icon", ".wasm": "application/wasm", ".txt": "text/plain; charset=utf-8", ".md": "text/markdown; charset=utf-8",
	".woff2": "font/woff2", ".map": "application/json", ".webmanifest": "application/manifest+json", ".ts": "text/plain; charset=utf-8",
}

// serveFile serves a file of the window, or the client.
func (s *Server) serveFile(rw http.ResponseWriter, r *http.Request, w *window) {
	s.secure(rw.Header(), w)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		rw.Header().Set("Allow", "GET, HEAD")
		http.Error(rw, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	files, name := w.assets, strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if client, ok := strings.CutPrefix(name, "_ambit/"); ok {
		files, name = js.Files, client
		if w.remote != "" && r.Header.Get("Origin") == w.remote { // the remote page may load the client
			rw.Header().Set("Access-Control-Allow-Origin", w.remote)
			rw.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
			rw.Header().Add("Vary", "Origin")
		}
	}
	if name == "" || strings.HasSuffix(r.URL.Path, "/") {
		name = path.Join(name, "index.html")
	}
	if files == nil || !fs.ValidPath(name) || hidden(name) {
		http.NotFound(rw, r)
		return
	}
	f, err := files.Open(name)
	if err != nil {
		if name == "favicon.ico" { // browsers ask for it unasked, and complain on the page's console
			rw.WriteHeader(http.StatusNoContent)
			return
		}
		http.NotFound(rw, r)
		return
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		http.NotFound(rw, r)
		return
	}
	kind := types[strings.ToLower(path.Ext(name))]
	if kind == "" {
		if kind = mime.TypeByExtension(path.Ext(name)); kind == "" || strings.HasPrefix(kind, "text/html") {
			kind = typeBytes
		}
	}
	rw.Header().Set("Content-Type", kind)
	rw.Header().Set("Cache-Control", "no-cache")
	if strings.HasPrefix(kind, "text/html") && info.Size() <= longestPage {
		page, err := io.ReadAll(io.LimitReader(f, longestPage))
		if err != nil {
			http.NotFound(rw, r)
			return
		}
		setPolicy(rw.Header(), withInline(s.policyOf(w), page))
		http.ServeContent(rw, r, "", info.ModTime(), bytes.NewReader(page))
		return
	}
	if seeker, ok := f.(io.ReadSeeker); ok {
		http.ServeContent(rw, r, "", info.ModTime(), seeker)
		return
	}
	b, err := io.ReadAll(f)
	if err != nil && !errors.Is(err, io.EOF) {
		http.NotFound(rw, r)
		return
	}
	_, _ = rw.Write(b)
}

// hidden reports whether a part of the name begins with a dot.
func hidden(name string) bool { return strings.HasPrefix(name, ".") || strings.Contains(name, "/.") }
