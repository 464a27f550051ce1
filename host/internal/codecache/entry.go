package codecache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// An entry is magic · name · length · sum · code.
const (
	magic      = "ambitcc1"
	nameAt     = len(magic)
	lengthAt   = nameAt + sha256.Size
	sumAt      = lengthAt + 8
	headerSize = sumAt + sha256.Size
)

// The names of what is in the folder, before and after a hash or a number.
const (
	entrySuffix   = ".code"
	partSuffix    = ".part"
	stagingPrefix = "ambit-staging-"
)

func (c *Cache) path(k key) string { return filepath.Join(c.dir, k.String()+entrySuffix) }

// stage puts the code of an entry where wazero looks for it, and returns its
// name there; empty if there is no code.
func (c *Cache) stage(k key) string {
	name, code, err := c.load(k)
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if err != nil {
		c.drop(k, err.Error())
		return ""
	}
	file := filepath.Join(c.inside, name)
	if err := os.WriteFile(file, code, 0o600); err != nil {
		c.options.Logger.Warn("compiled code not staged", "error", err)
		_ = os.Remove(file) // or wazero would find a part of it
		return ""
	}
	now := time.Now()
	_ = os.Chtimes(c.path(k), now, now) // another process may have removed it
	return name
}

// load reads and checks an entry.
func (c *Cache) load(k key) (name string, code []byte, err error) {
	path := c.path(k)
	fi, err := os.Lstat(path)
	if err != nil {
		return "", nil, err
	}
	if !fi.Mode().IsRegular() || !owned(fi) || writableByOthers(fi) {
		return "", nil, errors.New("it is not a file that only its user may write")
	}
	if fi.Size() < int64(headerSize) || fi.Size() > c.options.MaxBytes {
		return "", nil, fmt.Errorf("it has %d bytes", fi.Size())
	}
	f, err := os.Open(path)
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = f.Close() }()
	data := make([]byte, fi.Size()+1)
	n, err := io.ReadFull(f, data)
	if !errors.Is(err, io.ErrUnexpectedEOF) || int64(n) != fi.Size() {
		return "", nil, errors.New("it has another size than the folder says")
	}
	data = data[:n]
	header, code := data[:headerSize], data[headerSize:]
	sum := sumOf(k, header, code)
	switch {
	case !bytes.HasPrefix(header, []byte(magic)):
		return "", nil, errors.New("it is no compiled code")
	case binary.LittleEndian.Uint64(header[lengthAt:]) != uint64(len(code)):
		return "", nil, errors.New("it is cut or too long")
	case !bytes.Equal(header[sumAt:], sum[:]):
		return "", nil, errors.New("its checksum is wrong")
	}
	return hex.EncodeToString(header[nameAt:lengthAt]), code, nil
}

// sumOf is the checksum of an entry: of its key, of the header before the sum,
// and of the code.
func sumOf(k key, header, code []byte) (sum [sha256.Size]byte) {
	h := sha256.New()
	_, _ = h.Write(k[:])
	_, _ = h.Write(header[:sumAt])
	_, _ = h.Write(code)
	h.Sum(sum[:0])
	return sum
}

// drop removes an entry that cannot be used.
func (c *Cache) drop(k key, why string) {
	c.options.Logger.Warn("compiled code is not usable and is removed", "key", k, "reason", why)
	if err := os.Remove(c.path(k)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.options.Logger.Warn("compiled code not removed", "error", err)
	}
}

// store makes an entry of the code that wazero has written under a name.
func (c *Cache) store(k key, name string) {
	if err := c.write(k, name); err != nil {
		c.options.Logger.Warn("compiled code not kept", "error", err)
		return
	}
	c.evict()
}

func (c *Cache) write(k key, name string) error {
	code, err := os.ReadFile(filepath.Join(c.inside, name))
	if err != nil {
		return err
	}
	if int64(headerSize+len(code)) > c.options.MaxBytes {
		return fmt.Errorf("it has %d bytes, more than the cache may have (%d)", len(code), c.options.MaxBytes)
	}
	header, err := hex.AppendDecode([]byte(magic), []byte(name))
	if err != nil {
		return err
	}
	header = binary.LittleEndian.AppendUint64(header, uint64(len(code)))
	sum := sumOf(k, header, code)
	f, err := os.CreateTemp(c.dir, k.String()+".*"+partSuffix)
	if err != nil {
		return err
	}
	for _, part := range [][]byte{header, sum[:], code} {
		if err == nil {
			_, err = f.Write(part)
		}
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), c.path(k))
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
