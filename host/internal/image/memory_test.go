package image

import (
	"bytes"
	"errors"
	"testing"
)

func TestMemory(t *testing.T) {
	t.Run("Go's", func(t *testing.T) { testMemory(t, func() region { return newHeap(nil, false) }) })
	t.Run("system's", func(t *testing.T) { testMemory(t, func() region { return newPlain(nil, 20*pageSize, false) }) })
}

// noRoom is a region for which the system has no memory.
type noRoom struct{ region }

func (noRoom) grow(_, _ uint64) []byte { return nil }

func testMemory(t *testing.T, empty func() region) {
	b := NewBudget(10 * pageSize)
	if _, err := newMemory(b, 11*pageSize, 20*pageSize, empty()); !errors.Is(err, ErrBudget) {
		t.Fatalf("more than there is: %v", err)
	}
	if _, err := newMemory(b, 2*pageSize, 6*pageSize, noRoom{empty()}); !errors.Is(err, ErrNoMemory) || b.Used() != 0 {
		t.Fatalf("of a system without memory: %v, %d bytes taken", err, b.Used())
	}
	m, err := newMemory(b, 2*pageSize, 6*pageSize, empty())
	if err != nil || b.Used() != 2*pageSize {
		t.Fatalf("reserved %d", b.Used())
	}
	lm := m.Allocate(0, 0)
	buf := lm.Reallocate(2 * pageSize)
	buf[0], buf[2*pageSize-1] = 1, 2
	for pages := uint64(3); pages <= 6; pages++ {
		buf = lm.Reallocate(pages * pageSize)
		if uint64(len(buf)) != pages*pageSize || buf[0] != 1 || buf[2*pageSize-1] != 2 {
			t.Fatalf("%d pages: %d bytes", pages, len(buf))
		}
		if !bytes.Equal(buf[2*pageSize:], make([]byte, len(buf)-2*pageSize)) {
			t.Fatalf("%d pages: new memory is not zero", pages)
		}
	}
	if m.refused {
		t.Error("refused before the limit")
	}
	if lm.Reallocate(7*pageSize) != nil || !m.refused {
		t.Error("grew over its limit")
	}
	if used := b.Used(); used != 6*pageSize { // doubling stops at the limit
		t.Errorf("%d pages taken", used/pageSize)
	}

	other, err := newMemory(b, 3*pageSize, 10*pageSize, empty())
	if err != nil {
		t.Fatal(err)
	}
	other.Reallocate(3 * pageSize)
	if other.Reallocate(4*pageSize) == nil { // no room to double, but for one page
		t.Error("did not grow within the budget")
	}
	if other.Reallocate(5*pageSize) != nil || !other.refused {
		t.Error("grew over the budget")
	}
	m.release()
	if other.Reallocate(5*pageSize) == nil { // control
		t.Error("did not grow after others had gone")
	}
	m.release()
	other.release()
	if b.Used() != 0 {
		t.Errorf("%d bytes left", b.Used())
	}
}
