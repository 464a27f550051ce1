package cli

import (
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
)

// getenv looks a variable up in the environment given to Main. Windows does not
// tell upper from lower case there.
func (c *cli) getenv(name string) string {
	for _, kv := range slices.Backward(c.env) {
		key, value, _ := strings.Cut(kv, "=")
		if key == name || runtime.GOOS == "windows" && strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}

// isTerminal says whether w or r is a terminal (or another character device).
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// colored says whether text for people on w is colored: as --color says, else
// on a terminal that can, unless NO_COLOR is set. Old Windows consoles would
// show the sequences, so there it takes --color=always.
func (c *cli) colored(w any) bool {
	switch c.color {
	case "always":
		return true
	case "never":
		return false
	}
	return c.getenv("NO_COLOR") == "" && c.getenv("TERM") != "dumb" && runtime.GOOS != "windows" && isTerminal(w)
}

// The colors (SGR parameters) of words that people look for.
const (
	red    = "1;31"
	yellow = "1;33"
	green  = "1;32"
	dim    = "2"
)

// paint colors text for w if w is to be colored.
func (c *cli) paint(w io.Writer, color, text string) string {
	if !c.colored(w) {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}
