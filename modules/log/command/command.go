// Package command holds the command of the log module, over [sdk.Log].
//
// The only error is bad-args: the level is none.
package command

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ambit-wasm/ambit/sdk"
)

// Register registers the commands with the SDK and returns their names.
func Register() []string {
	sdk.Handle("log", func(c *sdk.Call, a Line) (*struct{}, error) { return nil, write(c, a) })
	return []string{"log"}
}

// Line is the arguments of log, as Tauri's plugin has them. What is nil is left
// out.
type Line struct {
	Level     int                `json:"level"` // 1 trace, 2 debug, 3 info, 4 warn, 5 error
	Message   string             `json:"message"`
	Location  *string            `json:"location"`
	File      *string            `json:"file"`
	Line      *int               `json:"line"`
	KeyValues map[string]*string `json:"keyValues"`
}

var levels = map[int]sdk.Level{1: sdk.LevelTrace, 2: sdk.LevelDebug, 3: sdk.LevelInfo, 4: sdk.LevelWarn, 5: sdk.LevelError}

// The most bytes of a message, and of each other text. With them who, what and
// where fit into a line of the host's log, which has 4 KiB.
const (
	maxMessage = 2048
	maxText    = 256
)

// write logs one line: who, what, where, and the pairs by key. The host escapes
// it.
func write(c *sdk.Call, a Line) error {
	level, ok := levels[a.Level]
	if !ok {
		return sdk.NewError("bad-args", "level is 1 (trace) to 5 (error)")
	}
	var b strings.Builder
	b.WriteString("[" + who(c.Caller) + "] " + cut(a.Message, maxMessage))
	if a.Location != nil {
		b.WriteString(" at " + cut(*a.Location, maxText))
	}
	if a.File != nil {
		b.WriteString(" in " + cut(*a.File, maxText))
		if a.Line != nil {
			b.WriteString(":" + strconv.Itoa(*a.Line))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(a.KeyValues)) {
		if value := a.KeyValues[key]; value != nil {
			b.WriteString(" " + word(key) + "=" + word(*value))
		}
	}
	sdk.Log(level, b.String())
	return nil
}

// who names a caller: a page by its window, with the origin if it is not the
// app's own, a module by its origin.
func who(c sdk.Caller) string {
	switch {
	case c.Window == "":
		return cut(c.Origin, maxText)
	case c.Origin == "local":
		return c.Window
	}
	return c.Window + " " + cut(c.Origin, maxText)
}

// word is a key or value of at most maxText bytes, quoted if it could be taken for
// more than one.
func word(s string) string {
	s = cut(s, maxText)
	if s == "" || strings.ContainsAny(s, " =\"") {
		return strconv.Quote(s)
	}
	return s
}

// cut returns at most limit bytes of s, and marks what is missing.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
