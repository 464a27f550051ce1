package host

import (
	"encoding/json"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/power"
	"github.com/ambit-wasm/ambit/host/internal/printable"
)

// Record is the trace of one invoke: who asked for what, what was decided and
// by which rules, how it ended. It never holds arguments, results or scope
// values. Its texts are on one line and printable.
type Record struct {
	Time     time.Time      `json:"time"` // when the invoke began
	ID       string         `json:"id"`   // unique among the invokes of all hosts; in logs too
	Caller   RecordCaller   `json:"caller"`
	Command  string         `json:"command"`
	Decision string         `json:"decision"` // "allow" or "deny"
	Code     authority.Code `json:"code"`     // "allowed" if the call succeeded, else why not
	Rules    []RecordRule   `json:"rules"`    // that made the decision; never null
	Policy   string         `json:"policy"`   // digest of the policy that was asked
	CallStats
	Detail string `json:"detail,omitempty"` // why it failed, in the operator's words
	// Refused are uses of powers that the scope of the call did not lend, the first
	// 16, and RefusedAll is how many there were. The call may have succeeded.
	Refused    []RecordRefusal `json:"refused,omitempty"`
	RefusedAll int64           `json:"refused_all,omitempty"`
	// Observed is what capabilities that only observe (mode = "observe") would
	// have changed of the decision; nil if that is nothing.
	Observed *RecordEffect `json:"observed,omitempty"`
}

// CallStats are what one invoke used. What a call did not come to is 0.
type CallStats struct {
	Duration  time.Duration `json:"duration_ns"` // of all of it
	CPU       int64         `json:"cpu"`         // weighted instructions of the module, an upper bound; lengths count, too
	Memory    int64         `json:"memory"`      // bytes of linear memory of its instance
	BytesIn   int           `json:"bytes_in"`    // of the arguments, as msgpack
	BytesOut  int           `json:"bytes_out"`   // of the result
	HostCalls int64         `json:"host_calls"`  // of the module, bulk work by its size
	Logged    int64         `json:"logged"`      // bytes that it logged and printed
	// Instance is in which state the module was: "fresh", its initial one; "kept",
	// as the caller's last call left it; empty if the call did not come so far, or
	// the module is native.
	Instance string `json:"instance,omitempty"`
}

// The values of CallStats.Instance.
const (
	stateFresh = "fresh"
	stateKept  = "kept"
)

// RecordRefusal is one use of a power in a [Record]. What was asked for is the
// module's text.
type RecordRefusal struct {
	Power   authority.Power `json:"power"`
	Code    authority.Code  `json:"code"`    // "scope-empty" or "scope-mismatch"
	Asked   string          `json:"asked"`   // a path, a URL, a key, a command, …
	Missing string          `json:"missing"` // the scope entry that would lend it, as in a policy file
}

// RecordEffect is what observing capabilities would have changed.
type RecordEffect struct {
	Code   authority.Code    `json:"code"`   // what the answer would have been
	Rules  []RecordRule      `json:"rules"`  // theirs that would have taken part; never null
	Allow  int               `json:"allow"`  // scope entries that the grant would have held besides
	Deny   int               `json:"deny"`   // scope entries that would have been denied besides
	Powers []authority.Power `json:"powers"` // that the call would have been lent besides; never null
}

// RecordCaller is the caller in a [Record].
type RecordCaller struct {
	Window  string   `json:"window"`
	Webview string   `json:"webview"`
	Origin  string   `json:"origin"`
	Chain   []string `json:"chain,omitempty"` // origins or windows before, the root first
}

// RecordRule is a rule in a [Record].
type RecordRule struct {
	Capability string `json:"capability"`
	Permission string `json:"permission"`
	Source     string `json:"source"` // file:line
}

// Event is one invoke that has ended, as a sink gets it. It is small: a sink that
// keeps or counts events need not pay for what [Event.Record] writes.
type Event struct {
	Code  authority.Code // as in [Record]
	Stats CallStats

	began    time.Time
	prefix   string
	seq      uint64
	caller   authority.Caller
	command  string
	decision authority.Decision
	err      error
	refused  []power.Refusal
	refusals int64
}

// Sink takes an event for each call of [Host.Invoke] and [Host.InvokeRaw], exactly
// one. Audit is called by many goroutines at once, before the invoke returns; a
// slow sink makes invokes slow. Its error is logged and does not change the
// outcome of the invoke, which has happened.
type Sink interface {
	Audit(Event) error
}

// Module is the module of the command that was asked for, if there is that command.
func (e Event) Module() (string, bool) {
	_, ok := e.decision.Command()
	return e.decision.Request().Module, ok
}

// Allowed reports whether the authority allowed the call, however it ended.
func (e Event) Allowed() bool { return e.decision.Allowed() }

// Remedy is what would allow a call that was denied, in words; "" if it was allowed, or
// nothing would. It is for operators.
func (e Event) Remedy() string {
	if e.decision.Allowed() {
		return ""
	}
	return e.decision.Remedy()
}

// Record writes the event down.
func (e Event) Record() Record {
	r := Record{
		Time: e.began, ID: callID(e.prefix, e.seq), Command: printable.Cut(e.command, maxNameText), Decision: "deny", Code: e.Code,
		Rules: appendRules([]RecordRule{}, e.decision.Matched()), Policy: e.decision.Revision(), CallStats: e.Stats,
		Detail: printable.Cut(explain(e.err), maxErrorText),
		Caller: RecordCaller{
			Window: printable.Cut(e.caller.Window, maxNameText), Webview: printable.Cut(e.caller.Webview, maxNameText),
			Origin: printable.Cut(e.caller.Origin.String(), maxNameText),
		},
	}
	if e.decision.Allowed() {
		r.Decision = "allow"
	}
	r.Refused, r.RefusedAll = recordRefusals(e.refused), e.refusals
	for _, before := range e.caller.Chain {
		r.Caller.Chain = append(r.Caller.Chain, callerText(before))
	}
	if o, changes := e.decision.Observed(); changes {
		r.Observed = &RecordEffect{
			Code: o.Code, Rules: appendRules([]RecordRule{}, o.Rules), Allow: len(o.Allow), Deny: len(o.Deny),
			Powers: append([]authority.Power{}, o.Powers...),
		}
	}
	return r
}

func recordRefusals(refused []power.Refusal) []RecordRefusal {
	var out []RecordRefusal
	for _, r := range refused {
		out = append(out, RecordRefusal(r))
	}
	return out
}

func appendRules(rules []RecordRule, matched []authority.Match) []RecordRule {
	for _, m := range matched {
		rules = append(rules, RecordRule{Capability: m.Capability, Permission: m.Permission, Source: m.Source.String()})
	}
	return rules
}

// JSONLines returns a sink that writes the record of each event as one line of JSON,
// with one Write each. If a Write fails half way, so that a record is cut off, the
// next record begins on a line of its own.
func JSONLines(w io.Writer) Sink { return &jsonLines{w: w} }

type jsonLines struct {
	mu   sync.Mutex
	w    io.Writer
	torn bool // the last line may have been written in part
}

func (s *jsonLines) Audit(e Event) error {
	line, err := json.Marshal(e.Record())
	if err != nil {
		return err
	}
	line = append(printable.JSON(line), '\n')
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.torn { // the next record must not be lost with it
		line = append([]byte("\n"), line...)
	}
	n, err := s.w.Write(line)
	if err == nil && n < len(line) {
		err = io.ErrShortWrite
	}
	s.torn = err != nil && (n > 0 || s.torn)
	return err
}

// MemorySink keeps all events, for tests. The zero value is ready for use.
type MemorySink struct {
	mu     sync.Mutex
	events []Event
}

// Audit keeps the event.
func (s *MemorySink) Audit(e Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
	return nil
}

// Records returns the records so far, in the order in which they came.
func (s *MemorySink) Records() []Record {
	s.mu.Lock()
	events := slices.Clone(s.events)
	s.mu.Unlock()
	out := make([]Record, len(events))
	for i, e := range events {
		out[i] = e.Record()
	}
	return out
}
