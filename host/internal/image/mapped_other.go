//go:build !linux

package image

// systemStrategies are those that need the kernel's help.
var systemStrategies []strategy
