package ipc

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/jsonvalue"
)

const (
	mostLine    = 8 << 20 // bytes of a line
	mostRunning = 64      // calls of one peer at a time
)

// The errors of JSON-RPC 2.0 that are not a command's.
const (
	rpcParse   = -32700
	rpcInvalid = -32600
	rpcMethod  = -32601
	rpcParams  = -32602
	rpcFailed  = -32000 // a command's, with its code in data
)

// rpcIn is a line of the peer.
type rpcIn struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
}

// rpcError is what became of a request that failed.
type rpcError struct {
	Code    int      `json:"code"`
	Message string   `json:"message"`
	Data    *failure `json:"data,omitempty"`
}

// rpcOut is a line to the peer.
type rpcOut struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  any             `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *rpcError       `json:"error,omitempty"`
}

// lines is one peer.
type lines struct {
	host   *host.Host
	caller authority.Caller

	mu      sync.Mutex // of what follows, and of writing
	out     io.Writer
	running map[string]context.CancelFunc // by the request's id
	unnamed int                           // requests that had none
	failed  error                         // of writing
}

// ServeLines answers a peer that is connected by a pipe, such as an editor or a desktop
// shell, in JSON-RPC 2.0, a line each way:
//
//	--> {"jsonrpc": "2.0", "id": 1, "method": "invoke", "params": {"cmd": "notes.list", "args": {}}}
//	<-- {"jsonrpc": "2.0", "method": "channel", "params": {"id": 1, "topic": "progress", "payload": 0.5}}
//	<-- {"jsonrpc": "2.0", "id": 1, "result": []}
//	--> {"jsonrpc": "2.0", "method": "cancel", "params": {"id": 1}}
//
// The error of a command has the code -32000, and its own in data.code. The caller is
// who started the peer, whatever it says. Requests run at the same time; they end when in
// ends, or ctx. The error is that of reading or writing, nil at the end of in.
func ServeLines(ctx context.Context, h *host.Host, caller authority.Caller, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	l := &lines{host: h, caller: caller, out: out, running: make(map[string]context.CancelFunc)}
	var calls sync.WaitGroup
	defer calls.Wait()
	defer cancel()
	scan := bufio.NewScanner(in)
	scan.Buffer(nil, mostLine)
	for scan.Scan() {
		if len(scan.Bytes()) == 0 {
			continue
		}
		l.take(ctx, append([]byte(nil), scan.Bytes()...), &calls)
		if err := l.failure(); err != nil {
			return err
		}
	}
	if err := scan.Err(); err != nil {
		return fmt.Errorf("ipc: %w", err)
	}
	return nil
}

func (l *lines) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}

// take deals with one line.
func (l *lines) take(ctx context.Context, line []byte, calls *sync.WaitGroup) {
	var r rpcIn
	if err := json.Unmarshal(line, &r); err != nil {
		_ = l.write(rpcOut{ID: json.RawMessage("null"), Error: &rpcError{Code: rpcParse, Message: "the line is not JSON"}})
		return
	}
	if r.Version != "2.0" || !isID(r.ID) {
		_ = l.write(rpcOut{ID: json.RawMessage("null"), Error: &rpcError{Code: rpcInvalid, Message: `the line is no request of JSON-RPC 2.0`}})
		return
	}
	switch r.Method {
	case "invoke":
		l.invoke(ctx, r, calls)
	case "cancel":
		var which struct{ ID json.RawMessage }
		if json.Unmarshal(r.Params, &which) == nil {
			l.mu.Lock()
			if end := l.running[string(which.ID)]; end != nil {
				end()
			}
			l.mu.Unlock()
		}
		l.answer(r, json.RawMessage("null"), nil)
	default:
		l.answer(r, nil, &rpcError{Code: rpcMethod, Message: "the methods are invoke and cancel"})
	}
}

// isID reports whether a request has a number or a text as its id, or none.
func isID(id json.RawMessage) bool {
	return len(id) == 0 || len(id) < 100 && (id[0] == '"' || id[0] == '-' || id[0] >= '0' && id[0] <= '9')
}

func (l *lines) invoke(ctx context.Context, r rpcIn, calls *sync.WaitGroup) {
	var params struct {
		Cmd  string
		Args json.RawMessage
	}
	if err := json.Unmarshal(r.Params, &params); err != nil || params.Cmd == "" {
		l.answer(r, nil, &rpcError{Code: rpcParams, Message: `the parameters are {"cmd": "module.command", "args": {…}}`})
		return
	}
	var args any
	if len(params.Args) > 0 {
		var err error
		if args, err = jsonvalue.Parse(params.Args); err != nil {
			l.answer(r, nil, &rpcError{Code: rpcParams, Message: err.Error()})
			return
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	id := string(r.ID)
	l.mu.Lock()
	if id == "" { // it wants no answer
		l.unnamed++
		id = fmt.Sprint("unnamed ", l.unnamed)
	}
	_, twice := l.running[id]
	full := len(l.running) >= mostRunning
	if !twice && !full {
		l.running[id] = cancel
	}
	l.mu.Unlock()
	if twice || full {
		cancel()
		message := "a request with this id is running"
		if full {
			message = "too many requests are running"
		}
		l.answer(r, nil, &rpcError{Code: rpcInvalid, Message: message})
		return
	}
	calls.Go(func() {
		defer cancel()
		ctx := host.WithChannel(ctx, func(_ context.Context, m host.Message) error {
			return l.write(rpcOut{Method: "channel", Params: map[string]any{"id": r.ID, "topic": m.Topic, "payload": jsonvalue.Encodable(m.Value())}})
		})
		res, err := l.host.Invoke(ctx, l.caller, commandName(params.Cmd), args)
		l.mu.Lock()
		delete(l.running, id)
		l.mu.Unlock()
		if err != nil {
			e := host.Visible(l.caller, err)
			f := &failure{Code: e.Code, Message: e.Message, Data: jsonvalue.Encodable(e.Data)}
			var d *authority.Denial
			if errors.As(err, &d) && l.caller.Origin.IsLocal() { // the peer is the operator's
				f.Why = d.Decision.Explain()
			}
			l.answer(r, nil, &rpcError{Code: rpcFailed, Message: e.Message, Data: f})
			return
		}
		b, err := json.Marshal(jsonvalue.Encodable(res.Value))
		if err != nil { // a value that was decoded encodes
			l.answer(r, nil, &rpcError{Code: rpcFailed, Message: "the host failed"})
			return
		}
		l.answer(r, b, nil)
	})
}

// answer answers a request, unless it wants none.
func (l *lines) answer(r rpcIn, result json.RawMessage, e *rpcError) {
	if len(r.ID) > 0 {
		_ = l.write(rpcOut{ID: r.ID, Result: result, Error: e})
	}
}

func (l *lines) write(o rpcOut) error {
	o.Version = "2.0"
	b, err := json.Marshal(o)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed == nil {
		_, l.failed = l.out.Write(append(b, '\n'))
	}
	return l.failed
}
