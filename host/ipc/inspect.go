package ipc

import (
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
)

// InspectorLabel is the label of the inspector's window, and its host name. No window
// of an app has it.
const InspectorLabel = "ambit-inspector"

//go:embed inspector
var inspectorFolder embed.FS

func inspectorFiles() fs.FS {
	sub, err := fs.Sub(inspectorFolder, "inspector")
	if err != nil {
		panic(err) // it is compiled in
	}
	return sub
}

// decision is what the inspector shows of an event.
type decision struct {
	N uint64 `json:"n"`
	host.Record
	Remedy string `json:"remedy,omitempty"`
}

func decisionOf(s seen[host.Event]) decision {
	return decision{N: s.n, Record: s.of.Record(), Remedy: s.of.Remedy()}
}

// refusal is what it shows of a request that was refused.
type refusal struct {
	N uint64 `json:"n"`
	Refusal
}

func refusalOf(s seen[Refusal]) refusal { return refusal{s.n, s.of} }

// show sends something to the inspector's pages, if there are any.
func (s *Server) show(event string, of func() any) {
	w := s.byLabel[InspectorLabel]
	pages := s.listening(w, w.origin)
	if len(pages) == 0 {
		return
	}
	b, err := json.Marshal(of())
	if err != nil {
		return
	}
	for _, p := range pages {
		p.queue(message{Event: event, Payload: b})
	}
}

// OpenInspector returns the URL with which a browser opens the inspector, once, within
// two minutes. Who has it sees all that the policy says and every decision: it is for
// the operator.
func (s *Server) OpenInspector() (string, error) {
	w := s.byLabel[InspectorLabel]
	if w == nil {
		return "", errors.New("ipc: Config.Inspect is not set")
	}
	t, err := s.ticket(w, w.origin)
	return w.origin + "/#ambit=" + t, err
}

// state is all that the inspector shows but what comes later.
type state struct {
	Policy    string              `json:"policy"`
	Revision  uint64              `json:"revision"`
	Revokes   bool                `json:"revokes"` // it may
	Stats     host.Stats          `json:"stats"`
	Modules   []moduleState       `json:"modules"`
	Matrix    *authority.Matrix   `json:"matrix"`
	Rules     *authority.Resolved `json:"rules"`
	Grants    []grantState        `json:"grants"`
	Decisions []decision          `json:"decisions"`
	Refusals  []refusal           `json:"refusals"`
}

type moduleState struct {
	Name    string      `json:"name"`
	Version string      `json:"version"`
	Native  bool        `json:"native"`
	Refused string      `json:"refused,omitempty"`
	SHA256  string      `json:"sha256,omitempty"`
	Size    int64       `json:"size"`
	Limits  host.Limits `json:"limits"`
	Image   *imageState `json:"image,omitempty"`
	Figures figures     `json:"figures"`
}

// imageState is how a module's instances begin.
type imageState struct {
	Reset   string `json:"reset"`
	Why     string `json:"why,omitempty"`
	Bytes   int64  `json:"bytes"`
	Waiting int    `json:"waiting"`
	Kept    int64  `json:"kept"`
}

type grantState struct {
	ID         string `json:"id"`
	Capability string `json:"capability"`
	Expires    string `json:"expires,omitempty"`
}

// question is what a page of the inspector asks for: the state, after it has done what
// it says; or why a cell of the matrix is what it is.
type question struct {
	Revoke  string `json:"revoke"` // id of a grant
	Explain *struct {
		Caller  int    `json:"caller"`  // column
		Command string `json:"command"` // "module.command"
	} `json:"explain"`
}

// explanation answers Explain.
type explanation struct {
	Why    string `json:"why"`
	Remedy string `json:"remedy,omitempty"`
}

// inspect answers a page of the inspector.
func (s *Server) inspect(rw http.ResponseWriter, r *http.Request, w *window, origin string) {
	if s.pageOf(bearer(r), w, origin) == nil {
		s.unauthorized(rw, r, w, http.StatusUnauthorized, "the inspector's page has no token")
		return
	}
	var ask question
	body, err := readBody(rw, r, 1<<10)
	if err != nil || len(body) > 0 && json.Unmarshal(body, &ask) != nil {
		writeError(rw, http.StatusBadRequest, failure{Code: authority.CodeBadArgs, Message: "that is no request"})
		return
	}
	switch {
	case ask.Explain != nil:
		callers := s.callers()
		if ask.Explain.Caller < 0 || ask.Explain.Caller >= len(callers) {
			writeError(rw, http.StatusBadRequest, failure{Code: authority.CodeBadArgs, Message: "there is no such caller"})
			return
		}
		module, command, _ := strings.Cut(ask.Explain.Command, ".")
		d := s.host.Live().Authority().Decide(authority.Request{Caller: callers[ask.Explain.Caller], Module: module, Command: command, Now: now().UnixNano()})
		answer := explanation{Why: d.Explain()}
		if !d.Allowed() {
			answer.Remedy = d.Remedy()
		}
		writeJSON(rw, http.StatusOK, answer)
		return
	case ask.Revoke != "" && !s.config.InspectRevoke:
		writeError(rw, http.StatusForbidden, failure{Code: authority.CodeRefused, Message: "the inspector may look only"})
		return
	case ask.Revoke != "":
		s.host.Live().Revoke(ask.Revoke)
	}
	writeJSON(rw, http.StatusOK, s.state())
}

// callers are the columns of the matrix: the windows, and the pages elsewhere that they
// name as remote.
func (s *Server) callers() (out []authority.Caller) {
	for _, of := range s.host.Windows() {
		w := s.byLabel[of.Label]
		out = append(out, callerOf(w, w.origin))
		if w.remote != "" {
			out = append(out, callerOf(w, w.remote))
		}
	}
	return out
}

func (s *Server) state() state {
	live := s.host.Live()
	a := live.Authority()
	out := state{
		Policy: a.Digest(), Revision: live.Revision(), Revokes: s.config.InspectRevoke, Stats: s.host.Stats(),
		Modules: []moduleState{}, Matrix: a.Matrix(now().UnixNano(), s.callers()...), Rules: a.Resolved(), Grants: []grantState{},
	}
	for _, g := range live.List() {
		of := grantState{ID: g.ID, Capability: g.Capability.Identifier}
		if g.Expires != 0 {
			of.Expires = time.Unix(0, g.Expires).UTC().Format(time.RFC3339)
		}
		out.Grants = append(out.Grants, of)
	}
	decisions, refusals, modules := s.config.Inspect.remembered()
	out.Decisions, out.Refusals = make([]decision, len(decisions)), make([]refusal, len(refusals))
	for i, d := range decisions {
		out.Decisions[i] = decisionOf(d)
	}
	for i, r := range refusals {
		out.Refusals[i] = refusalOf(r)
	}
	for _, m := range s.host.Modules() {
		of := moduleState{Name: m.Name, Native: m.Native, Limits: m.Limits, Figures: modules[m.Name]}
		if manifest, ok := a.Manifest(m.Name); ok {
			of.Version = manifest.Version
		}
		if m.Refused != nil {
			of.Refused = m.Refused.Error()
		}
		if m.Info != nil {
			of.SHA256, of.Size = m.Info.SHA256, m.Info.Size
		}
		if i := m.Image; i != nil {
			of.Image = &imageState{Reset: i.Reset, Why: i.Why, Bytes: i.Bytes, Waiting: i.Waiting, Kept: i.Kept}
		}
		out.Modules = append(out.Modules, of)
	}
	return out
}
