package wasi

import (
	"encoding/binary"
	"math"

	"github.com/ambit-wasm/ambit/host/internal/files"
)

// The standard descriptors, which are no files here.
const (
	stdin  = 0
	stdout = 1
	stderr = 2
)

// File types.
const (
	typeUnknown   = 0
	typeCharacter = 2
	typeFolder    = 3
	typeRegular   = 4
	typeLink      = 7
)

// Rights and flags of descriptors.
const (
	rightRead     = 1 << 1
	rightWrite    = 1 << 6
	rightSeek     = 1 << 2
	rightTell     = 1 << 5
	rightAllocate = 1 << 8
	rightSetSize  = 1 << 22
	rightsAll     = 1<<30 - 1
	flagAppend    = 1 << 0
	flagDsync     = 1 << 1
	flagNonWait   = 1 << 2
	flagRsync     = 1 << 3
	flagSync      = 1 << 4
)

// file finds an open file or folder, not a standard descriptor.
func (c call) file(fd uint64) (*files.File, errno) {
	if f := c.files().File(int32(uint32(fd))); f != nil {
		return f, ok
	}
	return nil, eBADF
}

// fdPrestatGet tells of the one preopen, the virtual root. It is there from
// the start and in every call, since Go looks for preopens once.
func fdPrestatGet(c call, s []uint64) errno {
	if s[0] != uint64(files.RootFD) {
		return eBADF
	}
	out, e := c.slot(s[1], 8)
	if e != ok {
		return e
	}
	return u64(out, uint64(len(rootName))<<32) // kind 0: a folder
}

const rootName = "/"

func fdPrestatDirName(c call, s []uint64) errno {
	if s[0] != uint64(files.RootFD) {
		return eBADF
	}
	if s[2] < uint64(len(rootName)) {
		return eNAMETOOLONG
	}
	out, e := c.slot(s[1], uint64(len(rootName)))
	if e != ok {
		return e
	}
	copy(out, rootName)
	return ok
}

func fdClose(c call, s []uint64) errno {
	return fileErrno(c.files().CloseFile(int32(uint32(s[0]))))
}

func fdFdstatGet(c call, s []uint64) errno {
	out, e := c.slot(s[1], 24)
	if e != ok {
		return e
	}
	kind, flags, rights := byte(typeCharacter), uint16(0), uint64(rightWrite)
	switch s[0] {
	case stdin:
		rights = rightRead
	case stdout, stderr:
	default:
		f, e := c.file(s[0])
		if e != ok {
			return e
		}
		kind, flags, rights = describe(f)
	}
	clear(out)
	out[0] = kind
	binary.LittleEndian.PutUint16(out[2:], flags)
	binary.LittleEndian.PutUint64(out[8:], rights)
	binary.LittleEndian.PutUint64(out[16:], rightsAll)
	return ok
}

func describe(f *files.File) (kind byte, flags uint16, rights uint64) {
	if f.Folder() {
		return typeFolder, 0, rightsAll &^ (rightRead | rightWrite | rightSeek | rightTell | rightAllocate | rightSetSize)
	}
	rights = rightsAll
	if !f.Readable() {
		rights &^= rightRead
	}
	if !f.Writable() {
		rights &^= rightWrite
	}
	if f.Appends() {
		flags = flagAppend
	}
	if f.Syncs() {
		flags |= flagSync
	}
	return typeRegular, flags, rights
}

// fdFdstatSetFlags changes nothing; above all not the waiting, so that Go
// keeps files out of its poller.
func fdFdstatSetFlags(c call, s []uint64) errno {
	if s[0] > stderr {
		if _, e := c.file(s[0]); e != ok {
			return e
		}
	}
	return eNOTSUP
}

func fdFilestatGet(c call, s []uint64) errno {
	out, e := c.slot(s[1], 64)
	if e != ok {
		return e
	}
	if s[0] <= stderr {
		clear(out)
		out[16] = typeCharacter
		return ok
	}
	f, e := c.file(s[0])
	if e != ok {
		return e
	}
	in, err := f.Stat()
	if err != nil {
		return fileErrno(err)
	}
	return filestat(out, in)
}

// filestat writes what is known about a file.
func filestat(out []byte, in files.Info) errno {
	clear(out)
	le := binary.LittleEndian
	le.PutUint64(out[0:], in.Device)
	le.PutUint64(out[8:], in.Inode)
	out[16] = fileType(in.Type)
	le.PutUint64(out[24:], in.Links)
	le.PutUint64(out[32:], uint64(in.Size))
	le.PutUint64(out[40:], uint64(in.Accessed))
	le.PutUint64(out[48:], uint64(in.Modified))
	le.PutUint64(out[56:], uint64(in.Changed))
	return ok
}

func fileType(t files.Type) byte {
	switch t {
	case files.TypeDir:
		return typeFolder
	case files.TypeFile:
		return typeRegular
	case files.TypeLink:
		return typeLink
	}
	return typeUnknown
}

func fdFilestatSetSize(c call, s []uint64) errno {
	f, e := c.file(s[0])
	if e != ok {
		return e
	}
	return fileErrno(f.Truncate(int64(s[1])))
}

func fdSeek(c call, s []uint64) errno {
	out, e := c.slot(s[3], 8)
	if e != ok {
		return e
	}
	return seek(c, s[0], int64(s[1]), s[2], out)
}

func fdTell(c call, s []uint64) errno {
	out, e := c.slot(s[1], 8)
	if e != ok {
		return e
	}
	return seek(c, s[0], 0, 1, out)
}

// seek moves a position; the numbers of whence are those of package io.
func seek(c call, fd uint64, off int64, whence uint64, out []byte) errno {
	if fd <= stderr {
		return eSPIPE
	}
	f, e := c.file(fd)
	if e != ok {
		return e
	}
	if whence > 2 {
		return eINVAL
	}
	pos, err := f.Seek(off, int(whence))
	if err != nil {
		return fileErrno(err)
	}
	return u64(out, uint64(pos))
}

func fdSync(c call, s []uint64) errno {
	if s[0] <= stderr {
		return eINVAL
	}
	f, e := c.file(s[0])
	if e != ok {
		return e
	}
	return fileErrno(f.Sync())
}

// fdAdvise takes advice and does nothing with it.
func fdAdvise(c call, s []uint64) errno {
	const last = 5 // NOREUSE
	if s[3] > last || s[2] > math.MaxInt64 || s[1] > math.MaxInt64-s[2] {
		return eINVAL
	}
	f, e := c.file(s[0])
	if e == ok && f.Folder() {
		return eBADF
	}
	return e
}

// fdAllocate sets nothing aside: writing finds out whether there is room.
func fdAllocate(c call, s []uint64) errno {
	f, e := c.file(s[0])
	switch {
	case e != ok:
		return e
	case f.Folder():
		return eBADF
	}
	return eNOTSUP
}
