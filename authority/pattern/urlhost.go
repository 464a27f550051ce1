package pattern

import (
	"strconv"
	"strings"
)

// host is a canonical host.
type host struct {
	text string
	ipv4 bool
}

// parseHost brings a host into canonical form. numeric is set for schemes
// whose hosts that end in a number are IPv4 addresses; others are taken only
// if they are canonical already.
func parseHost(s string, at int, numeric bool) (host, *Error) {
	if s == "" {
		return host{}, fault(at, "no host")
	}
	if s[0] == '[' {
		pieces, ok := parseIPv6(s)
		if !ok {
			return host{}, fault(at, strconv.Quote(clip(s))+" is not an IPv6 address (zones are not supported)")
		}
		return hostOfIPv6(pieces), nil
	}
	if err := checkHostText(s, at); err != nil {
		return host{}, err
	}
	lower := strings.ToLower(s)
	switch {
	case !numeric && lower != s:
		return host{}, capitalHost(at)
	case numeric && endsInNumber(lower):
		ip, ok := parseIPv4(lower)
		if !ok {
			return host{}, fault(at, strconv.Quote(clip(s))+" ends in a number but is not an IPv4 address")
		}
		return hostOfIPv4(ip), nil
	}
	return host{text: lower}, checkLabels(lower, at)
}

func capitalHost(at int) *Error {
	return fault(at, "capital letters in the host of a scheme other than http, https, ws, wss and ftp (write them small)")
}

// clip shortens what a message repeats.
func clip(s string) string { return s[:min(len(s), 80)] }

// checkHostText refuses what has no place in a host.
func checkHostText(s string, at int) *Error {
	for i := range len(s) {
		if err := checkHostByte(s[i], at+i); err != nil {
			return err
		}
	}
	return nil
}

func checkHostByte(c byte, at int) *Error {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
		return nil
	case c == '%':
		return fault(at, "percent-encoded host (write the characters themselves)")
	case c >= 0x80:
		return fault(at, "host with characters beyond ASCII (write it in punycode: xn--…)")
	default:
		return fault(at, strconv.QuoteRune(rune(c))+" cannot be in a host")
	}
}

// checkLabels checks the labels of a domain name; the last may be empty.
func checkLabels(s string, at int) *Error {
	if len(s) > 253+len(".") {
		return fault(at+254, "host longer than 253 characters")
	}
	start := at
	for label := range strings.SplitSeq(strings.TrimSuffix(s, "."), ".") {
		switch {
		case label == "":
			return fault(start, "empty label in a host")
		case len(label) > 63:
			return fault(start, "label of a host longer than 63 characters")
		}
		start += len(label) + 1
	}
	return nil
}

// endsInNumber reports whether a browser takes the host for an IPv4 address:
// whether its last label is a number.
func endsInNumber(s string) bool {
	s = strings.TrimSuffix(s, ".")
	last := s[strings.LastIndexByte(s, '.')+1:]
	if last == "" {
		return false
	}
	if strings.Trim(last, "0123456789") == "" {
		return true
	}
	_, ok := parseNumber(last)
	return ok
}

// parseNumber reads decimal, octal (0…) or hexadecimal (0x…) digits, up to
// 2^32-1; what is more reads as 2^32.
func parseNumber(s string) (n uint64, ok bool) {
	base := uint64(10)
	switch {
	case strings.HasPrefix(s, "0x"):
		s, base = s[2:], 16
	case len(s) > 1 && s[0] == '0':
		s, base = s[1:], 8
	case s == "":
		return 0, false
	}
	for i := range len(s) {
		d, ok := hexDigit(s[i])
		if !ok || uint64(d) >= base {
			return 0, false
		}
		n = min(n*base+uint64(d), 1<<32)
	}
	return n, true
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// parseIPv4 reads one to four numbers; the last fills the bytes that are left.
func parseIPv4(s string) (uint32, bool) {
	parts := strings.SplitN(strings.TrimSuffix(s, "."), ".", 5)
	if len(parts) > 4 {
		return 0, false
	}
	var ip uint64
	for i, part := range parts {
		n, ok := parseNumber(part)
		last := i == len(parts)-1
		switch {
		case !ok || !last && n > 255:
			return 0, false
		case !last:
			ip |= n << (8 * (3 - i))
		case n >= 1<<(8*(4-i)):
			return 0, false
		default:
			ip |= n
		}
	}
	return uint32(ip), true
}

func hostOfIPv4(ip uint32) host {
	b := make([]byte, 0, len("255.255.255.255"))
	for shift := 24; shift >= 0; shift -= 8 {
		b = strconv.AppendUint(b, uint64(ip>>shift&255), 10)
		if shift > 0 {
			b = append(b, '.')
		}
	}
	return host{text: string(b), ipv4: true}
}

// parseIPv6 reads an address in brackets.
func parseIPv6(s string) (pieces [8]uint16, ok bool) {
	if len(s) < 2 || s[len(s)-1] != ']' {
		return pieces, false
	}
	before, after, compressed := strings.Cut(s[1:len(s)-1], "::")
	head, ok := parsePieces(before, !compressed)
	if !ok {
		return pieces, false
	}
	if !compressed {
		copy(pieces[:], head)
		return pieces, len(head) == 8
	}
	tail, ok := parsePieces(after, true)
	if !ok || len(head)+len(tail) > 7 {
		return pieces, false
	}
	copy(pieces[:], head)
	copy(pieces[8-len(tail):], tail)
	return pieces, true
}

// parsePieces reads groups of hexadecimal digits, of which the last may be an
// IPv4 address if it ends the whole.
func parsePieces(s string, ends bool) ([]uint16, bool) {
	if s == "" {
		return nil, true
	}
	groups := strings.SplitN(s, ":", 9)
	if len(groups) > 8 {
		return nil, false
	}
	pieces := make([]uint16, 0, 9)
	for i, g := range groups {
		if ends && i == len(groups)-1 && strings.IndexByte(g, '.') >= 0 {
			ip, ok := parseDotted(g)
			return append(pieces, uint16(ip>>16), uint16(ip)), ok
		}
		if len(g) == 0 || len(g) > 4 {
			return nil, false
		}
		var n uint16
		for j := range len(g) {
			d, ok := hexDigit(g[j])
			if !ok {
				return nil, false
			}
			n = n<<4 | uint16(d)
		}
		pieces = append(pieces, n)
	}
	return pieces, true
}

// parseDotted reads four decimal numbers without leading zeros.
func parseDotted(s string) (uint32, bool) {
	if strings.Count(s, ".") != 3 {
		return 0, false
	}
	for part := range strings.SplitSeq(s, ".") {
		if part == "" || len(part) > 1 && part[0] == '0' || strings.Trim(part, "0123456789") != "" {
			return 0, false
		}
	}
	return parseIPv4(s)
}

// hostOfIPv6 writes an address, compressed as RFC 5952 and the URL standard
// say; one that stands for an IPv4 address is written as that, so that one
// address has one text.
func hostOfIPv6(p [8]uint16) host {
	if [6]uint16(p[:6]) == [6]uint16{5: 0xffff} {
		return hostOfIPv4(uint32(p[6])<<16 | uint32(p[7]))
	}
	from, n := longestZeros(p)
	b := []byte{'['}
	for i := 0; i < 8; i++ {
		if i == from && n > 1 {
			b = append(b, "::"...)
			i += n - 1
			continue
		}
		if b[len(b)-1] != ':' && i > 0 {
			b = append(b, ':')
		}
		b = strconv.AppendUint(b, uint64(p[i]), 16)
	}
	return host{text: string(append(b, ']'))}
}

// longestZeros returns the first of the longest runs of zeros.
func longestZeros(p [8]uint16) (from, n int) {
	for i := 0; i < 8; i++ {
		j := i
		for j < 8 && p[j] == 0 {
			j++
		}
		if j-i > n {
			from, n = i, j-i
		}
		i = j
	}
	return from, n
}
