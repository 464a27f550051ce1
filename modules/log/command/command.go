// Package command holds the command of the log module, over [sdk.Log].
//
// The only error is bad-args: the level is none.
package command

import (
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/sdk"
)

// Register registers the commands with the SDK and returns their names.
func Register() []string {
	sdk.Handle("log", func(c *sdk.Call, a Line) (*struct{}, error) { return nil, write(c, a) })
	return []string{"log"}
}

// Line is the arguments of log, as Tauri's plugin has them.
type Line struct {
	Level     int               `json:"level"` // 1 trace, 2 debug, 3 info, 4 warn, 5 error
	Message   string            `json:"message"`
	Location  string            `json:"location"`
	File      string            `json:"file"`
	Line      int               `json:"line"`
	KeyValues map[string]string `json:"keyValues"`
}

var levels = map[int]sdk.Level{1: sdk.LevelTrace, 2: sdk.LevelDebug, 3: sdk.LevelInfo, 4: sdk.LevelWarn, 5: sdk.LevelError}

// write logs one line: who, what, where, and the pairs by key. The host escapes
// and cuts it.
func write(c *sdk.Call, a Line) error {
	level, ok := levels[a.Level]
	if !ok {
		return sdk.NewError("bad-args", "level is 1 (trace) to 5 (error)")
	}
	var b strings.Builder
	from := c.Caller.Window
	if from == "" {
		from = c.Caller.Origin
	}
	b.WriteString("[" + from + "] " + a.Message)
	if a.Location != "" {
		b.WriteString(" at " + a.Location)
	} else if a.File != "" {
		b.WriteString(" at " + a.File + ":" + number(a.Line))
	}
	keys := make([]string, 0, len(a.KeyValues))
	for k := range a.KeyValues {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		b.WriteString(" " + k + "=" + a.KeyValues[k])
	}
	sdk.Log(level, b.String())
	return nil
}

func number(n int) string {
	if n < 10 {
		return string(rune('0' + max(n, 0)))
	}
	return number(n/10) + number(n%10)
}
