// Package command holds the commands of the http module, over [sdk.Fetch].
//
// Errors are [*sdk.Error] with one of these codes:
//
//	forbidden    the scope lets no such request through, or a redirect leaves it
//	unreachable  no server answered as HTTP does
//	bad-args     a URL, method or header that cannot be sent
//	quota        the call sends or receives more than it may
//	too-large    the body has more bytes than maxBytes
//	deadline     the request took longer than its timeout
package command

import (
	"io"

	"github.com/ambit-wasm/ambit/sdk"
)

// Register registers the commands with the SDK and returns their names.
func Register() []string {
	sdk.Handle("fetch", func(_ *sdk.Call, a Request) (Response, error) { return fetch(a) })
	sdk.Handle("fetch_stream", func(_ *sdk.Call, a StreamRequest) (Response, error) { return fetchStream(a) })
	return []string{"fetch", "fetch_stream"}
}

// Request is the arguments of fetch, Tauri's ClientConfig with the body in it. What
// is nil is left out.
type Request struct {
	Method          *string     `json:"method"` // default: GET
	URL             string      `json:"url"`
	Headers         [][2]string `json:"headers"`
	Data            any         `json:"data"`            // the body, bytes or a string; null: none
	MaxRedirections *int        `json:"maxRedirections"` // 0: a redirect is the response; else they are followed, five at most
	ConnectTimeout  *int64      `json:"connectTimeout"`  // milliseconds, for all of it
	MaxBytes        *int        `json:"maxBytes"`        // of the response's body; default and at most 3 MiB
}

// StreamRequest is the arguments of fetch_stream.
type StreamRequest struct {
	Request
	Topic string `json:"topic"`
}

// Response is the result. Of fetch_stream it has no body.
type Response struct {
	Status     int         `json:"status"`
	StatusText string      `json:"statusText"`
	URL        string      `json:"url"` // that answered
	Headers    [][2]string `json:"headers"`
	Body       []byte      `json:"body"`
}

// mostBytes is how much of a body fits a result.
const mostBytes = 3 << 20

func fetch(a Request) (out Response, err error) {
	resp, out, err := a.send()
	if err != nil {
		return out, err
	}
	defer func() { _ = resp.Close() }()
	most := mostBytes
	if a.MaxBytes != nil && *a.MaxBytes > 0 {
		most = min(*a.MaxBytes, most)
	}
	if out.Body, err = io.ReadAll(io.LimitReader(resp, int64(most)+1)); err != nil {
		return Response{}, sdk.Coded(err)
	}
	if len(out.Body) > most {
		return Response{}, sdk.NewError("too-large", "the response is larger than maxBytes")
	}
	return out, nil
}

// fetchStream emits the body piece by piece, bytes, and a null at its end.
func fetchStream(a StreamRequest) (Response, error) {
	resp, out, err := a.send()
	if err != nil {
		return out, err
	}
	defer func() { _ = resp.Close() }()
	b := make([]byte, 64<<10)
	for {
		n, err := resp.Read(b)
		if n > 0 {
			heard, err := sdk.Emit(a.Topic, b[:n])
			if err != nil {
				return Response{}, sdk.Coded(err)
			}
			if !heard {
				return Response{}, sdk.NewError("not-heard", "nobody listens to the topic")
			}
		}
		if err == io.EOF { //nolint:errorlint // it is bare
			_, err = sdk.Emit(a.Topic, nil)
			return out, sdk.Coded(err)
		}
		if err != nil {
			return Response{}, sdk.Coded(err)
		}
	}
}

func (a *Request) send() (*sdk.Response, Response, error) {
	r := &sdk.Request{URL: a.URL, Header: a.Headers}
	if a.Method != nil {
		r.Method = *a.Method
	}
	if a.ConnectTimeout != nil {
		r.Timeout = *a.ConnectTimeout
	}
	switch data := a.Data.(type) {
	case nil:
	case string:
		r.Body = []byte(data)
	case []byte:
		r.Body = data
	default:
		return nil, Response{}, sdk.NewError("bad-args", "data is bytes or a string")
	}
	if a.MaxRedirections != nil && *a.MaxRedirections == 0 {
		r.Redirect = "manual"
	}
	resp, err := sdk.Fetch(r)
	if err != nil {
		return nil, Response{}, sdk.Coded(err)
	}
	return resp, Response{Status: resp.Status, StatusText: statusTexts[resp.Status], URL: resp.URL, Headers: resp.Header}, nil
}

// statusTexts are the reasons of common codes; package net/http has them all and
// 7 MB more.
var statusTexts = map[int]string{
	200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content",
	301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect",
	400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 410: "Gone",
	413: "Request Entity Too Large", 415: "Unsupported Media Type", 418: "I'm a teapot", 422: "Unprocessable Entity", 429: "Too Many Requests",
	500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
}
