//go:build unix && !linux

package image

// noReserve: addresses without memory are in nobody's accounts.
const noReserve = 0

// large would ask for large pages.
func large([]byte) {}
