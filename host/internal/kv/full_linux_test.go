package kv

import (
	"fmt"
	"os/signal"
	"syscall"
	"testing"
)

// fullChild is TestFull, in a process whose files cannot grow beyond 256 KiB.
func fullChild(t *testing.T, file string) {
	signal.Ignore(syscall.SIGXFSZ)
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 256 << 10, Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	s := openStore(t, file)
	n := s.Namespace("m", Quota{Keys: 1 << 20, Bytes: 1 << 30, Value: 1 << 20})
	stored := 0
	for ; stored < 10_000; stored++ {
		if err := n.Set(fmt.Sprint(stored), make([]byte, 1000), 0); err != nil {
			break
		}
	}
	if stored == 0 || stored == 10_000 {
		t.Fatalf("%d keys were stored", stored)
	}
	if err := n.Set("large", make([]byte, 500_000), 0); err == nil {
		t.Error("there was room for a large value")
	}
	check := func() {
		t.Helper()
		for i := range stored {
			if _, ok, err := n.Get(fmt.Sprint(i), nil); !ok || err != nil {
				t.Fatalf("key %d: %t, %v", i, ok, err)
			}
		}
	}
	check()
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	if err := n.Set("large", make([]byte, 500_000), 0); err != nil {
		t.Errorf("with room again: %v", err)
	}
	check()
}
