package kv

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// Errors of the store.
var (
	ErrClosed   = errors.New("kv: the store is closed")
	ErrDamaged  = errors.New("kv: the store is damaged")
	ErrBadKey   = errors.New("kv: a key is 1 to 1 024 bytes of UTF-8 without NUL")
	ErrTooLarge = errors.New("kv: the value is too large")
	ErrQuota    = errors.New("kv: the module has stored as much as it may")
)

// lockTime is how long Open waits for a process that has the file open.
const lockTime = time.Second

// Store is an open file. It is safe for concurrent use.
type Store struct {
	db  *bbolt.DB
	now func() time.Time

	mu      sync.RWMutex // held for reading while the file is used
	closed  bool
	file    *os.File
	damaged atomic.Pointer[error]

	commit commits
}

// Open opens the file, and makes it and its folder, for their owner only, if they
// are not there. A file that another process has open is an error.
func Open(file string) (*Store, error) {
	return open(file, time.Now)
}

func open(file string, now func() time.Time) (_ *Store, err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	s := &Store{now: now}
	defer func() {
		if err != nil && s.file != nil {
			_ = abandon(s.file) // bbolt has not, if it panicked
		}
	}()
	defer s.guard(&err)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	s.db, err = bbolt.Open(file, 0o600, &bbolt.Options{
		Timeout: lockTime, FreelistType: bbolt.FreelistMapType, NoStatistics: true,
		OpenFile: func(name string, flag int, mode os.FileMode) (f *os.File, err error) {
			s.file, err = os.OpenFile(name, flag, mode)
			return s.file, err
		},
	})
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, fmt.Errorf("kv: %q is open in another process", file)
	}
	if err != nil {
		return nil, fmt.Errorf("kv: %q: %w", file, err)
	}
	return s, nil
}

// Close waits for what is under way and closes the file. It may be called again.
func (s *Store) Close() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	if s.damaged.Load() != nil {
		return abandon(s.file)
	}
	defer s.guard(&err)
	return s.db.Close()
}

// enter begins a use of the file.
func (s *Store) enter() error {
	s.mu.RLock()
	var err error
	if damaged := s.damaged.Load(); damaged != nil {
		err = *damaged
	}
	if s.closed {
		err = ErrClosed
	}
	if err != nil {
		s.mu.RUnlock()
	}
	return err
}

// guard makes an error of a panic, and of a fault in the mapped file.
func (s *Store) guard(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%w: %v", ErrDamaged, p)
	}
}

// view reads.
func (s *Store) view(f func(*bbolt.Tx) error) error {
	return s.use(func() error { return s.db.View(f) })
}

// update changes, in one transaction that is on the disk when it returns.
func (s *Store) update(f func(*bbolt.Tx) error) error {
	return s.use(func() error { return s.db.Update(f) })
}

// use uses the file, whatever it holds.
func (s *Store) use(do func() error) (err error) {
	if err := s.enter(); err != nil {
		return err
	}
	defer func() {
		s.mu.RUnlock()
		s.note(err)
	}()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer s.guard(&err)
	return do()
}

// note keeps the store from being used once it is known to be damaged.
func (s *Store) note(err error) {
	if errors.Is(err, ErrDamaged) {
		s.damaged.CompareAndSwap(nil, &err)
	}
}
