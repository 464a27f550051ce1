package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/pattern"
)

// Options say how a [Client] reaches servers. The zero Options use what the
// system has.
type Options struct {
	Roots    *x509.CertPool // certificate authorities; nil means the system's
	Resolver *net.Resolver  // of names; nil means the system's
}

// Client sends requests. It keeps nothing of them, and is safe for concurrent
// use.
type Client struct{ options Options }

// NewClient returns a client.
func NewClient(o Options) *Client { return &Client{options: o} }

const (
	dialTimeout         = 10 * time.Second
	mostResponseHeaders = 64 << 10 // bytes
)

// Response is what a server answered. The body must be closed.
type Response struct {
	Status int
	URL    string // that answered, in canonical form
	Header http.Header
	Body   io.ReadCloser // as it was sent: compressed, if the module asked for that
}

// Unreachable is why no server answered. The text is for the module, the cause
// for operators.
type Unreachable struct {
	Text string
	Err  error
}

func (e *Unreachable) Error() string { return e.Text + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Unreachable) Unwrap() error { return e.Err }

// hop is one request on the way to the response.
type hop struct {
	method string
	parsed pattern.ParsedURL
	url    *url.URL
	header http.Header // without what entries set
	body   io.Reader   // nil: none
	size   int64
}

// Do sends a request and follows redirects. The error is a [*BadRequest] or that
// of the policy before anything was sent; later also an [*AddressError], a
// [*SecretError], an [*Unreachable] or the context's. The response's body ends
// with the context.
func (c *Client) Do(ctx context.Context, r *Request) (*Response, error) {
	h := &hop{method: r.Method, body: r.Body, size: r.Size}
	err := checkMethod(r.Method)
	if err == nil {
		h.header, err = headers(r.Header)
	}
	if err == nil {
		h.parsed, err = parse(r.URL)
	}
	for n := 0; err == nil; n++ {
		var resp *http.Response
		var done func()
		if resp, done, err = c.hop(ctx, r, h); err != nil {
			break
		}
		if r.Redirects < 0 || !redirects(resp) {
			return &Response{Status: resp.StatusCode, URL: h.parsed.String(), Header: resp.Header, Body: &body{resp.Body, done}}, nil
		}
		_ = resp.Body.Close()
		done()
		if n >= min(r.Redirects, MostRedirects) {
			return nil, &Unreachable{Text: "too many redirects", Err: errors.New(h.parsed.Origin())}
		}
		h, err = r.follow(h, resp)
	}
	return nil, err
}

// hop sends one request, by the first entry whose addresses it may go to.
func (c *Client) hop(ctx context.Context, r *Request, h *hop) (_ *http.Response, done func(), err error) {
	if h.url, err = sent(h.parsed); err != nil {
		return nil, nil, err
	}
	entries, err := r.Policy(h.method, h.parsed)
	if err != nil {
		return nil, nil, err
	}
	err = errors.New("no entry") // a policy that returns none and no error
	for _, e := range entries {
		var resp *http.Response
		if resp, done, err = c.try(ctx, r, h, e); err == nil {
			return resp, done, nil
		}
		if _, refused := errors.AsType[*AddressError](err); !refused {
			break
		}
	}
	return nil, nil, err
}

// try sends one request by one entry. The next may be tried after an
// [*AddressError]: then nothing was sent, and the body is as it was.
func (c *Client) try(ctx context.Context, r *Request, h *hop, e authority.Sending) (*http.Response, func(), error) {
	header, err := r.added(h.header, e)
	if err != nil {
		return nil, nil, err
	}
	req := (&http.Request{
		Method: h.method, URL: h.url, Host: h.url.Host, Header: header, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(ctx)
	if h.body != nil && h.size != 0 {
		req.Body, req.ContentLength = io.NopCloser(h.body), h.size
	}
	t := c.transport(strings.Trim(h.parsed.Host(), "[]"), e.Private)
	resp, err := t.RoundTrip(req)
	if err != nil {
		t.CloseIdleConnections()
		return nil, nil, c.failure(ctx, err)
	}
	return resp, t.CloseIdleConnections, nil
}

// transport is for one request: what it dials is checked, and not used again.
func (c *Client) transport(host string, own bool) *http.Transport {
	d := &net.Dialer{Timeout: dialTimeout, KeepAlive: -1, Resolver: c.options.Resolver}
	d.Control = func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return &AddressError{class: never}
		}
		return check(to.Addr(), host, own)
	}
	return &http.Transport{
		Proxy: nil, DialContext: d.DialContext, TLSClientConfig: &tls.Config{RootCAs: c.options.Roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: dialTimeout, DisableKeepAlives: true, DisableCompression: true, ForceAttemptHTTP2: true,
		MaxResponseHeaderBytes: mostResponseHeaders,
	}
}

// failure sorts out why there is no response.
func (c *Client) failure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if e, ok := errors.AsType[*AddressError](err); ok {
		return e
	}
	text := "the server did not answer as HTTP does"
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		text = "the host's name leads nowhere"
	} else if e, ok := errors.AsType[*net.OpError](err); ok && e.Op == "dial" {
		text = "the host does not answer"
	} else if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		text = "the host has no certificate that is trusted"
	}
	return &Unreachable{Text: text, Err: err}
}

// body closes the connection with the response.
type body struct {
	io.ReadCloser
	done func()
}

func (b *body) Close() error {
	err := b.ReadCloser.Close()
	b.done()
	return err
}
