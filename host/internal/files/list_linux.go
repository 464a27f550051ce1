package files

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// direntSize is a Linux dirent64 up to its name: inode, offset, length, type.
const direntSize = 19

// dirents reads a folder by getdents64, which tells types without a stat.
type dirents struct {
	fd  int
	buf [8 << 10]byte
	out []Entry
}

func newLister(fd int) lister { return &dirents{fd: fd} }

func (d *dirents) rewind() error {
	_, err := unix.Seek(d.fd, 0, 0)
	return kind(err)
}

func (d *dirents) close() {}

func (d *dirents) next() ([]Entry, error) {
	for {
		n, err := again(func() (int, error) { return unix.Getdents(d.fd, d.buf[:]) })
		if err != nil || n == 0 {
			return nil, err
		}
		if out := d.parse(d.buf[:n]); len(out) > 0 {
			return out, nil
		}
	}
}

// parse splits what the kernel wrote.
func (d *dirents) parse(b []byte) []Entry {
	d.out = d.out[:0]
	for len(b) >= direntSize {
		size := int(binary.NativeEndian.Uint16(b[16:]))
		if size < direntSize || size > len(b) {
			break
		}
		name, _, _ := bytes.Cut(b[direntSize:size], []byte{0})
		if s := string(name); s != "." && s != ".." {
			d.out = append(d.out, Entry{Name: s, Inode: binary.NativeEndian.Uint64(b), Type: d.typeOf(b[18], s)})
		}
		b = b[size:]
	}
	return d.out
}

func (d *dirents) typeOf(t byte, name string) Type {
	switch t {
	case unix.DT_REG:
		return TypeFile
	case unix.DT_DIR:
		return TypeDir
	case unix.DT_LNK:
		return TypeLink
	case unix.DT_UNKNOWN: // some file systems do not store it
		return statType(d.fd, name)
	}
	return TypeOther
}
