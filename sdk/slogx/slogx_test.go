//go:build !wasip1

package slogx_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/sdk"
	"github.com/ambit-wasm/ambit/sdk/contextx"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
	"github.com/ambit-wasm/ambit/sdk/slogx"
)

func init() {
	sdk.Handle("slogx_log", func(*sdk.Call, any) (any, error) {
		log := slog.New(slogx.Handler{})
		log.Info("plain")
		log.Warn("with attributes", "n", 1, "text", "two words", "empty", "", "b", true)
		log.With("a", 1).WithGroup("g").With("b", 2).Error("grouped", "c", 3, slog.Group("h", "d", 4), slog.Attr{})
		log.Log(context.Background(), slog.LevelDebug-1, "not logged")
		slog.New(slogx.Handler{Level: slog.LevelDebug - 4}).Log(context.Background(), slog.LevelDebug-4, "trace")
		slog.New(slogx.Handler{Level: slog.LevelWarn}).Info("not logged")
		log.Debug("debug")
		return nil, nil
	})
	sdk.Handle("contextx_deadline", func(c *sdk.Call, _ any) (int64, error) {
		ctx, cancel := contextx.WithCall(context.Background(), c)
		defer cancel()
		end, ok := ctx.Deadline()
		if !ok {
			return 0, nil
		}
		return time.Until(end).Milliseconds(), nil
	})
}

func TestHandler(t *testing.T) {
	h := sdktest.New(t, sdktest.Options{})
	if err := h.Invoke("slogx_log", nil, nil); err != nil {
		t.Fatal(err)
	}
	want := []sdktest.Line{
		{Level: sdk.LevelInfo, Text: "plain"},
		{Level: sdk.LevelWarn, Text: `with attributes n=1 text="two words" empty="" b=true`},
		{Level: sdk.LevelError, Text: "grouped a=1 g.b=2 g.c=3 g.h.d=4"},
		{Level: sdk.LevelTrace, Text: "trace"}, {Level: sdk.LevelDebug, Text: "debug"},
	}
	got := h.Logs()
	if len(got) != len(want) {
		t.Fatalf("%d lines: %v", len(got), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("line %d: %v, want %v", i, got[i], want[i])
		}
	}
}

func TestContext(t *testing.T) {
	for given, least := range map[time.Duration]int64{0: 0, time.Hour: 3_590_000, 4 * time.Millisecond: 1} {
		left, err := sdktest.Call[int64](sdktest.New(t, sdktest.Options{Deadline: given}), "contextx_deadline", nil)
		if err != nil || left < least-1 || left > given.Milliseconds() {
			t.Errorf("of %v there are %d ms, %v", given, left, err)
		}
	}
}
