package ipc

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/jsonvalue"
)

// The types of the body of an invoke, and of its result.
const (
	typeJSON    = "application/json"         // bytes are {"$bytes": base64}
	typeMsgpack = "application/msgpack"      // as in the envelope
	typeBytes   = "application/octet-stream" // the arguments, or the result, are these bytes
)

// failure is what a page learns of an error.
type failure struct {
	Code    authority.Code `json:"code"`
	Message string         `json:"message"`
	Data    any            `json:"data,omitempty"`
	Why     string         `json:"why,omitempty"` // with Config.Explain only
}

// invoke calls a command for a page. The call ends with the request.
func (s *Server) invoke(rw http.ResponseWriter, r *http.Request, p *page, name string) {
	size := r.ContentLength
	if size < 0 || size > s.config.MaxBody {
		size = s.config.MaxBody
	}
	defer s.reading.Add(-size)
	if s.reading.Add(size) > bodiesAtOnce*s.config.MaxBody {
		writeError(rw, http.StatusTooManyRequests, failure{Code: authority.CodeQuota, Message: "too many calls with large arguments run"})
		return
	}
	body, err := readBody(rw, r, s.config.MaxBody)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		writeError(rw, http.StatusRequestEntityTooLarge, failure{Code: authority.CodeTooLarge, Message: "the arguments are too large"})
		return
	case err != nil:
		writeError(rw, http.StatusRequestTimeout, failure{Code: authority.CodeBadArgs, Message: "the arguments did not come"})
		return
	}
	send, channelled := p.events, false // for whoever listens
	if id := r.Header.Get("Ambit-Channel"); len(id) > 64 {
		writeError(rw, http.StatusBadRequest, failure{Code: authority.CodeBadArgs, Message: "the channel's name is too long"})
		return
	} else if id != "" {
		send, channelled = p.channel(id), true
	}
	ctx := host.WithChannel(r.Context(), send)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	name = commandName(name)
	var res host.Result
	var raw []byte
	switch kind {
	case typeMsgpack:
		raw, err = s.host.InvokeRaw(ctx, p.caller, name, body, nil)
	case typeBytes:
		res, err = s.host.Invoke(ctx, p.caller, name, body)
	case typeJSON, "":
		var args any
		if len(bytes.TrimSpace(body)) > 0 {
			if args, err = jsonvalue.Parse(body); err != nil {
				writeError(rw, http.StatusBadRequest, failure{Code: authority.CodeBadArgs, Message: err.Error()})
				return
			}
		}
		res, err = s.host.Invoke(ctx, p.caller, name, args)
	default:
		writeError(rw, http.StatusUnsupportedMediaType, failure{Code: authority.CodeBadArgs, Message: "arguments are JSON, msgpack or bytes"})
		return
	}
	if channelled { // the client waits for what was emitted
		rw.Header().Set("Ambit-Sent", strconv.FormatUint(p.sent(), 10))
	}
	switch b, isBytes := res.Value.([]byte); {
	case err != nil:
		s.writeFailure(rw, p, err)
	case kind == typeMsgpack:
		writeBody(rw, typeMsgpack, raw)
	case isBytes:
		writeBody(rw, typeBytes, b)
	default:
		writeJSON(rw, http.StatusOK, jsonvalue.Encodable(res.Value))
	}
}

// bodyTime is how long a body may take to come.
var bodyTime = time.Minute

// readBody reads a body of at most so many bytes.
func readBody(rw http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	late := time.AfterFunc(bodyTime, func() { // cheaper than a deadline that is taken back
		_ = http.NewResponseController(rw).SetReadDeadline(time.Unix(1, 0)) // the connection is not used again
	})
	defer late.Stop()
	return io.ReadAll(http.MaxBytesReader(rw, r.Body, most))
}

// commandName reads a name as Tauri writes it, "plugin:fs|read_text_file", which is a
// spelling of pages only, or as it is.
func commandName(name string) string {
	if plugin, command, ok := strings.Cut(strings.TrimPrefix(name, "plugin:"), "|"); ok && strings.HasPrefix(name, "plugin:") {
		return plugin + "." + command
	}
	return name
}

// statuses are the status of a response by the code of the error; that of others is
// 422, for the module's own, or 500.
var statuses = map[authority.Code]int{
	authority.CodeBadArgs: http.StatusBadRequest, authority.CodeTooLarge: http.StatusRequestEntityTooLarge, authority.CodeQuota: http.StatusTooManyRequests, authority.CodeRate: http.StatusTooManyRequests,
	authority.CodeDeadline: http.StatusGatewayTimeout, authority.CodeRevoked: http.StatusForbidden, authority.CodeRefused: http.StatusForbidden, authority.CodeCanceled: 499, authority.CodeGuestError: http.StatusUnprocessableEntity,
}

func (s *Server) writeFailure(rw http.ResponseWriter, p *page, err error) {
	e := host.Visible(p.caller, err)
	f := failure{Code: e.Code, Message: e.Message, Data: jsonvalue.Encodable(e.Data)}
	status, known := statuses[e.Code]
	var d *authority.Denial
	switch {
	case errors.As(err, &d):
		if status = http.StatusForbidden; s.config.Explain && p.caller.Origin.IsLocal() {
			f.Why = d.Decision.Explain()
		}
	case known:
	case strings.Contains(string(e.Code), "."):
		status = http.StatusUnprocessableEntity
	default:
		status = http.StatusInternalServerError
	}
	writeError(rw, status, f)
}

func writeError(rw http.ResponseWriter, status int, f failure) { writeJSON(rw, status, f) }

func writeJSON(rw http.ResponseWriter, status int, v any) {
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(v); err != nil { // a value that was decoded encodes
		status = http.StatusInternalServerError
		b.Reset()
		b.WriteString(`{"code":"host-error","message":"the host failed"}`)
	}
	rw.Header().Set("Content-Type", typeJSON)
	rw.WriteHeader(status)
	_, _ = rw.Write(b.Bytes())
}

func writeBody(rw http.ResponseWriter, kind string, b []byte) {
	rw.Header().Set("Content-Type", kind)
	_, _ = rw.Write(b)
}
