package wasi

import (
	"encoding/binary"
	"errors"
	"io"
	"math"

	"github.com/ambit-wasm/ambit/host/internal/files"
)

// Bounds of one read or write. Vectors may overlap, so their lengths add up to
// more than the guest's memory; what is over the bound is left for another
// call, as a short read or write.
const (
	maxVectors = 1024
	maxMoved   = 16 << 20 // bytes
)

// vectors are the buffers of a read or write, all within memory.
type vectors struct {
	c     call
	table []byte // pointer and length of each
	total int64
}

// vectors checks all buffers before anything is moved.
func (c call) vectors(p, n uint64) (vectors, errno) {
	if n > maxVectors {
		return vectors{}, eINVAL
	}
	table, e := c.view(p, 8*n)
	if e != ok {
		return vectors{}, e
	}
	v := vectors{c: c, table: table}
	for i := range int(n) {
		b, e := v.at(i)
		if e != ok {
			return vectors{}, e
		}
		v.total += int64(len(b))
	}
	if v.total > math.MaxInt32 {
		return vectors{}, eINVAL
	}
	return v, ok
}

// at is the i-th buffer as the table says now: reading into one buffer may
// have changed the table.
func (v vectors) at(i int) ([]byte, errno) {
	return v.c.view(uint64(binary.LittleEndian.Uint32(v.table[8*i:])), uint64(binary.LittleEndian.Uint32(v.table[8*i+4:])))
}

// each moves buffer after buffer until one is not moved whole.
func (v vectors) each(move func([]byte) (int, error)) (int, errno) {
	left, done := maxMoved, 0
	for i := range len(v.table) / 8 {
		b, e := v.at(i)
		if e != ok || left == 0 {
			break
		}
		if len(b) == 0 {
			continue
		}
		b = b[:min(len(b), left)]
		v.c.chargeBytes(len(b))
		n, err := move(b)
		done, left = done+n, left-n
		if err != nil && !errors.Is(err, io.EOF) && done == 0 {
			return 0, fileErrno(err)
		}
		if err != nil || n < len(b) {
			break
		}
	}
	return done, ok
}

func fdRead(c call, s []uint64) errno {
	return transfer(c, s[0], s[1], s[2], s[3], false, (*files.File).Read)
}

func fdWrite(c call, s []uint64) errno {
	if s[0] == stdout || s[0] == stderr {
		return output(c, s)
	}
	return transfer(c, s[0], s[1], s[2], s[3], true, (*files.File).Write)
}

func fdPread(c call, s []uint64) errno {
	return transfer(c, s[0], s[1], s[2], s[4], false, moveAt(int64(s[3]), (*files.File).ReadAt))
}

func fdPwrite(c call, s []uint64) errno {
	return transfer(c, s[0], s[1], s[2], s[4], true, moveAt(int64(s[3]), (*files.File).WriteAt))
}

// moveAt goes on from an offset.
func moveAt(off int64, move func(*files.File, []byte, int64) (int, error)) func(*files.File, []byte) (int, error) {
	return func(f *files.File, b []byte) (int, error) {
		n, err := move(f, b, off)
		off += int64(n)
		return n, err
	}
}

// transfer moves buffers from or to a file.
func transfer(c call, fd, p, n, result uint64, write bool, move func(*files.File, []byte) (int, error)) errno {
	out, e := c.slot(result, 4)
	if e != ok {
		return e
	}
	v, e := c.vectors(p, n)
	if e != ok {
		return e
	}
	if fd <= stderr {
		if write || fd != stdin {
			return eBADF
		}
		return u32(out, 0) // stdin is at its end
	}
	f, e := c.file(fd)
	if e != ok {
		return e
	}
	if v.total == 0 { // still an error where it would be one
		if _, err := move(f, nil); err != nil && !errors.Is(err, io.EOF) {
			return fileErrno(err)
		}
		return u32(out, 0)
	}
	done, e := v.each(func(b []byte) (int, error) { return move(f, b) })
	if e != ok {
		return e
	}
	return u32(out, uint32(done))
}

// output takes what a guest prints. It tells the guest that all was written.
func output(c call, s []uint64) errno {
	out, e := c.slot(s[3], 4)
	if e != ok {
		return e
	}
	v, e := c.vectors(s[1], s[2])
	if e != ok {
		return e
	}
	if c.state != nil && c.state.Output != nil {
		for i := range len(v.table) / 8 {
			if b, e := v.at(i); e == ok {
				c.state.Output.Write(int(s[0]), b)
			}
		}
	}
	return u32(out, uint32(v.total))
}
