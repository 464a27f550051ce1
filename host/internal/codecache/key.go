package codecache

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"golang.org/x/sys/cpu"
)

// format is the version of entries, and a part of their keys.
const format = "ambit compiled code 1"

const wazeroPath = "github.com/tetratelabs/wazero"

// ErrBuild says that the program does not know what its code depends on.
var ErrBuild = errors.New("the program was built without a known version of wazero")

type key [sha256.Size]byte

// key names the code of a binary. Its parts cannot run into each other.
func (c *Cache) key(bin []byte) key {
	h := sha256.New()
	for _, part := range []string{
		format, c.options.Build, c.options.Settings,
		filepath.Base(c.inside), // wazero's version as it sees it, architecture, system
		fmt.Sprint(cpu.X86, cpu.ARM64),
	} {
		_, _ = h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(part))))
		_, _ = h.Write([]byte(part))
	}
	_, _ = h.Write(bin)
	return key(h.Sum(nil))
}

func (k key) String() string { return hex.EncodeToString(k[:]) }

// isHash reports whether a name is one that [key.String] or wazero gives.
func isHash(name string) bool {
	if len(name) != 2*sha256.Size {
		return false
	}
	for _, r := range name {
		if (r < '0' || r > '9') && (r < 'a' || r > 'f') {
			return false
		}
	}
	return true
}

// Build returns the versions that compiled code depends on beside the module,
// or [ErrBuild].
func Build() (string, error) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "", ErrBuild
	}
	return buildOf(info)
}

func buildOf(info *debug.BuildInfo) (string, error) {
	for _, d := range info.Deps {
		if d.Path == wazeroPath && d.Replace == nil && d.Version != "" && d.Version != "(devel)" && d.Sum != "" {
			return d.Version + " " + d.Sum + " " + runtime.Version(), nil
		}
	}
	return "", ErrBuild
}
