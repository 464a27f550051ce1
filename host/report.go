package host

import (
	"time"

	"github.com/ambit-wasm/ambit/host/internal/image"
)

// ImageReport says how a module's instances are made clean for each call, as it
// is at one moment.
type ImageReport struct {
	Reset   string       // one of [ResetStrategies]
	Why     string       // why there is no image, if Reset is "restart"
	Bytes   int64        // of linear memory in the image
	Trials  []ResetTrial // at load; none if there is no image
	Waiting int          // instances that wait for a call
	Kept    int64        // bytes of linear memory that the image and those have
}

// ResetTrial is what the trial of one way to reset found, at load.
type ResetTrial struct {
	Reset string
	Took  time.Duration // one reset, of an instance that wrote to a few pages
	Err   error         // why it cannot be used; nil if it can
}

// LoadReport says what loading a module took. What it did not come to is zero.
type LoadReport struct {
	Check   time.Duration // reading and checking the binary, and metering its code
	Compile time.Duration // or taking the code from the cache; waiting for other modules included
	Cached  bool          // the code was in the folder of the cache
	Start   time.Duration // starting the module and making its image, trials included
	Info    *ModuleInfo   // as [Inspect] returns it
	Image   *ImageReport
}

// reportImage describes an image; nil if there is none.
func reportImage(im *image.Image) *ImageReport {
	if im == nil {
		return nil
	}
	r := im.Report()
	out := &ImageReport{Reset: r.Strategy, Why: r.Why, Bytes: r.Bytes, Waiting: r.Waiting, Kept: r.Kept}
	for _, t := range r.Trials {
		out.Trials = append(out.Trials, ResetTrial{Reset: t.Strategy, Took: t.Reset, Err: t.Err})
	}
	return out
}

// logLoaded tells the log that a module is there, and how it serves its calls.
func (h *Host) logLoaded(m *module) {
	r := m.image.Report()
	args := []any{
		"module", m.name, "sha256", m.info.SHA256, "took", m.took.Check + m.took.Compile + m.took.Start, "cached", m.took.Cached,
		"reset", r.Strategy,
	}
	if r.Why != "" {
		args = append(args, "why", r.Why)
	} else {
		args = append(args, "image", r.Bytes)
	}
	h.log.Info("module loaded", args...)
}
