package pattern

import "strings"

// class is a set of characters, [a-z] or [!a-z].
type class struct {
	ranges []charRange
	not    bool
}

// charRange is a range of characters, both ends included. One with lo above hi
// is empty.
type charRange struct{ lo, hi rune }

// has reports whether r is in the class. A negative r, which stands for a byte
// that is not UTF-8, is in no range.
func (c *class) has(r rune) bool {
	for _, g := range c.ranges {
		if g.lo <= r && r <= g.hi {
			return !c.not
		}
	}
	return c.not
}

// parseClass reads the class at the start of s, "[" included, and returns it
// with its length. A "]" directly after "[" or "[!" is a member. strict
// refuses what Rust's glob crate takes but nobody means.
func parseClass(s string, at int, strict bool) (*class, int, *Error) {
	c := &class{}
	body := 1
	if strings.HasPrefix(s[body:], "!") {
		c.not = true
		body++
	}
	end := -1
	if body < len(s) {
		// The first member may be "]", so the end is looked for after it.
		_, size := decode(s[body:])
		end = strings.IndexByte(s[body+size:], ']')
		end += body + size
		if end < body+size {
			end = -1
		}
	}
	if end < 0 {
		return nil, 0, fault(at, `this "[" is not closed (for the character itself write [[])`)
	}
	if strict && s[body] == '^' {
		return nil, 0, fault(at+body, `"^" does not negate a class (write [!…])`)
	}
	for i := body; i < end; {
		lo, size := decode(s[i:])
		g := charRange{lo, lo}
		from := i
		i += size
		if i+1 < end && s[i] == '-' {
			hi, size := decode(s[i+1:])
			g.hi = hi
			i += 1 + size
		}
		if strict && g.lo > g.hi {
			return nil, 0, fault(at+from, "this range is empty: its first character comes after its last")
		}
		c.ranges = append(c.ranges, g)
	}
	return c, end + 1, nil
}
