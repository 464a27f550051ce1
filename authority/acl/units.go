package acl

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// maxDuration bounds every time limit.
const maxDuration = 24 * time.Hour

// milliseconds returns a duration like "5s" in milliseconds, 0 if it is absent.
func (t *table) milliseconds(key string) int64 {
	const hint = `write it like "5s" or "250ms"`
	n := t.typed(key, kindString, hint)
	if n == nil {
		return 0
	}
	d, err := time.ParseDuration(n.text)
	switch {
	case err != nil:
		t.badValue(n, key, hint, "is %s, which is no duration", quote(n.text))
	case d <= 0 || d > maxDuration:
		t.badValue(n, key, "", "is %s, which is not between 1ms and 24h", quote(n.text))
	case d%time.Millisecond != 0:
		t.badValue(n, key, "", "is %s, which is not a whole number of milliseconds", quote(n.text))
	default:
		return d.Milliseconds()
	}
	return 0
}

var sizeUnits = []struct {
	name  string
	bytes int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"B", 1}}

// size returns a number of bytes, written as an integer or like "64MiB", from
// 1 to most; 0 if it is absent.
func (t *table) size(key string, most int64) int64 {
	const hint = `write bytes as an integer, or a string like "64MiB"`
	n := t.get(key)
	if n == nil {
		return 0
	}
	size, written := n.integer, strconv.FormatInt(n.integer, 10)
	switch n.kind {
	case kindInt:
	case kindString:
		written = quote(n.text)
		var ok bool
		if size, ok = parseSize(n.text, most); !ok {
			t.badValue(n, key, hint, "is %s, which is no size", quote(n.text))
			return 0
		}
	default:
		t.wrongType(n, key, "a size", hint)
		return 0
	}
	if size < 1 || size > most {
		t.badValue(n, key, "", "is %s, which is not between 1 byte and %s", written, printSize(most))
		return 0
	}
	return size
}

// parseSize reads "64MiB"; a size above most comes out as most+1.
func parseSize(text string, most int64) (int64, bool) {
	for _, u := range sizeUnits {
		digits, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		digits = strings.TrimSuffix(digits, " ")
		n, err := strconv.ParseUint(digits, 10, 63)
		if err != nil {
			return 0, false
		}
		if int64(n) > most/u.bytes {
			return most + 1, true
		}
		return int64(n) * u.bytes, true
	}
	return 0, false
}

func printSize(n int64) string {
	for i := len(sizeUnits) - 2; i >= 0; i-- {
		if u := sizeUnits[i]; n >= u.bytes && n%u.bytes == 0 {
			return strconv.FormatInt(n/u.bytes, 10) + u.name
		}
	}
	return counted(int(n), "byte")
}

// instant returns a point in time as Unix nanoseconds, written as a TOML
// date-time or a string after RFC 3339; 0 if it is absent.
func (t *table) instant(key string) int64 {
	const hint = `write it like "2030-01-31T12:00:00Z", with the zone`
	n := t.get(key)
	if n == nil {
		return 0
	}
	if n.kind != kindString && n.kind != kindTime {
		t.wrongType(n, key, "a date and time", hint)
		return 0
	}
	at, err := parseInstant(n.text)
	if err != nil {
		t.badValue(n, key, hint, "is %s, which is no date and time after RFC 3339", quote(n.text))
		return 0
	}
	// int64 nanoseconds since 1970 say no more, and zero means never.
	if at.Unix() <= 0 || at.Unix() >= math.MaxInt64/int64(time.Second) {
		t.badValue(n, key, "", "is %s, which is not between the years 1970 and 2262", quote(n.text))
		return 0
	}
	return at.UnixNano()
}

// parseInstant reads RFC 3339, and TOML's form of it without seconds.
func parseInstant(text string) (at time.Time, err error) {
	const minutes = len("2006-01-02T15:04")
	if len(text) > minutes && text[minutes] != ':' {
		text = text[:minutes] + ":00" + text[minutes:]
	}
	err = at.UnmarshalText([]byte(text)) // stricter than time.Parse
	return at, err
}
