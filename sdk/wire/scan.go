package wire

import (
	"slices"
	"unicode/utf8"
	"unsafe"
)

// Scan checks that b is exactly one valid value within the limits: known
// types, counts that the input can hold, string keys without duplicates,
// valid UTF-8, nothing after the value. It does not recurse, and allocates
// only for maps of many keys that are not in ascending order.
func Scan(b []byte, l Limits) error {
	l = l.withDefaults()
	if len(b) > l.Bytes {
		return &Error{Text: textTooLarge, At: l.Bytes}
	}
	end, err := scanValue(b, 0, l.Depth, &l.Elements)
	if err != nil {
		return err
	}
	if end != len(b) {
		return &Error{Text: textTrailing, At: end}
	}
	return nil
}

// scanValue checks the value at b[i:] and returns where it ends. elements is
// the budget of keys and values, from which it takes.
func scanValue(b []byte, i, depth int, elements *int) (end int, err *Error) {
	s := scanner{b: b, i: i, depth: depth, elements: *elements}
	text := s.value()
	*elements = s.elements
	if text != "" {
		return s.i, &Error{Text: text, At: s.i}
	}
	return s.i, nil
}

// scanner walks over one value with a stack of its own. Its methods return
// the text of an error or "", and leave i at the culprit.
type scanner struct {
	b        []byte
	i        int
	depth    int // allowed
	elements int // budget left

	open [MaxDepth]frame
	n    int // frames in use
}

// frame is an open array or map.
type frame struct {
	left   int  // elements or pairs to come
	start  int  // offset of the container
	first  int  // its first key in keys
	isMap  bool // else an array
	small  bool // few keys: each is compared with all before it
	sorted bool // each key so far was greater than the one before it
}

// smallMap is the number of keys up to which comparing all pairs is cheaper
// than sorting.
const smallMap = 16

func (s *scanner) value() (text string) {
	// The keys of the open maps, outer ones first. They are no field of s, for
	// then the compiler would not leave the array on the stack.
	var room [64]string
	keys := room[:0]
	for {
		h := readHead(s.b, s.i)
		switch {
		case h.kind.bad():
			return h.kind.String()
		case h.kind == kindArray || h.kind == kindMap:
			if text = s.enter(h, len(keys)); text != "" {
				return text
			}
		case h.kind == kindStr && !utf8.Valid(s.b[h.next:h.next+h.n]):
			return textUTF8
		default:
			s.i = h.next + h.n
		}
		if keys, text = s.leave(keys); text != "" {
			return text
		}
		if s.n == 0 {
			return ""
		}
		f := &s.open[s.n-1]
		f.left--
		if f.isMap {
			if keys, text = s.key(f, keys); text != "" {
				return text
			}
		}
	}
}

// enter opens a container.
func (s *scanner) enter(h head, keys int) string {
	if s.n == s.depth {
		return textDepth
	}
	s.elements -= h.n
	if h.kind == kindMap {
		s.elements -= h.n
	}
	if s.elements < 0 {
		return textElements
	}
	s.open[s.n] = frame{
		left: h.n, start: s.i, first: keys,
		isMap: h.kind == kindMap, small: h.n <= smallMap, sorted: true,
	}
	s.n++
	s.i = h.next
	return ""
}

// leave closes the containers that are complete.
func (s *scanner) leave(keys []string) ([]string, string) {
	for s.n > 0 && s.open[s.n-1].left == 0 {
		f := &s.open[s.n-1]
		if f.isMap {
			if !f.small && !f.sorted && repeats(keys[f.first:]) {
				s.i = f.start
				return keys, textDuplicate
			}
			keys = keys[:f.first]
		}
		s.n--
	}
	return keys, ""
}

// key reads the next key of a map.
func (s *scanner) key(f *frame, keys []string) ([]string, string) {
	h := readHead(s.b, s.i)
	if h.kind != kindStr {
		if h.kind.bad() {
			return keys, h.kind.String()
		}
		return keys, textKey
	}
	raw := s.b[h.next : h.next+h.n]
	if !utf8.Valid(raw) {
		return keys, textUTF8
	}
	k := alias(raw)
	before := keys[f.first:]
	if f.sorted && len(before) > 0 && before[len(before)-1] >= k {
		f.sorted = false
	}
	if f.small && !f.sorted && slices.Contains(before, k) {
		return keys, textDuplicate
	}
	s.i = h.next + h.n
	return append(keys, k), ""
}

// repeats sorts keys and reports whether one occurs twice. Sorting, since a
// sender can choose keys that collide in a hash table but none that sort
// slowly.
func repeats(keys []string) bool {
	sortStrings(keys)
	for i := 1; i < len(keys); i++ {
		if keys[i] == keys[i-1] {
			return true
		}
	}
	return false
}

// alias returns b as a string that shares its memory.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
