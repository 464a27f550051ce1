package host

import (
	"path/filepath"
	"sync"
	"time"

	"github.com/ambit-wasm/ambit/host/internal/kv"
)

// kvFolder is where the store is, below DataDir. No module has such a name, and no
// scope reaches it.
const kvFolder = ".kv"

// keys is the store of a host, which is opened when a call first uses it.
type keys struct {
	file string

	mu     sync.Mutex
	store  *kv.Store
	closed bool
	failed error // why it could not be opened, when it was tried last
	tried  time.Time
}

// retryKeys is how long a store that could not be opened is left alone: it may be
// another process's, for which opening waits.
const retryKeys = 5 * time.Second

func newKeys(dataDir string) *keys { return &keys{file: filepath.Join(dataDir, kvFolder, "kv.db")} }

// open opens the store, if it is not open. If that fails, so do all calls until it
// is time to try again.
func (k *keys) open() (*kv.Store, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return nil, kv.ErrClosed
	}
	if k.store != nil {
		return k.store, nil
	}
	if k.failed == nil || time.Since(k.tried) > retryKeys {
		k.store, k.failed = kv.Open(k.file)
		k.tried = time.Now()
	}
	return k.store, k.failed
}

// namespace is that of a module, when it is needed.
func (k *keys) namespace(module string, q kv.Quota) func() (*kv.Namespace, error) {
	return func() (*kv.Namespace, error) {
		s, err := k.open()
		if err != nil {
			return nil, err
		}
		return s.Namespace(module, q), nil
	}
}

// Close waits for what is under way, and closes the store.
func (k *keys) Close() error {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	if k.store == nil {
		return nil
	}
	return k.store.Close()
}

// quota is what a module may store under these limits.
func (l *Limits) quota() kv.Quota {
	return kv.Quota{Keys: l.Keys, Bytes: l.KeyBytes, Value: l.KeyValue}
}
