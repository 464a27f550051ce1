package wire

import (
	"reflect"
)

// AppendAny appends a value of any type that can travel (see [Plan]). The keys
// of maps come in ascending order, so equal values have equal bytes. If v
// cannot travel, or holds a string that is not valid UTF-8 or nests too deep,
// the error is an [*Error] and the returned bytes are of no use.
func AppendAny(b []byte, v any) ([]byte, error) {
	var e encoder
	b = e.any(b, v, 0)
	return b, e.result()
}

func (e *encoder) any(b []byte, v any, depth int) []byte {
	switch v := v.(type) {
	case nil:
		return AppendNil(b)
	case bool:
		return AppendBool(b, v)
	case int:
		return AppendInt(b, int64(v))
	case int64:
		return AppendInt(b, v)
	case uint64:
		return AppendUint(b, v)
	case float64:
		return AppendFloat(b, v)
	case string:
		return e.str(b, v)
	case []byte:
		return AppendBin(b, v)
	case []any:
		return e.anySlice(b, v, depth)
	case map[string]any:
		return e.anyMap(b, v, depth)
	}
	return e.planned(b, reflect.ValueOf(v), depth)
}

func (e *encoder) anySlice(b []byte, v []any, depth int) []byte {
	if !e.enter(depth) {
		return b
	}
	b = AppendArray(b, len(v))
	for i, x := range v {
		b = e.any(b, x, depth+1)
		if e.err != nil {
			e.err.inElem(i)
			return b
		}
	}
	return b
}

func (e *encoder) anyMap(b []byte, v map[string]any, depth int) []byte {
	if !e.enter(depth) {
		return b
	}
	names := make([]string, 0, len(v))
	for k := range v {
		names = append(names, k)
	}
	sortStrings(names)
	b = AppendMap(b, len(names))
	for _, name := range names {
		b = e.str(b, name)
		if e.err != nil {
			return b
		}
		b = e.any(b, v[name], depth+1)
		if e.err != nil {
			e.err.inKey(name)
			return b
		}
	}
	return b
}

// planned appends a value of a type that any has no case for.
func (e *encoder) planned(b []byte, v reflect.Value, depth int) []byte {
	p, err := planOf(v.Type())
	if err != nil {
		e.err = err
		return b
	}
	return p.appendValue(e, b, v, depth)
}
