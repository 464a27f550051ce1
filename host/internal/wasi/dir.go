package wasi

import (
	"encoding/binary"

	"github.com/ambit-wasm/ambit/host/internal/files"
)

// entrySize is an entry of a listing without its name: the cookie after it,
// inode, length of the name, type.
const entrySize = 24

// fdReaddir fills the buffer with entries; the last may be cut off, and if the
// buffer is not full there are no more.
func fdReaddir(c call, s []uint64) errno {
	out, e := c.slot(s[4], 4)
	if e != ok {
		return e
	}
	buf, e := c.view(s[1], s[2])
	if e != ok {
		return e
	}
	f, e := c.file(s[0])
	if e != ok {
		return e
	}
	c.chargeBytes(len(buf))
	cookie, used := s[3], 0
	for used < len(buf) {
		list, err := f.List(cookie, (len(buf)-used)/entrySize+1)
		if err != nil {
			return fileErrno(err)
		}
		if len(list) == 0 {
			break
		}
		for _, entry := range list {
			cookie++
			used += putEntry(buf[used:], entry, cookie)
			if used == len(buf) {
				break
			}
		}
	}
	return u32(out, uint32(used))
}

// putEntry writes as much of an entry as there is room for.
func putEntry(buf []byte, e files.Entry, next uint64) int {
	var head [entrySize]byte
	le := binary.LittleEndian
	le.PutUint64(head[0:], next)
	le.PutUint64(head[8:], e.Inode)
	le.PutUint32(head[16:], uint32(len(e.Name)))
	head[20] = fileType(e.Type)
	n := copy(buf, head[:])
	return n + copy(buf[n:], e.Name)
}
