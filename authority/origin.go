package authority

import (
	"strconv"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

// Origin is where a caller's code comes from: the app itself, a remote URL, or
// a module. The zero Origin is none and matches nothing. Origins are the same
// if [Origin.String] is: those of different kinds never print alike.
type Origin struct {
	_    [0]func() // not comparable with ==, which would compare pointers
	kind originKind
	text string             // the URL in canonical form (as given if it is none), or the module's name
	url  *pattern.ParsedURL // of a remote origin
}

type originKind uint8

const (
	originNone originKind = iota
	originLocal
	originRemote
	originInvalid // a remote URL that does not parse
	originModule
)

// LocalOrigin is the origin of the app's own pages and code.
func LocalOrigin() Origin { return Origin{kind: originLocal} }

// RemoteOrigin is the origin of a page at the URL. A text that is no absolute
// URL gives an origin that matches nothing.
func RemoteOrigin(url string) Origin {
	p, err := pattern.ParseURL(url)
	if err != nil {
		return Origin{kind: originInvalid, text: url}
	}
	return Origin{kind: originRemote, text: p.String(), url: &p}
}

// ModuleOrigin is the origin of a call that a module makes. An empty name
// gives an origin that matches nothing.
func ModuleOrigin(name string) Origin {
	if name == "" {
		return Origin{}
	}
	return Origin{kind: originModule, text: name}
}

// IsLocal reports whether the caller is the app itself.
func (o Origin) IsLocal() bool { return o.kind == originLocal }

// IsZero reports whether o is no origin at all.
func (o Origin) IsZero() bool { return o.kind == originNone }

// Module returns the name of the module that calls, or "".
func (o Origin) Module() string {
	if o.kind == originModule {
		return o.text
	}
	return ""
}

// URL returns the remote URL in canonical form, or "" if the caller is not
// remote or its URL does not parse.
func (o Origin) URL() string {
	if o.kind == originRemote {
		return o.text
	}
	return ""
}

// String prints "local", the URL, or "module:<name>"; "none" for the zero
// Origin. What does not read as one of these is quoted, so that no page and
// no module can pass for another origin in a record.
func (o Origin) String() string {
	switch o.kind {
	case originLocal:
		return "local"
	case originRemote:
		if plain(o.text) && o.url.Scheme() != "module" {
			return o.text
		}
		return strconv.QuoteToASCII(o.text)
	case originInvalid:
		return strconv.QuoteToASCII(o.text)
	case originModule:
		if plain(o.text) {
			return "module:" + o.text
		}
		return "module:" + strconv.QuoteToASCII(o.text)
	}
	return "none"
}

// plain reports whether s is printable ASCII without spaces and quotes.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == '"' {
			return false
		}
	}
	return s != ""
}
