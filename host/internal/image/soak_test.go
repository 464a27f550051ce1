package image

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/host/internal/meter"
)

// soakTime is how long each strategy is under load: AMBIT_SOAK, or long enough
// to see that something is left.
func soakTime(t *testing.T) time.Duration {
	text := os.Getenv("AMBIT_SOAK")
	if text == "" {
		return 200 * time.Millisecond
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// held is what a process holds of the system.
type held struct{ goroutines, files, mappings int }

// holds counts it; files and mappings on Linux only.
func holds(t *testing.T) held {
	t.Helper()
	runtime.GC()
	debug.FreeOSMemory()
	h := held{goroutines: runtime.NumGoroutine()}
	if list, err := os.ReadDir("/proc/self/fd"); err == nil {
		h.files = len(list)
	}
	if maps, err := os.ReadFile("/proc/self/maps"); err == nil {
		for line := range strings.Lines(string(maps)) {
			if strings.Contains(line, "ambit-image") {
				h.mappings++
			}
		}
	}
	return h
}

// TestSoak has 200 instances at a time, used by 8 goroutines, some of which
// grow, trap or are closed, and looks for what is left of them.
func TestSoak(t *testing.T) {
	const goroutines, each = 8, 25
	d := soakTime(t)
	module := newModule(t, counter().Bytes(), 1<<30)
	for _, s := range strategies { // what stays open for good is opened
		if from, err := s.open(make([]byte, pageSize)); err == nil {
			if err := from.close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	before := holds(t)
	for _, name := range Strategies() {
		in, err := Start(t.Context(), module)
		if err != nil {
			t.Fatal(err)
		}
		im, err := Freeze(in, Options{Strategy: name, Idle: 20 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		soak(t, im, goroutines*each, 0)
		var wg sync.WaitGroup
		end := time.Now().Add(d)
		for g := range goroutines {
			wg.Go(func() {
				for round := uint64(g); time.Now().Before(end); round++ {
					soak(t, im, each, round)
				}
			})
		}
		wg.Wait()
		if err := im.Close(); err != nil {
			t.Error(err)
		}
		if used := module.Budget.Used(); used != 0 {
			t.Errorf("%s: %d bytes are taken", name, used)
		}
	}
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		after := holds(t)
		if after.goroutines <= before.goroutines && after.files <= before.files && after.mappings <= before.mappings {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("before %+v, after %+v", before, after)
		}
	}
}

// soak takes instances, uses all of them, and gives most of them back.
func soak(t *testing.T, im *Image, n int, round uint64) {
	var all []*Instance
	for range n {
		in, err := im.Take(context.Background())
		if err != nil {
			t.Error(err)
			return
		}
		all = append(all, in)
	}
	for i, in := range all {
		in.SetLeft(meter.Pack(1<<20, 1<<20))
		stack := []uint64{(round*31 + uint64(i)*4099) % 90_000}
		if err := in.Invoke.CallWithStack(context.Background(), stack); err != nil {
			t.Error(err)
		}
		if got := stack[0]; got != 11 && got != 18 { // at 8 the start function has left 7
			t.Errorf("counted to %d", got)
		}
		switch (round + uint64(i)) % 40 {
		case 0:
			in.Module.Memory().Grow(1)
		case 1:
			in.Close()
			continue
		}
		if err := im.Put(in, time.Now()); err != nil {
			t.Error(err)
		}
	}
}
