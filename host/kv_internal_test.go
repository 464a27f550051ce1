package host

import (
	"testing"

	"github.com/ambit-wasm/ambit/host/internal/kv"
)

// TestKeysOfAnotherProcess: a store that another process has open is waited for by
// one call, not by each.
func TestKeysOfAnotherProcess(t *testing.T) {
	k := newKeys(t.TempDir())
	defer k.Close()
	other, err := kv.Open(k.file)
	if err != nil {
		t.Fatal(err)
	}
	_, first := k.open()
	if first == nil {
		t.Fatal("opened twice")
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if _, again := k.open(); again != first {
		t.Errorf("tried again at once: %v", again)
	}
	k.tried = k.tried.Add(-2 * retryKeys)
	if _, err := k.open(); err != nil {
		t.Error(err)
	}
}
