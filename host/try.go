package host

import (
	"context"
	"time"

	"github.com/ambit-wasm/ambit/authority/acl"
)

// Try loads a module outside any app and drops it again: it is checked,
// compiled, started without any power and under the limits of a call, and its
// image is made, as [Open] does it. No command of it runs. Of the Config, Logger,
// Limits, Cache and Reset count. Nothing is left but compiled code in the cache.
//
// The name stands for the file in positions. The report is never nil; the error
// is a [*LoadError] if the module is refused.
func Try(ctx context.Context, name string, bin []byte, c Config) (*LoadReport, error) {
	report := &LoadReport{}
	if err := checkReset(c.Reset); err != nil {
		return report, err
	}
	h := newHost(&acl.App{}, nil, c)
	begun := time.Now()
	info, refused := inspect(name, bin, h.limits)
	report.Check, report.Info = time.Since(begun), info
	if refused != nil {
		return report, refused
	}
	defer func() {
		if err := h.abandon(); err != nil {
			h.log.Error("not all could be closed", "error", err)
		}
	}()
	if err := h.openSandbox(ctx, c); err != nil {
		return report, err
	}
	m := newModule(info.Manifest.Name, "", h.log)
	m.info, m.manifest, m.limits, m.took = info, info.Manifest, h.limits, *report
	h.modules[m.name] = m
	refused = h.prepare(ctx, m)
	*report = m.took
	report.Image = reportImage(m.image)
	if refused != nil {
		return report, refused
	}
	return report, nil
}
