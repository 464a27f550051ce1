package host

import (
	"encoding/json"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/printable"
)

// Record is the trace of one invoke: who asked for what, what was decided and
// by which rules, how it ended. There is exactly one for each call of
// [Host.Invoke] and [Host.InvokeRaw]. It never holds arguments, results or
// scope values. Its texts are on one line and printable.
type Record struct {
	Time      time.Time      `json:"time"` // when the invoke began
	ID        string         `json:"id"`   // unique among the invokes of all hosts; in logs too
	Caller    RecordCaller   `json:"caller"`
	Command   string         `json:"command"`
	Decision  string         `json:"decision"` // "allow" or "deny"
	Code      authority.Code `json:"code"`     // "allowed" if the call succeeded, else why not
	Rules     []RecordRule   `json:"rules"`    // that made the decision; never null
	Policy    string         `json:"policy"`   // digest of the policy that was asked
	Duration  time.Duration  `json:"duration_ns"`
	BytesIn   int            `json:"bytes_in"`  // of the arguments, as msgpack
	BytesOut  int            `json:"bytes_out"` // of the result
	HostCalls int64          `json:"host_calls"`
	Detail    string         `json:"detail,omitempty"` // why it failed, in the operator's words
	// Observed is what capabilities that only observe (mode = "observe") would
	// have changed of the decision; nil if that is nothing.
	Observed *RecordEffect `json:"observed,omitempty"`
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

// Sink takes audit records. Audit is called by many goroutines at once, before
// the invoke returns; a slow sink makes invokes slow. Its error is logged and
// does not change the outcome of the invoke, which has happened.
type Sink interface {
	Audit(Record) error
}

// JSONLines returns a sink that writes one line of JSON for each record.
func JSONLines(w io.Writer) Sink { return &jsonLines{w: w} }

type jsonLines struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *jsonLines) Audit(r Record) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	line = append(printable.JSON(line), '\n')
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err = s.w.Write(line)
	return err
}

// MemorySink keeps all records, for tests. The zero value is ready for use.
type MemorySink struct {
	mu      sync.Mutex
	records []Record
}

// Audit keeps the record.
func (s *MemorySink) Audit(r Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = append(s.records, r)
	return nil
}

// Records returns the records so far, in the order in which they came.
func (s *MemorySink) Records() []Record {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.records)
}
