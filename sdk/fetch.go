package sdk

import (
	"io"

	"github.com/ambit-wasm/ambit/sdk/internal/abi"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// Request is an HTTP request. Package sdk/httpx sends those of net/http, for 7 MB
// more.
type Request struct {
	Method string      // "" means GET
	URL    string      // http or https, without user and password
	Header [][2]string // names and values
	Body   []byte      // nil: none. [StartFetch] sends one piece by piece
	// Redirect is "follow" (also ""): up to five, each within the scope; "error";
	// or "manual": the redirect is the response.
	Redirect string
	Timeout  int64 // milliseconds for all of it, reading the response included; 0: what the call has
}

// Response is what a server answered. It reads its body, as the server sent it,
// until [io.EOF]. It belongs to the call and is closed with it.
type Response struct {
	Status int
	URL    string      // that answered, after redirects
	Header [][2]string // names in small letters, sorted, and values

	id   uint64
	rest []byte // read, and not yet given on
}

// Fetch sends a request and returns when the head of the response is there.
//
// The command must declare the power http, and its scope must hold an entry whose
// "url" and "methods" match, for every redirect, too; otherwise the error is
// [ErrDenied]. So it is when the host's name leads to an address of the own
// machine or network and the entry does not say private = true. Headers of the
// connection (Host, Content-Length, …) cannot be set. A server that does not
// answer is a [*PowerError] with the code "unreachable". Cookies are not kept.
func Fetch(r *Request) (*Response, error) {
	d, err := PowerResult(abi.HTTPFetch(r.appendTo(nil, false)))
	if err != nil {
		return nil, err
	}
	return readHead(d, 0)
}

func (r *Request) appendTo(b []byte, stream bool) []byte {
	n := 4
	for _, more := range []bool{stream, r.Body != nil && !stream, r.Timeout > 0} {
		if more {
			n++
		}
	}
	method := r.Method
	if method == "" {
		method = "GET"
	}
	b = wire.AppendStr(wire.AppendStr(wire.AppendMap(b, n), "method"), method)
	b = wire.AppendStr(wire.AppendStr(b, "url"), r.URL)
	b = wire.AppendStr(wire.AppendStr(b, "redirect"), r.Redirect)
	b = wire.AppendArray(wire.AppendStr(b, "headers"), len(r.Header))
	for _, h := range r.Header {
		b = wire.AppendStr(wire.AppendStr(wire.AppendArray(b, 2), h[0]), h[1])
	}
	if r.Timeout > 0 {
		b = wire.AppendInt(wire.AppendStr(b, "timeout"), r.Timeout)
	}
	switch {
	case stream:
		b = wire.AppendBool(wire.AppendStr(b, "stream"), true)
	case r.Body != nil:
		b = wire.AppendBin(wire.AppendStr(b, "body"), r.Body)
	}
	return b
}

// readHead reads {id, status, url, headers}, or what of it is there.
func readHead(d *wire.Dec, id uint64) (*Response, error) {
	r := &Response{id: id}
	for range d.Map() {
		switch d.Str() {
		case "id":
			r.id = d.Uint()
		case "status":
			r.Status = int(d.Int())
		case "url":
			r.URL = d.Str()
		case "headers":
			for range d.Array() {
				if d.Array() == 2 {
					r.Header = append(r.Header, [2]string{d.Str(), d.Str()})
				}
			}
		default:
			d.Skip()
		}
	}
	return r, d.Err()
}

// Get returns the first value of a header, whose name is in small letters, or "".
func (r *Response) Get(name string) string {
	for _, h := range r.Header {
		if h[0] == name {
			return h[1]
		}
	}
	return ""
}

// readSize is how much is asked for at a time, in bytes.
const readSize = 64 << 10

// Read reads from the body.
func (r *Response) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(r.rest) == 0 {
		b := wire.AppendUint(wire.AppendStr(wire.AppendMap(nil, 2), "id"), r.id)
		b = wire.AppendInt(wire.AppendStr(b, "max"), int64(max(len(p), readSize)))
		d, err := PowerResult(abi.HTTPRead(b))
		if err != nil {
			return 0, err
		}
		if r.rest = d.Bin(); d.Err() != nil {
			return 0, d.Err()
		}
		if len(r.rest) == 0 {
			return 0, io.EOF
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Close ends the request. It may be left out: the end of the call does it.
func (r *Response) Close() error {
	r.rest = nil
	return closeFetch(r.id)
}

func closeFetch(id uint64) error {
	_, err := PowerResult(abi.HTTPClose(wire.AppendUint(wire.AppendStr(wire.AppendMap(nil, 1), "id"), id)))
	return err
}

// Upload is a request whose body is written piece by piece.
type Upload struct{ id uint64 }

// StartFetch begins a request whose body follows. The Body of r is not used.
// Errors of sending it, [ErrDenied] included, come from [Upload.Finish].
func StartFetch(r *Request) (*Upload, error) {
	d, err := PowerResult(abi.HTTPFetch(r.appendTo(nil, true)))
	if err != nil {
		return nil, err
	}
	head, err := readHead(d, 0)
	return &Upload{head.id}, err
}

// Write sends a piece of the body. A server that has answered already reads no
// more, which is no error.
func (u *Upload) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		n := min(len(rest), readSize)
		if _, err := u.write(rest[:n], false); err != nil {
			return len(p) - len(rest), err
		}
		rest = rest[n:]
	}
	return len(p), nil
}

// Finish ends the body and returns when the head of the response is there.
func (u *Upload) Finish() (*Response, error) {
	d, err := u.write(nil, true)
	if err != nil {
		return nil, err
	}
	return readHead(d, u.id)
}

// Close gives the request up.
func (u *Upload) Close() error { return closeFetch(u.id) }

func (u *Upload) write(p []byte, end bool) (*wire.Dec, error) {
	b := wire.AppendUint(wire.AppendStr(wire.AppendMap(nil, 3), "id"), u.id)
	b = wire.AppendBin(wire.AppendStr(b, "data"), p)
	return PowerResult(abi.HTTPWrite(wire.AppendBool(wire.AppendStr(b, "end"), end)))
}
