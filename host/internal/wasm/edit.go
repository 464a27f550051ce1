package wasm

import (
	"fmt"
	"slices"
)

// NoSectionError says that a binary has no custom section of a name, or more
// than one.
type NoSectionError struct {
	Name  string
	Count int
}

func (e *NoSectionError) Error() string {
	if e.Count == 0 {
		return fmt.Sprintf("there is no custom section %q", e.Name)
	}
	return fmt.Sprintf("custom section %q stands %d times", e.Name, e.Count)
}

// Custom returns the data of the one custom section of that name. The error is
// a [*NoSectionError].
func (m *Module) Custom(name string) ([]byte, error) {
	var data []byte
	n := 0
	for _, c := range m.Customs {
		if c.Name == name {
			data = c.Data
			n++
		}
	}
	if n != 1 {
		return nil, &NoSectionError{Name: name, Count: n}
	}
	return data, nil
}

// CustomSection returns the data of the one custom section of that name in a
// binary that is within the default limits.
func CustomSection(bin []byte, name string) ([]byte, error) {
	m, err := Parse(bin, Limits{})
	if err != nil {
		return nil, err
	}
	return m.Custom(name)
}

// SetCustomSection returns the binary with one custom section of that name,
// at its end, in place of all that it had. All else stays as it is.
func SetCustomSection(bin []byte, name string, data []byte) ([]byte, error) {
	m, err := Parse(bin, Limits{Bytes: max(len(bin), 1)})
	if err != nil {
		return nil, err
	}
	out := slices.Clone(bin[:headerSize])
	custom := 0
	for _, s := range m.sections {
		if s.id == idCustom {
			custom++
			if m.Customs[custom-1].Name == name {
				continue
			}
		}
		out = append(out, bin[s.start:s.end]...)
	}
	body := append(appendU32(nil, uint32(len(name))), name...)
	return appendSection(out, idCustom, append(body, data...)), nil
}

func appendSection(b []byte, id byte, body []byte) []byte {
	b = appendU32(append(b, id), uint32(len(body)))
	return append(b, body...)
}

// appendU32 appends an unsigned LEB128.
func appendU32(b []byte, v uint32) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}
