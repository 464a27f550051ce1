package power

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/pattern"
	"github.com/ambit-wasm/ambit/host/internal/egress"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// codeUnreachable is that of a request which no server answered.
const codeUnreachable authority.Code = "unreachable"

// mostRead is how much one read returns at most, in bytes.
const mostRead = 1 << 20

// HTTP is what the sessions of a host share for the power http. The zero HTTP
// sends nothing.
type HTTP struct {
	Client *egress.Client
	// Secret returns a secret of the host's; nil means that there are none.
	Secret func(ctx context.Context, name string) (string, error)
	// Enter counts a request that is open, and Leave that it is not any more; Enter
	// is false if there are too many of them.
	Enter func() bool
	Leave func()
	Bytes int64 // that a session may send, and as many that it may receive
}

// exchange is a request that is open: its response, or before that the rest of
// what is sent. It implements [io.Closer].
type exchange struct {
	s      *Session
	ctx    context.Context
	cancel context.CancelFunc
	url    string
	upload *io.PipeWriter // nil: all is sent
	head   chan answer    // of an upload
	body   io.ReadCloser  // nil: no response yet
}

type answer struct {
	*egress.Response
	err error
}

// httpFetch is {method, url: string, headers: [[name, value]…]?, body: bin?,
// stream: bool?, redirect: "follow", "error" or "manual"?, timeout: ms?} ->
// {id, status, url, headers}. With stream the body follows by write, and the
// result is {id}. The timeout is for all of it, reading the response included.
func httpFetch(s *Session, a *args, out []byte) ([]byte, *Error) {
	r := &egress.Request{Method: strings.Clone(a.str("method")), URL: strings.Clone(a.str("url"))}
	a.list("headers", 1000, func(d *wire.Dec) {
		if d.Array() != 2 {
			a.fail("headers")
			return
		}
		r.Header = append(r.Header, [2]string{strings.Clone(d.Str()), strings.Clone(d.Str())})
	})
	body, whole := a.binOr("body")
	stream := a.flag("stream")
	var known bool
	if r.Redirects, known = redirectModes[a.strOr("redirect")]; !known {
		a.fail("redirect")
	}
	timeout := time.Duration(a.numberOr("timeout", 0, 1<<40)) * time.Millisecond
	if whole && stream {
		a.fail("body")
	}
	if err := a.done(); err != nil {
		return nil, err
	}
	x, err := s.openExchange(r, timeout)
	if err != nil {
		return nil, err
	}
	if stream {
		x.start(r)
		return wire.AppendUint(wire.AppendStr(wire.AppendMap(out, 1), "id"), s.hold(x)), nil
	}
	if whole {
		kept := bytes.Clone(body) // it may be read after the call
		r.Body, r.Size, r.Again = bytes.NewReader(kept), int64(len(kept)), func() io.Reader { return bytes.NewReader(kept) }
		err = s.countSent(len(kept))
	}
	if err == nil {
		var resp *egress.Response
		var failed error
		if resp, failed = s.means.HTTP.Client.Do(x.ctx, r); failed == nil {
			x.body = resp.Body
			out = wire.AppendUint(wire.AppendStr(wire.AppendMap(out, 4), "id"), s.hold(x))
			return appendHead(out, resp), nil
		}
		err = s.httpError(r.URL, failed)
	}
	_ = x.Close()
	return nil, err
}

// redirectModes are how many redirects are followed.
var redirectModes = map[string]int{"": egress.MostRedirects, "follow": egress.MostRedirects, "error": 0, "manual": -1}

// openExchange makes room for a request, and binds it to what the scope lets
// through.
func (s *Session) openExchange(r *egress.Request, timeout time.Duration) (*exchange, *Error) {
	h := &s.means.HTTP
	if h.Client == nil || h.Enter == nil {
		return nil, s.Refuse(authority.PowerHTTP, authority.CodeScopeEmpty, r.URL, "url", r.URL)
	}
	if err := s.room(); err != nil {
		return nil, err
	}
	if !h.Enter() {
		return nil, &Error{authority.CodeQuota, "too many requests are open at a time"}
	}
	x := &exchange{s: s, url: r.URL}
	if timeout > 0 {
		x.ctx, x.cancel = context.WithTimeout(s.call.Blocking(), timeout)
	} else {
		x.ctx, x.cancel = context.WithCancel(s.call.Blocking())
	}
	r.Policy = func(method string, u pattern.ParsedURL) ([]authority.Sending, error) {
		entries, code := s.grant.Send(method, u)
		if code != authority.CodeAllowed {
			return nil, &notSent{method, u.String(), code}
		}
		return entries, nil
	}
	if h.Secret != nil {
		ctx := x.ctx
		r.Secret = func(name string) (string, error) { return h.Secret(ctx, name) }
	}
	return x, nil
}

// notSent is a hop that no entry lets through.
type notSent struct {
	method, url string
	code        authority.Code
}

func (e *notSent) Error() string { return "outside the scope" }

// httpError is what the guest is told. What is not its own fault goes to the
// operator, too.
func (s *Session) httpError(url string, err error) *Error {
	if e, ok := errors.AsType[*notSent](err); ok {
		return s.Refuse(authority.PowerHTTP, e.code, e.method+" "+e.url, "url", e.url)
	}
	if e, ok := errors.AsType[*egress.AddressError](err); ok {
		s.failed(authority.PowerHTTP, url, err)
		if e.Private() {
			return s.Refuse(authority.PowerHTTP, authority.CodeScopeMismatch, url, "url", url, "private", true)
		}
		return s.Refuse(authority.PowerHTTP, authority.CodeScopeMismatch, url)
	}
	if e, ok := errors.AsType[*egress.BadRequest](err); ok {
		return &Error{authority.CodeBadArgs, e.Text}
	}
	if e, ok := errors.AsType[*egress.Unreachable](err); ok {
		s.failed(authority.PowerHTTP, url, err)
		return &Error{codeUnreachable, e.Text}
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return &Error{authority.CodeDeadline, "the request took too long"}
	}
	s.failed(authority.PowerHTTP, url, err)
	return &Error{authority.CodeHostError, "the host could not send the request"}
}

// start sends a request whose body is written later.
func (x *exchange) start(r *egress.Request) {
	var from *io.PipeReader
	from, x.upload = io.Pipe()
	r.Body, r.Size = from, -1
	x.head = make(chan answer, 1)
	client := x.s.means.HTTP.Client
	go func() {
		resp, err := client.Do(x.ctx, r)
		_ = from.CloseWithError(errUploadOver) // nobody reads it any more
		x.head <- answer{resp, err}
	}()
	context.AfterFunc(x.ctx, func() { _ = from.CloseWithError(errUploadOver) })
}

var errUploadOver = errors.New("the request takes no more")

// httpWrite is {id, data: bin, end: bool?} -> nil, or with end the head of the
// response, {status, url, headers}. A server may answer before it has read all:
// what is written then is lost, and no error.
func httpWrite(s *Session, a *args, out []byte) ([]byte, *Error) {
	id, data, end := a.number("id"), a.bin("data"), a.flag("end")
	if err := a.done(); err != nil {
		return nil, err
	}
	x, err := held[*exchange](s, id)
	if err == nil && x.upload == nil {
		err = &Error{authority.CodeBadArgs, "the body of the request is sent"}
	}
	if err == nil {
		err = s.countSent(len(data))
	}
	if err != nil {
		return nil, err
	}
	_ = s.call.Blocking() // the request ends with it
	if len(data) > 0 {
		_, _ = x.upload.Write(data) // it returns when data was read, or nobody does any more
	}
	if !end {
		return wire.AppendNil(out), nil
	}
	_ = x.upload.Close()
	x.upload = nil
	got := <-x.head // Do ends with the context
	if got.err != nil {
		return nil, s.httpError(x.url, got.err)
	}
	x.body = got.Body
	return appendHead(wire.AppendMap(out, 3), got.Response), nil
}

// httpRead is {id, max: bytes} -> bin, empty at the end of the body.
func httpRead(s *Session, a *args, out []byte) ([]byte, *Error) {
	id, most := a.number("id"), a.numberOr("max", mostRead, mostRead)
	if most == 0 {
		a.fail("max") // nothing would look like the end
	}
	if err := a.done(); err != nil {
		return nil, err
	}
	x, err := held[*exchange](s, id)
	if err != nil {
		return nil, err
	}
	left := s.means.HTTP.Bytes - s.received
	switch {
	case x.body == nil:
		return nil, &Error{authority.CodeBadArgs, "there is no response yet"}
	case left <= 0:
		return nil, &Error{authority.CodeQuota, "the call has received as much as it may"}
	}
	b := make([]byte, min(int64(most), left, max(s.means.Reply/2, 1)))
	_ = s.call.Blocking() // the body ends with it
	n, failed := 0, error(nil)
	for n == 0 && failed == nil {
		n, failed = x.body.Read(b)
	}
	s.received += int64(n)
	if n == 0 && failed != nil && failed != io.EOF { //nolint:errorlint // readers return it bare
		return nil, s.readError(x, failed)
	}
	return wire.AppendBin(out, b[:n]), nil
}

func (s *Session) readError(x *exchange, err error) *Error {
	if x.ctx.Err() != nil {
		err = context.Cause(x.ctx)
	} else {
		err = &egress.Unreachable{Text: "the response ended early", Err: err}
	}
	return s.httpError(x.url, err)
}

// httpClose is {id} -> nil. What is closed already is no error.
func httpClose(s *Session, a *args, out []byte) ([]byte, *Error) {
	id := a.number("id")
	if err := a.done(); err != nil {
		return nil, err
	}
	_ = s.release(id)
	return wire.AppendNil(out), nil
}

// countSent counts what the session sends.
func (s *Session) countSent(n int) *Error {
	if s.sent += int64(n); s.sent > s.means.HTTP.Bytes {
		s.sent -= int64(n)
		return &Error{authority.CodeQuota, "the call has sent as much as it may"}
	}
	return nil
}

// Close ends the request.
func (x *exchange) Close() error {
	x.cancel()
	if x.upload != nil {
		_ = x.upload.CloseWithError(errUploadOver)
		if got := <-x.head; got.err == nil {
			x.body = got.Body
		}
		x.upload = nil
	}
	if x.body != nil {
		_ = x.body.Close() // with an error if it was not read to its end
	}
	x.s.means.HTTP.Leave()
	return nil
}

// appendHead appends the head of a response, less the map's: names in small
// letters, sorted, values as they came but for what is no text.
func appendHead(out []byte, r *egress.Response) []byte {
	out = wire.AppendUint(wire.AppendStr(out, "status"), uint64(max(r.Status, 0)))
	out = wire.AppendStr(wire.AppendStr(out, "url"), r.URL)
	n := 0
	names := make([]string, 0, len(r.Header))
	for name, values := range r.Header {
		names, n = append(names, name), n+len(values)
	}
	slices.Sort(names)
	out = wire.AppendArray(wire.AppendStr(out, "headers"), n)
	for _, name := range names {
		for _, v := range r.Header[name] {
			out = wire.AppendStr(wire.AppendArray(out, 2), strings.ToValidUTF8(strings.ToLower(name), "\ufffd"))
			out = wire.AppendStr(out, strings.ToValidUTF8(v, "\ufffd"))
		}
	}
	return out
}
