package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"

	"github.com/ambit-wasm/ambit/host/internal/jsonvalue"
	"github.com/ambit-wasm/ambit/host/internal/printable"
)

// parseArgs makes the argument map of an invoke from key=value (a string) and
// key:=json words.
func parseArgs(words []string) (map[string]any, error) {
	args := make(map[string]any, len(words))
	for _, w := range words {
		key, text, ok := strings.Cut(w, "=")
		if !ok {
			return nil, usagef("argument %q has no %q (write key=text or key:=json, or give all with --args)", w, "=")
		}
		var value any = text
		if k, isJSON := strings.CutSuffix(key, ":"); isJSON {
			v, err := jsonvalue.Parse([]byte(text))
			if err != nil {
				return nil, usagef("argument %q: %v (for a plain text write %s=…)", w, err, k)
			}
			key, value = k, v
		}
		if key == "" {
			return nil, usagef("argument %q has no name before %q", w, "=")
		}
		if _, dup := args[key]; dup {
			return nil, usagef("argument %q is given twice", key)
		}
		args[key] = value
	}
	return args, nil
}

// writeJSON prints v on w, indented, safe for a terminal.
func writeJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(printable.JSON(b.Bytes()))
	return err
}
