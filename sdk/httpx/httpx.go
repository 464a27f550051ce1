// Package httpx lets net/http send its requests through the power http: the host
// decides on each, and nothing else of the network is reached.
//
//	client := &http.Client{Transport: httpx.Transport{}}
//	resp, err := client.Get("https://api.example.org/v1/now")
//
// It makes a guest 7 MB larger; [sdk.Fetch] does the same without net/http.
package httpx

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ambit-wasm/ambit/sdk"
)

// Transport is an [http.RoundTripper]. The zero Transport is ready for use.
// Redirects are left to the [http.Client], whose every hop is a request of its
// own here. The context's deadline is held; a context that is canceled without
// one is looked at before the request only, since a guest waits in one place at a
// time. Errors are those of [sdk.Fetch].
type Transport struct{}

// mostWhole is how large a body may be that is sent in one piece, in bytes.
const mostWhole = 256 << 10

// RoundTrip sends a request.
func (Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	if err := context.Cause(r.Context()); err != nil {
		return nil, err
	}
	out := &sdk.Request{Method: r.Method, URL: r.URL.String(), Redirect: "manual"}
	for name, values := range r.Header {
		for _, v := range values {
			out.Header = append(out.Header, [2]string{name, v})
		}
	}
	if end, ok := r.Context().Deadline(); ok {
		out.Timeout = max(time.Until(end).Milliseconds(), 1)
	}
	resp, err := send(out, r)
	if err != nil {
		return nil, err
	}
	return response(r, resp), nil
}

// send sends the body in one piece if it is known to be small.
func send(out *sdk.Request, r *http.Request) (*sdk.Response, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return sdk.Fetch(out)
	}
	if r.ContentLength > 0 && r.ContentLength <= mostWhole { // 0: not known
		body, err := io.ReadAll(io.LimitReader(r.Body, mostWhole))
		if err != nil {
			return nil, err
		}
		out.Body = body
		return sdk.Fetch(out)
	}
	u, err := sdk.StartFetch(out)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(u, r.Body); err != nil {
		_ = u.Close()
		return nil, err
	}
	return u.Finish()
}

func response(r *http.Request, resp *sdk.Response) *http.Response {
	out := &http.Response{
		Status: strconv.Itoa(resp.Status) + " " + http.StatusText(resp.Status), StatusCode: resp.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: make(http.Header, len(resp.Header)), Body: resp, ContentLength: -1, Request: r,
	}
	for _, h := range resp.Header {
		out.Header.Add(h[0], h[1])
	}
	if strings.EqualFold(out.Header.Get("Content-Length"), "0") {
		out.ContentLength = 0
	}
	return out
}
