package egress

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/pattern"
)

// Request is what a module asks for.
type Request struct {
	Method string
	URL    string
	Header [][2]string // names and values, as given
	// Body is sent once. A redirect that keeps the method needs Again, which is
	// nil if the body cannot be sent again.
	Body  io.Reader
	Size  int64 // of the body; -1 if it is not known
	Again func() io.Reader
	// Redirects is how many are followed, at most 5; -1 to be given the first one
	// as the response.
	Redirects int

	// Policy returns the entries that let a hop through, or why there are none.
	Policy func(method string, u pattern.ParsedURL) ([]authority.Sending, error)
	// Secret returns a secret of the host's that an entry names.
	Secret func(name string) (string, error)
}

const (
	// MostRedirects is how many are followed of one request.
	MostRedirects = 5

	mostHeaders     = 100
	mostHeaderBytes = 64 << 10 // of a request, names and values
)

// BadRequest is what is wrong with a request, for the module to read.
type BadRequest struct{ Text string }

// Error returns the text.
func (e *BadRequest) Error() string { return e.Text }

func badf(format string, args ...any) error { return &BadRequest{fmt.Sprintf(format, args...)} }

// parse reads a URL that a module or a server wrote.
func parse(text string) (pattern.ParsedURL, error) {
	u, err := pattern.ParseURL(text)
	switch {
	case err != nil:
		return u, badf("bad URL: %v", err)
	case u.Scheme() != "http" && u.Scheme() != "https":
		return u, badf("only http and https URLs can be fetched")
	case u.HasUser():
		return u, badf("a URL must not hold a user or a password")
	}
	return u, nil
}

// sent is the URL as net/http sends it. It must read the same there, since it was
// decided about as it stands.
func sent(u pattern.ParsedURL) (*url.URL, error) {
	text, _, _ := strings.Cut(u.String(), "#")
	out, err := url.Parse(text)
	if err != nil {
		return nil, badf("bad URL: net/url does not read it")
	}
	uri := u.Path()
	if u.Query() != "" || strings.HasSuffix(text, "?") {
		uri += "?" + u.Query()
	}
	if out.Scheme+"://"+out.Host != u.Origin() || out.RequestURI() != uri || out.User != nil || out.Opaque != "" {
		return nil, badf("bad URL: net/url reads it differently")
	}
	return out, nil
}

// checkMethod takes tokens, but for methods that are not about a resource of the
// server: TRACE echoes what was added on the way, CONNECT makes a tunnel.
func checkMethod(m string) error {
	if m == "" || len(m) > 32 || strings.Trim(m, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") != "" {
		return badf("a method is written in capital letters")
	}
	if m == http.MethodTrace || m == http.MethodConnect {
		return badf("the method %s cannot be used", m)
	}
	return nil
}

// headers checks the headers of a module.
func headers(list [][2]string) (http.Header, error) {
	if len(list) > mostHeaders {
		return nil, badf("more than %d headers", mostHeaders)
	}
	out, size := make(http.Header, len(list)+1), 0
	for _, h := range list {
		if size += len(h[0]) + len(h[1]); size > mostHeaderBytes {
			return nil, badf("more than %d bytes of headers", mostHeaderBytes)
		}
		if !authority.HeaderMayBeSet(h[0]) {
			return nil, badf("the header %.80q cannot be set", h[0])
		}
		if !headerValue(h[1]) {
			return nil, badf("the value of the header %.80q cannot be sent", h[0])
		}
		out.Add(h[0], h[1])
	}
	return out, nil
}

// headerValue reports whether a value can be sent: no control characters.
func headerValue(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// added returns the headers of a hop: the module's, and those that the entry
// sets, which count.
func (r *Request) added(h http.Header, e authority.Sending) (http.Header, error) {
	out := h.Clone()
	for _, set := range e.Headers {
		value := set.Value
		if set.Secret != "" {
			var err error
			if value, err = r.secret(set.Secret); err != nil {
				return nil, err
			}
		}
		out.Set(set.Name, value)
	}
	if _, ok := out["User-Agent"]; !ok {
		out["User-Agent"] = nil // else Go names itself
	}
	return out, nil
}

// SecretError is that a secret that a scope entry names cannot be used. Its cause
// is for operators.
type SecretError struct {
	Name string
	Err  error
}

func (e *SecretError) Error() string { return fmt.Sprintf("secret %q: %v", e.Name, e.Err) }

// Unwrap returns the cause.
func (e *SecretError) Unwrap() error { return e.Err }

func (r *Request) secret(name string) (string, error) {
	if r.Secret == nil {
		return "", &SecretError{name, errors.New("the host has no secrets")}
	}
	value, err := r.Secret(name)
	if err == nil && (value == "" || !headerValue(value)) {
		err = errors.New("it is empty, or holds characters that a header cannot")
	}
	if err != nil {
		return "", &SecretError{name, err}
	}
	return value, nil
}

// identifying are headers that are for one origin only.
var identifying = []string{"Authorization", "Cookie", "Cookie2", "Www-Authenticate"}

// follow makes the request that a redirect asks for.
func (r *Request) follow(h *hop, resp *http.Response) (*hop, error) {
	location, err := h.url.Parse(resp.Header.Get("Location"))
	if err != nil {
		return nil, &Unreachable{Text: "a redirect that cannot be read", Err: err}
	}
	next := &hop{method: h.method, header: h.header.Clone(), body: h.body, size: h.size}
	if next.parsed, err = parse(location.String()); err != nil {
		return nil, &Unreachable{Text: "a redirect to what cannot be fetched", Err: err}
	}
	if h.parsed.Scheme() == "https" && next.parsed.Scheme() == "http" {
		return nil, &Unreachable{Text: "a redirect from https to http", Err: errors.New(next.parsed.Origin())}
	}
	keeps := resp.StatusCode == http.StatusTemporaryRedirect || resp.StatusCode == http.StatusPermanentRedirect ||
		h.method != http.MethodPost && resp.StatusCode != http.StatusSeeOther || h.method == http.MethodHead
	switch {
	case !keeps:
		next.method, next.body, next.size = http.MethodGet, nil, 0
		for name := range next.header {
			if strings.HasPrefix(name, "Content-") {
				delete(next.header, name)
			}
		}
	case h.body == nil:
	case r.Again == nil:
		return nil, &Unreachable{Text: "a redirect for which the body would have to be sent again", Err: errors.New(next.parsed.Origin())}
	default:
		next.body = r.Again()
	}
	if next.parsed.Origin() != h.parsed.Origin() {
		for name := range next.header {
			if slices.Contains(identifying, name) {
				delete(next.header, name)
			}
		}
	}
	return next, nil
}

// redirects reports whether a response asks to be followed.
func redirects(resp *http.Response) bool {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return resp.Header.Get("Location") != ""
	}
	return false
}
