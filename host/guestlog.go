package host

import (
	"bytes"

	"github.com/hashicorp/go-hclog"

	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// The streams of a guest's output, which share one limit.
const (
	streamLog    = 0 // ambit.log
	streamStdout = 1
	streamStderr = 2
)

// The longest line of a guest that is logged, in bytes, and how many lines of
// one call are.
const (
	maxLogLine  = 4 << 10
	maxLogLines = 1024
)

// guestLog writes what one call's guest logs and prints to the module's
// logger. The text is hostile: it is escaped, and cut.
type guestLog struct {
	log     hclog.Logger
	call    *call
	level   wire.Level // of the line that ambit.log is about to write
	lines   int
	skipped int
	partial [streamStderr + 1][]byte // lines that have not ended yet
}

// Output takes a piece of output: a whole text from ambit.log, any piece from
// the other streams.
func (g *guestLog) Output(stream int, p []byte) {
	if stream == streamLog {
		g.line(stream, p)
		return
	}
	for len(p) > 0 {
		i := bytes.IndexByte(p, '\n')
		piece, rest := p, []byte(nil)
		if i >= 0 {
			piece, rest = p[:i], p[i+1:]
		}
		fits := min(len(piece), maxLogLine+1-len(g.partial[stream])) // one more, so that line cuts it
		g.partial[stream] = append(g.partial[stream], piece[:max(fits, 0)]...)
		if i >= 0 {
			g.flush(stream)
		}
		p = rest
	}
}

// flush ends a line.
func (g *guestLog) flush(stream int) {
	if len(g.partial[stream]) > 0 {
		g.line(stream, g.partial[stream])
		g.partial[stream] = g.partial[stream][:0]
	}
}

// close writes what is left and says what is missing: dropped is the number of
// bytes that were over the limit.
func (g *guestLog) close(dropped int64) {
	g.flush(streamStdout)
	g.flush(streamStderr)
	if dropped > 0 || g.skipped > 0 {
		g.log.Warn("guest output cut off", "call", g.call.id(), "bytes", dropped, "lines", g.skipped)
	}
}

func (g *guestLog) line(stream int, text []byte) {
	if g.lines++; g.lines > maxLogLines {
		g.skipped++
		return
	}
	level, name := hclog.Info, "stdout"
	switch stream {
	case streamLog:
		if name = "log"; g.level >= wire.LevelTrace && g.level <= wire.LevelError {
			level = hclog.Level(g.level)
		}
	case streamStderr:
		level, name = hclog.Warn, "stderr"
	}
	g.log.Log(level, "guest output", "call", g.call.id(), "stream", name, "text", printable.Cut(string(text), maxLogLine))
}
