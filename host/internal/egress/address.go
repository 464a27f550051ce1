package egress

import (
	"fmt"
	"net/netip"
)

// class is what a request may be sent to an address for.
type class int

const (
	never    class = iota // it is no host's: unspecified, multicast, reserved
	metadata              // it answers with a cloud's credentials
	private               // the own machine or network, or what might lead there
	public
)

// Prefixes that are not what they seem, from IANA's registries of special
// addresses. IPv6 outside 2000::/3 is not public at all.
var special = []struct {
	prefix netip.Prefix
	class  class
}{
	{netip.MustParsePrefix("0.0.0.0/8"), never}, // 0.0.0.0 is loopback on Linux
	{netip.MustParsePrefix("10.0.0.0/8"), private},
	{netip.MustParsePrefix("100.100.100.200/32"), metadata}, // Alibaba
	{netip.MustParsePrefix("100.64.0.0/10"), private},
	{netip.MustParsePrefix("127.0.0.0/8"), private},
	{netip.MustParsePrefix("169.254.169.254/32"), metadata}, // AWS, Azure, Google and most others
	{netip.MustParsePrefix("169.254.170.2/32"), metadata},   // tasks on ECS
	{netip.MustParsePrefix("169.254.170.23/32"), metadata},  // pods on EKS
	{netip.MustParsePrefix("169.254.0.0/16"), private},
	{netip.MustParsePrefix("172.16.0.0/12"), private},
	{netip.MustParsePrefix("192.0.0.192/32"), metadata}, // Oracle, older
	{netip.MustParsePrefix("192.0.0.0/24"), private},
	{netip.MustParsePrefix("192.0.2.0/24"), private},
	{netip.MustParsePrefix("192.88.99.0/24"), private},
	{netip.MustParsePrefix("192.168.0.0/16"), private},
	{netip.MustParsePrefix("198.18.0.0/15"), private},
	{netip.MustParsePrefix("198.51.100.0/24"), private},
	{netip.MustParsePrefix("203.0.113.0/24"), private},
	{netip.MustParsePrefix("224.0.0.0/3"), never}, // multicast, reserved, broadcast

	{netip.MustParsePrefix("::/128"), never},
	{netip.MustParsePrefix("ff00::/8"), never},
	{netip.MustParsePrefix("fd00:ec2::254/128"), metadata}, // AWS
	{netip.MustParsePrefix("fd00:ec2::23/128"), metadata},  // pods on EKS
	{netip.MustParsePrefix("fd20:ce::254/128"), metadata},  // Google
	{netip.MustParsePrefix("2001::/23"), private},          // protocols, Teredo among them
	{netip.MustParsePrefix("2001:db8::/32"), private},      // documentation
	{netip.MustParsePrefix("2002::/16"), private},          // 6to4
	{netip.MustParsePrefix("3fff::/20"), private},          // documentation
	{netip.MustParsePrefix("5f00::/16"), private},          // segment routing
	{netip.MustParsePrefix("64:ff9b:1::/48"), private},     // translated, where only the network knows
	{netip.MustParsePrefix("2000::/3"), public},
	{netip.MustParsePrefix("::/0"), private},
}

// nat64 addresses hold the IPv4 address that a translator connects to.
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

// classify says what an address is. One with a zone is of the own network.
func classify(a netip.Addr) class {
	a = a.Unmap()
	switch {
	case !a.IsValid():
		return never
	case a.Zone() != "":
		return min(private, classify(a.WithZone("")))
	case nat64.Contains(a):
		b := a.As16()
		return classify(netip.AddrFrom4([4]byte(b[12:])))
	}
	for _, s := range special {
		if s.prefix.Contains(a) {
			return s.class
		}
	}
	return public
}

// AddressError is that a name led to an address that the request must not go to.
type AddressError struct {
	Address netip.Addr
	class   class
}

// Error says which, for operators.
func (e *AddressError) Error() string {
	switch e.class {
	case private:
		return fmt.Sprintf("the address %s is of the own machine or network, and the scope entry does not say private = true", e.Address)
	case metadata:
		return fmt.Sprintf("the address %s may answer with credentials of the machine; only an entry with private = true for that very address reaches it", e.Address)
	}
	return fmt.Sprintf("the address %s is no host's", e.Address)
}

// Private reports whether private = true would let the request through.
func (e *AddressError) Private() bool { return e.class == private }

// check says whether a request may be dialled to an address. host is what the URL
// names.
func check(a netip.Addr, host string, own bool) error {
	c := classify(a)
	switch {
	case c == public, c == private && own:
		return nil
	case c == metadata && own && host == a.Unmap().String():
		return nil
	}
	return &AddressError{Address: a, class: c}
}
