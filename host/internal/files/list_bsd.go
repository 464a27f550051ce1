//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package files

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// dirNames reads a folder by package os and asks for each type.
type dirNames struct {
	fd   int
	file *os.File // a descriptor of its own
}

func newLister(fd int) lister { return &dirNames{fd: fd} }

func (d *dirNames) rewind() error {
	if d.file == nil {
		return nil
	}
	_, err := d.file.Seek(0, io.SeekStart)
	return kind(err)
}

func (d *dirNames) close() {
	if d.file != nil {
		d.file.Close()
	}
}

func (d *dirNames) next() ([]Entry, error) {
	if d.file == nil {
		fd, err := unix.Openat(d.fd, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			return nil, kind(err)
		}
		d.file = os.NewFile(uintptr(fd), ".")
	}
	names, err := d.file.Readdirnames(listBatch)
	if err == io.EOF {
		return nil, nil
	}
	out := make([]Entry, 0, len(names))
	for _, n := range names {
		out = append(out, Entry{Name: n, Type: statType(d.fd, n)})
	}
	return out, kind(err)
}
