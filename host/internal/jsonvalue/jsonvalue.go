// Package jsonvalue is how values of modules are written as JSON, on the command line
// and by pages: bytes are {"$bytes": base64}, both ways.
package jsonvalue

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/ambit-wasm/ambit/sdk/wire"
)

// An envelope may have no more; the host's own limits apply later. They are held here,
// too, since a small text can be many values.
const (
	maxDepth    = wire.MaxDepth
	maxElements = 128 << 10 // array elements, map keys and map values together
)

// Parse reads one JSON value: integers become int64 or uint64, other
// numbers float64, {"$bytes": base64} becomes []byte. Duplicate members are
// refused, since two readers could disagree about them.
func Parse(data []byte) (any, error) {
	if !json.Valid(data) {
		return nil, invalidJSON(data)
	}
	if !utf8.Valid(data) {
		return nil, errors.New("not JSON: not valid UTF-8")
	}
	d := decoder{Decoder: json.NewDecoder(bytes.NewReader(data))}
	d.UseNumber()
	return d.value(0)
}

// decoder reads valid JSON.
type decoder struct {
	*json.Decoder
	elements int
}

// element counts one of an array or a map.
func (d *decoder) element() error {
	if d.elements++; d.elements > maxElements {
		return fmt.Errorf("more than %d elements", maxElements)
	}
	return nil
}

// invalidJSON words what is wrong with data that is not one JSON value.
func invalidJSON(data []byte) error {
	var v any
	err := json.Unmarshal(data, &v)
	var se *json.SyntaxError
	if errors.As(err, &se) {
		return fmt.Errorf("not JSON: %w at byte %d", err, se.Offset)
	}
	return errors.New("not JSON")
}

func (d *decoder) value(depth int) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Number:
		return decodeNumber(string(t))
	case json.Delim:
		if depth == maxDepth {
			return nil, fmt.Errorf("nested more than %d deep", maxDepth)
		}
		if t == '[' {
			return d.array(depth)
		}
		return d.object(depth)
	}
	return t, nil
}

func decodeNumber(s string) (any, error) {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return i, nil
	}
	if u, err := strconv.ParseUint(s, 10, 64); err == nil {
		return u, nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil, fmt.Errorf("the number %s is out of range", s)
	}
	return f, nil
}

func (d *decoder) array(depth int) (any, error) {
	list := []any{}
	for d.More() {
		if err := d.element(); err != nil {
			return nil, err
		}
		v, err := d.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := d.Token()
	return list, err
}

func (d *decoder) object(depth int) (any, error) {
	m := map[string]any{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, _ := t.(string)
		d.elements++ // the key
		if err := d.element(); err != nil {
			return nil, err
		}
		if _, dup := m[key]; dup {
			return nil, fmt.Errorf("the member %q appears twice", key)
		}
		if m[key], err = d.value(depth + 1); err != nil {
			return nil, err
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, err
	}
	text, isBytes := m["$bytes"].(string)
	if !isBytes || len(m) != 1 {
		return m, nil
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", "$bytes", err)
	}
	return b, nil
}

// Encodable turns a value of a module or a policy into one that JSON can hold:
// bytes become {"$bytes": base64}; what JSON has no number for (NaN and the
// infinities) becomes null, as in JavaScript.
func Encodable(v any) any {
	switch v := v.(type) {
	case []byte:
		return map[string]any{"$bytes": base64.StdEncoding.EncodeToString(v)}
	case float32:
		return Encodable(float64(v))
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = Encodable(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = Encodable(e)
		}
		return out
	}
	return v
}
