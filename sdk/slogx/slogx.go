// Package slogx is a handler of log/slog that writes to the host's log, by
// [sdk.Log]. It makes a guest 1 MB larger.
//
//	log := slog.New(slogx.Handler{})
//	log.Info("fetched", "bytes", n)
//
// A line is the message and the attributes as key=value, groups with dots between.
// The host adds the time and the call, escapes what is no printable text, and
// bounds what a call logs.
package slogx

import (
	"context"
	"log/slog"
	"strconv"
	"strings"

	"github.com/ambit-wasm/ambit/sdk"
)

// Handler is a [slog.Handler]. The zero Handler is ready for use, and logs from
// slog.LevelDebug up.
type Handler struct {
	// Level is the lowest that is logged; nil means slog.LevelDebug.
	Level slog.Leveler

	attrs string // those of WithAttrs, as they are written
	group string // "a.b."
}

// Enabled reports whether the level is logged.
func (h Handler) Enabled(_ context.Context, level slog.Level) bool {
	least := slog.LevelDebug
	if h.Level != nil {
		least = h.Level.Level()
	}
	return level >= least
}

// Handle logs a record.
func (h Handler) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	b.WriteString(r.Message)
	b.WriteString(h.attrs)
	r.Attrs(func(a slog.Attr) bool {
		write(&b, h.group, a)
		return true
	})
	sdk.Log(level(r.Level), b.String())
	return nil
}

// WithAttrs returns a handler that adds attributes to each line.
func (h Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var b strings.Builder
	b.WriteString(h.attrs)
	for _, a := range attrs {
		write(&b, h.group, a)
	}
	h.attrs = b.String()
	return h
}

// WithGroup returns a handler whose further attributes are in a group.
func (h Handler) WithGroup(name string) slog.Handler {
	if name != "" {
		h.group += name + "."
	}
	return h
}

// write writes " key=value", and the attributes of a group each.
func write(b *strings.Builder, group string, a slog.Attr) {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		if a.Key != "" {
			group += a.Key + "."
		}
		for _, in := range v.Group() {
			write(b, group, in)
		}
		return
	}
	if a.Equal(slog.Attr{}) {
		return
	}
	text := v.String()
	if text == "" || strings.ContainsAny(text, " =\"\n\t") {
		text = strconv.Quote(text)
	}
	b.WriteString(" " + group + a.Key + "=" + text)
}

func level(l slog.Level) sdk.Level {
	switch {
	case l < slog.LevelDebug:
		return sdk.LevelTrace
	case l < slog.LevelInfo:
		return sdk.LevelDebug
	case l < slog.LevelWarn:
		return sdk.LevelInfo
	case l < slog.LevelError:
		return sdk.LevelWarn
	}
	return sdk.LevelError
}
