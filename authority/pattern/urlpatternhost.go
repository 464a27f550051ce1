package pattern

import (
	"strconv"
	"strings"
)

// compileHost compiles the host of a URL pattern.
func (u *URL) compileHost(r rawPart) *Error {
	if r.text == "" {
		return fault(r.at, "no host (write * for any)")
	}
	if r.text[0] == '[' {
		return u.compileIPv6(r)
	}
	numeric := u.scheme.shape != shapeLiteral || defaultPort(u.scheme.text) >= 0
	if !strings.ContainsAny(r.text, `*:{}\(+?`) {
		h, err := parseHost(r.text, r.at, numeric)
		u.host = part{text: h.text}
		u.dotted = strings.HasSuffix(h.text, ".")
		return err
	}
	c := newPartCompiler(r, partHost)
	c.small = !numeric
	if err := c.run(); err != nil {
		return err
	}
	if err := u.checkHostShape(c, r); err != nil {
		return err
	}
	u.host = c.part()
	u.dotted = strings.HasSuffix(r.text, ".")
	return nil
}

// compileIPv6 compiles an address in brackets. URLPattern wants its colons
// escaped; we take them either way.
func (u *URL) compileIPv6(r rawPart) *Error {
	text := strings.ReplaceAll(r.text, `\:`, ":")
	if strings.ContainsAny(text, `*{}\(+?`) {
		return fault(r.at, "wildcards in an IPv6 address are not supported (write the address, or * for any host)")
	}
	h, err := parseHost(text, r.at, true)
	u.host = part{text: h.text}
	return err
}

// checkHostShape finds hosts with wildcards that would match what nobody
// means, or nothing.
func (u *URL) checkHostShape(c *partCompiler, r rawPart) *Error {
	text := strings.TrimSuffix(r.text, ".")
	if strings.HasPrefix(text, ".") || strings.Contains(text, "..") {
		return fault(r.at, "empty label in a host")
	}
	if last := c.steps[len(c.steps)-1]; text == r.text && last.kind == stepRune && last.r == '.' {
		return fault(r.at, "final dot of a host in a group (write it after the group, or not at all)")
	}
	if !c.digits {
		return nil
	}
	if !c.letters {
		u.ipv4 = true
		return checkAddress(r)
	}
	if label, ok := lastLabel(c.steps[:len(c.steps)-(len(r.text)-len(text))]); ok && endsInNumber(label) {
		return fault(r.at, "host that ends in a number but is not an IPv4 address")
	}
	return nil
}

// lastLabel returns the last label of a host if it is literal.
func lastLabel(n nfa) (string, bool) {
	for i := len(n) - 1; i >= 0 && n[i].kind == stepRune; i-- {
		if n[i].r == '.' {
			return n[i+1:].literal(), true
		}
	}
	return "", false
}

// checkAddress checks an IPv4 address with wildcards: numbers and "*", four of
// them, or fewer with "*" for all the rest at the end.
func checkAddress(r rawPart) *Error {
	labels := strings.Split(r.text, ".")
	for _, label := range labels {
		if label == "*" {
			continue
		}
		n, err := strconv.Atoi(label)
		if err != nil || n < 0 || n > 255 || strconv.Itoa(n) != label {
			return fault(r.at, "IPv4 address with wildcards must be decimal numbers and whole * (192.168.*)")
		}
	}
	if len(labels) > 4 || len(labels) < 4 && labels[len(labels)-1] != "*" {
		return fault(r.at, "IPv4 address with wildcards must have four numbers or end in * (192.168.*)")
	}
	return nil
}
