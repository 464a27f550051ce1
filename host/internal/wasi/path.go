package wasi

import "github.com/ambit-wasm/ambit/host/internal/files"

// Flags of path functions.
const (
	lookupFollow = 1

	openCreate    = 1 << 0
	openFolder    = 1 << 1
	openExclusive = 1 << 2
	openTruncate  = 1 << 3

	setAccessed    = 1 << 0
	setAccessedNow = 1 << 1
	setModified    = 1 << 2
	setModifiedNow = 1 << 3
)

// pathOpen opens a file or folder. Rights to inherit have no meaning: what may
// be done below a folder is decided by its path. Links are never followed,
// whatever the lookup flags say.
func pathOpen(c call, s []uint64) errno {
	dir, oflags, rights, fdflags := int32(uint32(s[0])), s[4], s[5], s[7]
	out, e := c.slot(s[8], 4)
	if e != ok {
		return e
	}
	path, e := c.path(s[2], s[3])
	if e != ok {
		return e
	}
	if oflags >= openTruncate<<1 || fdflags >= flagSync<<1 {
		return eINVAL
	}
	fd, err := c.files().Open(dir, path, files.OpenFlags{
		Read: rights&rightRead != 0, Write: rights&rightWrite != 0,
		Create: oflags&openCreate != 0, Exclusive: oflags&openExclusive != 0,
		Truncate: oflags&openTruncate != 0, Folder: oflags&openFolder != 0,
		Append: fdflags&flagAppend != 0, Sync: fdflags&(flagDsync|flagRsync|flagSync) != 0,
	})
	if err != nil {
		writes := rights&rightWrite != 0 || oflags&(openCreate|openTruncate) != 0
		return c.pathErrno(err, s[0], path, writes)
	}
	return u32(out, uint32(fd))
}

// pathErrno is the number of an error about a path. What the scope does not lend
// is told to the state.
func (c call) pathErrno(err error, dir uint64, path string, writes bool) errno {
	e := fileErrno(err)
	if e != eACCES || c.state == nil || c.state.Refused == nil {
		return e
	}
	where, read, write := c.files().Where(int32(uint32(dir)), path)
	if writes && !write || !writes && !read {
		c.state.Refused(where, writes)
	}
	return e
}

func pathFilestatGet(c call, s []uint64) errno {
	out, e := c.slot(s[4], 64)
	if e != ok {
		return e
	}
	path, e := c.path(s[2], s[3])
	if e != ok {
		return e
	}
	in, err := c.files().Stat(int32(uint32(s[0])), path, s[1]&lookupFollow != 0)
	if err != nil {
		return c.pathErrno(err, s[0], path, false)
	}
	return filestat(out, in)
}

func pathFilestatSetTimes(c call, s []uint64) errno {
	path, e := c.path(s[2], s[3])
	if e != ok {
		return e
	}
	flags := s[6]
	const accessed, modified = setAccessed | setAccessedNow, setModified | setModifiedNow
	if flags&accessed == accessed || flags&modified == modified || flags >= setModifiedNow<<1 {
		return eINVAL
	}
	a, m := int64(s[4]), int64(s[5])
	if flags&setAccessed != 0 && a < 0 || flags&setModified != 0 && m < 0 {
		return eINVAL
	}
	err := c.files().Chtimes(int32(uint32(s[0])), path, files.Times{
		Accessed: files.Time{Set: flags&setAccessed != 0, Now: flags&setAccessedNow != 0, Nano: a},
		Modified: files.Time{Set: flags&setModified != 0, Now: flags&setModifiedNow != 0, Nano: m},
	})
	return c.pathErrno(err, s[0], path, true)
}

// onPath is a function of a folder and a path.
func onPath(c call, s []uint64, do func(t *files.Table, at int32, path string) error) errno {
	path, e := c.path(s[1], s[2])
	if e != ok {
		return e
	}
	return c.pathErrno(do(c.files(), int32(uint32(s[0])), path), s[0], path, true)
}

func pathCreateDirectory(c call, s []uint64) errno { return onPath(c, s, (*files.Table).Mkdir) }
func pathRemoveDirectory(c call, s []uint64) errno { return onPath(c, s, (*files.Table).Rmdir) }
func pathUnlinkFile(c call, s []uint64) errno      { return onPath(c, s, (*files.Table).Remove) }

func pathRename(c call, s []uint64) errno {
	from, e := c.path(s[1], s[2])
	if e != ok {
		return e
	}
	to, e := c.path(s[4], s[5])
	if e != ok {
		return e
	}
	err := c.files().Rename(int32(uint32(s[0])), from, int32(uint32(s[3])), to)
	if e = c.pathErrno(err, s[0], from, true); e == eACCES {
		_ = c.pathErrno(err, s[3], to, true)
	}
	return e
}
