package wire

// Raw reads one value of any type and returns its bytes. Only its structure is
// checked, not its depth, strings and keys; they are when it is decoded.
func (d *Dec) Raw() Raw {
	start := d.i
	for n := 1; n > 0; n-- {
		if _, ok := d.short(); ok {
			continue
		}
		h := readHead(d.b, d.i)
		switch {
		case h.kind.bad():
			d.fail(h.kind.String())
			return nil
		case h.kind == kindArray:
			n += h.n
			d.i = h.next
		case h.kind == kindMap:
			n += 2 * h.n
			d.i = h.next
		default:
			d.i = h.next + h.n
		}
	}
	return Raw(d.b[start:d.i:d.i])
}

// Skip moves behind one value of any type, as [Dec.Raw] does.
func (d *Dec) Skip() { d.Raw() }

// Any reads one value into nil, bool, int64, uint64 (only above the range of
// an int64), float64, string, []byte, []any or map[string]any. The result
// shares no memory with the input.
func (d *Dec) Any() any { return d.any(0) }

func (d *Dec) any(depth int) any {
	h := readHead(d.b, d.i)
	switch h.kind {
	case kindNil:
		d.i = h.next
		return nil
	case kindBool:
		return d.Bool()
	case kindInt:
		return d.Int()
	case kindUint:
		v, big := d.integer()
		if big {
			return uint64(v)
		}
		return v
	case kindFloat:
		return d.Float()
	case kindStr:
		return string([]byte(d.Str()))
	case kindBin:
		return append([]byte{}, d.Bin()...)
	case kindArray:
		return d.anyArray(depth)
	case kindMap:
		return d.anyMap(depth)
	}
	d.fail(h.kind.String())
	return nil
}

// firstRoom is how many elements get memory before the first is there.
const firstRoom = 64

func (d *Dec) anyArray(depth int) []any {
	if depth == MaxDepth {
		d.fail(textDepth)
		return nil
	}
	n := d.Array()
	a := make([]any, 0, min(n, firstRoom))
	for ; n > 0 && d.err == nil; n-- {
		a = append(a, d.any(depth+1))
	}
	return a
}

func (d *Dec) anyMap(depth int) map[string]any {
	if depth == MaxDepth {
		d.fail(textDepth)
		return nil
	}
	n := d.Map()
	m := make(map[string]any, min(n, firstRoom))
	for ; n > 0 && d.err == nil; n-- {
		start := d.i
		k := string([]byte(d.key()))
		if _, twice := m[k]; twice {
			d.failAt(textDuplicate, start)
			return nil
		}
		m[k] = d.any(depth + 1)
	}
	return m
}
