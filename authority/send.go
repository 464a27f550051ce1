package authority

import (
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// sending is what an entry of the power http says beyond its URL. The zero
// sending is that of an entry which says nothing more.
type sending struct {
	methods []string // nil: any
	private bool
	headers []Header
	unclear bool // something in it cannot be read
}

// Header is a header that the host adds to requests.
type Header struct {
	Name   string
	Value  string // of one that is no secret
	Secret string // the name of the secret that is its value, or ""
}

// Sending is an entry that lets a request through, and what it says of it.
type Sending struct {
	ScopeEntry
	Private bool     // addresses of the own machine and network are meant, too
	Headers []Header // that the host sets, and the module cannot
}

// Send says which entries let a request through: those of the power http whose
// URL and methods match, in resolution order. Each is used whole, never mixed
// with another. There are none, and the code is [CodeScopeEmpty] if no entry
// lends the power at all, [CodeScopeMismatch] if none matches or one that denies
// does. A URL with user info is never let through.
func (g *Grant) Send(method string, url pattern.ParsedURL) ([]Sending, Code) {
	g = g.get()
	var out []Sending
	code := CodeScopeEmpty
	for e := range g.lent(PowerHTTP, g.allow, g.globalAllow) {
		code = CodeScopeMismatch
		if s := &e.v.sends; !s.unclear && s.has(method) && e.v.url.Match(url) && !url.HasUser() {
			out = append(out, Sending{ScopeEntry: e, Private: s.private, Headers: s.headers})
		}
	}
	if len(out) == 0 {
		return nil, code
	}
	for e := range g.lent(PowerHTTP, g.deny, g.globalDeny) {
		if s := &e.v.sends; e.v.url == nil || s.unclear || s.has(method) && e.v.url.Match(url) {
			return nil, CodeScopeMismatch
		}
	}
	return out, CodeAllowed
}

// has reports whether the method is meant.
func (s *sending) has(method string) bool {
	return s.methods == nil || slices.Contains(s.methods, method)
}

func (c *scopeCheck) methods(s *scopeValue, v any) {
	list, ok := v.([]any)
	for _, e := range list {
		method, _ := e.(string)
		ok = ok && method != "" && strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") == ""
		s.sends.methods = append(s.sends.methods, method)
	}
	if !ok || len(list) == 0 {
		s.sends.unclear = true
		c.wrongType(s, keyMethods, `a list of methods in capital letters, like ["GET"]`)
	}
}

// secretPrefix begins the value of a header that is a secret of the host's.
const secretPrefix = "secret:"

// headers checks the headers that the host sets.
func (c *scopeCheck) headers(s *scopeValue, v any) {
	table, _ := v.(map[string]any)
	ok := len(table) > 0
	for _, name := range sortedKeys(table) {
		value, isText := table[name].(string)
		h := Header{Name: name, Value: value}
		if secret, is := strings.CutPrefix(value, secretPrefix); is {
			h = Header{Name: name, Secret: secret}
			isText = secretName(secret)
		}
		ok = ok && isText && HeaderMayBeSet(name) && headerText(value)
		s.sends.headers = append(s.sends.headers, h)
	}
	if !ok {
		s.sends.unclear = true
		c.wrongType(s, keyHeaders, `a table from headers to texts, like { Authorization = "secret:weather-api" }; the headers of the connection itself cannot be set`)
	}
}

// secretName reports whether a secret may be called so.
func secretName(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, alphanumerics+"-_.") == ""
}

const alphanumerics = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// headerText reports whether s can be the value of a header: printable ASCII,
// with spaces and tabs inside only.
func headerText(s string) bool {
	return strings.Trim(s, " \t") == s && !strings.ContainsFunc(s, func(r rune) bool { return r != '\t' && (r < ' ' || r > '~') })
}

// connectionHeaders are about the connection and how a message is framed on it,
// not about what is asked for: whoever sets them could make two servers read one
// request differently (RFC 9110 §7.6.1, RFC 9112 §6).
var connectionHeaders = []string{
	"connection", "content-length", "expect", "host", "http2-settings", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "via",
}

// HeaderMayBeSet reports whether a request's header of that name may be set: a
// token that is none of the connection's own, of a proxy, or the user's agent's
// (Sec-).
func HeaderMayBeSet(name string) bool {
	lower := strings.ToLower(name)
	token := name != "" && strings.Trim(name, alphanumerics+"!#$%&'*+-.^_`|~") == ""
	return token && !strings.HasPrefix(lower, "proxy-") && !strings.HasPrefix(lower, "sec-") && !slices.Contains(connectionHeaders, lower)
}
