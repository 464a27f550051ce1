package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/printable"
)

// loadJSON is what `ambit inspect --json` prints of loading a module. Times are
// in nanoseconds.
type loadJSON struct {
	Check   time.Duration `json:"check_ns"`   // metering included
	Compile time.Duration `json:"compile_ns"` // or taking the code from the cache
	Cached  bool          `json:"cached"`
	Start   time.Duration `json:"start_ns"`
	Image   int64         `json:"image_bytes"`
	Reset   string        `json:"reset"`
	Why     string        `json:"why"` // there is no image; empty: there is one
	Trials  []trialJSON   `json:"trials"`
}

type trialJSON struct {
	Reset string        `json:"reset"`
	Took  time.Duration `json:"reset_ns"`
	Error string        `json:"error"` // why it cannot be used; empty: it can
}

func newLoadJSON(r *host.LoadReport) *loadJSON {
	l := &loadJSON{
		Check: r.Check, Compile: r.Compile, Cached: r.Cached, Start: r.Start,
		Image: r.Image.Bytes, Reset: r.Image.Reset, Why: r.Image.Why, Trials: []trialJSON{},
	}
	for _, t := range r.Image.Trials {
		trial := trialJSON{Reset: t.Reset, Took: t.Took}
		if t.Err != nil {
			trial.Error = t.Err.Error()
		}
		l.Trials = append(l.Trials, trial)
	}
	return l
}

// print prints how a module was loaded for people.
func (l *loadJSON) print(w io.Writer) {
	from := ""
	if l.Cached {
		from = "from the cache, "
	}
	fmt.Fprintf(w, "load\n  checked   in %s\n  compiled  %sin %s\n  started   in %s\n", rough(l.Check), from, rough(l.Compile), rough(l.Start))
	if l.Why != "" {
		fmt.Fprintf(w, "  reset     %s, since %s\n", l.Reset, printable.Line(l.Why))
		return
	}
	fmt.Fprintf(w, "  image     %s\n  reset     %s\n", size(l.Image), l.Reset)
	for _, t := range l.Trials {
		if t.Error != "" {
			fmt.Fprintf(w, "    %-8scannot be used: %s\n", t.Reset, printable.Line(t.Error))
			continue
		}
		fmt.Fprintf(w, "    %-8s%s\n", t.Reset, rough(t.Took))
	}
}

// rough words a duration with three digits.
func rough(d time.Duration) string {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit).String()
}
