package schema

import (
	"cmp"
	"math"
	"strconv"
)

// number is a JSON number in a form in which equal numbers are equal structs:
// whole numbers between -2^64 and 2^64 are whole, all others are not.
type number struct {
	whole bool
	neg   bool    // whole: the sign; never set for zero
	mag   uint64  // whole: the magnitude
	f     float64 // not whole: finite, and either fractional or at least 2^64 in magnitude
}

const two64 = 1 << 64 // as an untyped constant: exact as a float64

// numberOf returns the number that v is; ok is false for NaN, the infinities
// and all that is no number.
func numberOf(v any) (n number, ok bool) {
	switch v := v.(type) {
	case int:
		return wholeNumber(int64(v)), true
	case int64:
		return wholeNumber(v), true
	case uint64:
		return number{whole: true, mag: v}, true
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return number{}, false
		}
		if a := math.Abs(v); a == math.Trunc(a) && a < two64 {
			return number{whole: true, neg: v < 0, mag: uint64(a)}, true
		}
		return number{f: v}, true
	}
	return number{}, false
}

func wholeNumber(i int64) number {
	if i < 0 {
		return number{whole: true, neg: true, mag: -uint64(i)}
	}
	return number{whole: true, mag: uint64(i)}
}

// compare orders two numbers by value, without rounding.
func (a number) compare(b number) int {
	switch {
	case a.whole && b.whole:
		return a.compareWhole(b)
	case a.whole:
		return -b.compareFloat(a)
	case b.whole:
		return a.compareFloat(b)
	default:
		return cmp.Compare(a.f, b.f)
	}
}

func (a number) compareWhole(b number) int {
	switch {
	case a.neg && b.neg:
		return cmp.Compare(b.mag, a.mag)
	case a.neg:
		return -1
	case b.neg:
		return 1
	default:
		return cmp.Compare(a.mag, b.mag)
	}
}

// compareFloat orders a, which is not whole, and b, which is. They are never
// equal: beyond 2^64 the sign of a decides, below it a lies between its floor,
// which is whole and exact, and the number after that.
func (a number) compareFloat(b number) int {
	if math.Abs(a.f) >= two64 {
		if a.f < 0 {
			return -1
		}
		return 1
	}
	floor, _ := numberOf(math.Floor(a.f))
	if floor.compareWhole(b) < 0 {
		return -1
	}
	return 1
}

// appendTo appends the one JSON spelling of a.
func (a number) appendTo(b []byte) []byte {
	if !a.whole {
		return strconv.AppendFloat(b, a.f, 'g', -1, 64)
	}
	if a.neg {
		b = append(b, '-')
	}
	return strconv.AppendUint(b, a.mag, 10)
}

func (a number) String() string { return string(a.appendTo(nil)) }
