package ipc

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"golang.org/x/net/html"
)

// DefaultPolicy lets a page load what its own origin has. Scripts and styles that stand
// in a page's file run; such that get into the page later do not, nor attributes with
// code.
const DefaultPolicy = "default-src 'self'; img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'"

// longestPage is how large a page's file may be that is read for what stands in it.
const longestPage = 4 << 20

// withInline is a policy for content that allows, besides, the scripts and styles which
// stand in a page: by their hashes, as Tauri does for the pages of an app.
func withInline(policy string, page []byte) string {
	z := html.NewTokenizer(bytes.NewReader(page))
	sources := map[string][]string{} // by directive
	directive := ""
	for {
		switch z.Next() {
		case html.ErrorToken: // the end
			for _, d := range []string{"script-src", "style-src"} {
				policy = withSources(policy, d, sources[d])
			}
			return policy
		case html.StartTagToken:
			name, more := z.TagName()
			directive = map[string]string{"script": "script-src", "style": "style-src"}[string(name)]
			for more {
				var key []byte
				if key, _, more = z.TagAttr(); string(key) == "src" {
					directive = ""
				}
			}
		case html.TextToken:
			if directive != "" {
				sum := sha256.Sum256(z.Text())
				sources[directive] = append(sources[directive], "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
			}
			directive = ""
		default:
			directive = ""
		}
	}
}

// withSources adds sources to a directive of a policy. If the policy does not have it,
// it begins as default-src; if that is not there either, or takes all that is inline,
// there is nothing to add.
func withSources(policy, directive string, sources []string) string {
	if len(sources) == 0 {
		return policy
	}
	parts := strings.Split(policy, ";")
	at, fallback := -1, ""
	for i, part := range parts {
		switch name, value, _ := strings.Cut(strings.TrimSpace(part), " "); name {
		case directive:
			at = i
		case "default-src":
			fallback = value
		}
	}
	if at < 0 && fallback != "" {
		at = len(parts)
		parts = append(parts, " "+directive+" "+fallback)
	}
	if at < 0 || strings.Contains(parts[at], "'unsafe-inline'") {
		return policy
	}
	parts[at] = strings.Replace(parts[at], " 'none'", "", 1) + " " + strings.Join(sources, " ")
	return strings.Join(parts, ";")
}

// secure are the headers of all that a window's own pages get, or who asks for no window.
func (s *Server) secure(h http.Header, w *window) {
	setPolicy(h, s.policyOf(w))
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=()")
}

// policyOf is the policy for the content of a window, if it is one.
func (s *Server) policyOf(w *window) string {
	if w != nil && w.inspector {
		return DefaultPolicy
	}
	return s.config.ContentSecurityPolicy
}

func setPolicy(h http.Header, policy string) {
	h.Set("Content-Security-Policy", policy+"; frame-ancestors 'none'")
}
