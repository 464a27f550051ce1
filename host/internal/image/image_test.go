package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/host/internal/meter"
	"github.com/ambit-wasm/ambit/host/internal/wasm"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// newModule compiles a module that imports nothing.
func newModule(t testing.TB, bin []byte, budget int64) Module {
	t.Helper()
	outline, err := wasm.Parse(bin, wasm.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	metered, err := meter.Rewrite(outline.Bare(1000), meterOptions)
	if err != nil {
		t.Fatal(err)
	}
	r := newRuntime(t, wazero.NewRuntimeConfig())
	code, err := r.CompileModule(t.Context(), metered)
	if err != nil {
		t.Fatal(err)
	}
	return Module{Runtime: r, Code: code, Outline: outline, Invoke: "run", Budget: NewBudget(budget), Limit: 16 << 20}
}

var meterOptions = meter.Options{Slice: 1 << 20, Stack: 1 << 20, MemoryMax: 1 << 16, TableMax: 1 << 20}

// newRuntime returns a runtime in which nothing runs for longer than a slice.
func newRuntime(t testing.TB, config wazero.RuntimeConfig) wazero.Runtime {
	t.Helper()
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, config.WithDebugInfoEnabled(false))
	t.Cleanup(func() { _ = r.Close(ctx) })
	i64 := []api.ValueType{api.ValueTypeI64}
	tick := func(context.Context, api.Module, []uint64) { panic("out of fuel") }
	_, err := r.NewHostModuleBuilder(meter.TickModule).NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(tick), i64, i64).Export(meter.TickName).Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// counter is a module whose run(i) adds one to a global, to the byte i and to
// the byte 100 000 of its data, and returns their sum. Its start function
// writes 7 to the byte 8.
func counter() *wasmtest.Module {
	var m wasmtest.Module
	m.Memory(2)
	m.Export("memory", 2, 0)
	global := m.Global(5)
	m.Data(100_000, []byte{3})
	inc := func(c wasmtest.Code, at wasmtest.Code) wasmtest.Code {
		return c.Op(at...).Op(at...).Load8().I32(1).Add().Store8()
	}
	at, far := wasmtest.Code{}.Get(0), wasmtest.Code{}.I32(100_000)
	body := inc(inc(wasmtest.Code{}.GlobalGet(global).I32(1).Add().GlobalSet(global), at), far)
	m.Export("run", 0, m.Func(wasmtest.I32, wasmtest.I32, "", body.GlobalGet(global).Op(at...).Load8().Add().Op(far...).Load8().Add()))
	m.Export("grow", 0, m.Func("", wasmtest.I32, "", wasmtest.Code{}.I32(1).Grow()))
	m.Start(m.Func("", "", "", wasmtest.Code{}.I32(8).I32(7).Store8()))
	return &m
}

func call(t testing.TB, in *Instance, arg uint64) uint64 {
	t.Helper()
	stack := []uint64{arg}
	in.SetLeft(meter.Pack(1<<20, 1<<20))
	if err := in.Invoke.CallWithStack(t.Context(), stack); err != nil {
		t.Fatal(err)
	}
	return stack[0]
}

func freeze(t testing.TB, m Module, o Options) *Image {
	t.Helper()
	in, err := Start(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	im, err := Freeze(in, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := im.Close(); err != nil {
			t.Error(err)
		}
		if used := m.Budget.Used(); used != 0 {
			t.Errorf("%d bytes left", used)
		}
	})
	return im
}

func take(t testing.TB, im *Image) *Instance {
	t.Helper()
	in, err := im.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func put(t testing.TB, im *Image, in *Instance) {
	t.Helper()
	if err := im.Put(in, time.Now()); err != nil {
		t.Error(err)
	}
}

func TestStrategies(t *testing.T) {
	for _, name := range append([]string{Auto}, Strategies()...) {
		t.Run("strategy "+name, func(t *testing.T) {
			im := freeze(t, newModule(t, counter().Bytes(), 1<<30), Options{Strategy: name})
			r := im.Report()
			if name != Auto && r.Strategy != name || r.Strategy == Auto || im.Frozen() != (name != Restart) || (r.Why == "") != im.Frozen() {
				t.Fatalf("report %+v", r)
			}
			for i := range uint64(50) {
				in := take(t, im)
				want := 6 + 1 + 4 // global, byte i, data
				if i == 8 {
					want += 7
				}
				if got := call(t, in, i); got != uint64(want) {
					t.Fatalf("call %d: %d, want %d", i, got, want)
				}
				if got := call(t, in, i); got != uint64(want+3) { // control: a kept instance counts on
					t.Fatalf("call %d again: %d, want %d", i, got, want+3)
				}
				put(t, im, in)
			}
			if n := im.Report().Waiting; im.Frozen() != (n == 1) {
				t.Errorf("%d instances wait", n)
			}
		})
	}
}

// An instance whose memory grew is not used again, and what the next one gets
// when it grows is zero.
func TestGrown(t *testing.T) {
	for _, name := range Strategies() {
		im := freeze(t, newModule(t, counter().Bytes(), 1<<30), Options{Strategy: name})
		for i := range uint64(3) {
			in := take(t, im)
			if old, err := in.Module.ExportedFunction("grow").Call(t.Context()); err != nil || old[0] != 2 {
				t.Fatalf("%s: memory of %v pages, %v", name, old, err)
			}
			mem := in.Module.Memory()
			if tail, ok := mem.Read(2*pageSize, pageSize); !ok || !bytes.Equal(tail, make([]byte, pageSize)) {
				t.Fatalf("%s: new memory is not zero", name)
			}
			for i := range uint32(2 * pageSize) {
				mem.WriteByte(pageSize+i, 0xaa)
			}
			put(t, im, in)
			if n := im.Report().Waiting; n != 0 {
				t.Errorf("%s: a grown instance waits for a call", name)
			}
			if r := im.Report(); r.Made != i+1 || im.Frozen() && r.Grown != i+1 {
				t.Errorf("%s: %+v", name, r)
			}
		}
	}
}

// What systems without anything better do.
var (
	heapCopy    = strategy{"heap copy", func(image []byte) (source, error) { return heapSource{image, false}, nil }}
	heapCompare = strategy{"heap compare", func(image []byte) (source, error) { return heapSource{image, true}, nil }}
)

type heapSource struct {
	image   []byte
	compare bool
}

func (s heapSource) make(int64) (region, error) { return newHeap(s.image, s.compare), nil }
func (s heapSource) close() error               { return nil }

// TestRegions writes to random places of memory for many rounds, also in ways
// that are not the guest's, and looks at each byte.
func TestRegions(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	zero, err := os.Open("/dev/zero")
	if err != nil {
		t.Skip("no /dev/zero")
	}
	defer zero.Close()
	for _, size := range []int{pageSize, 5 * pageSize, 40 * pageSize} {
		image := make([]byte, size)
		for i := range size / 3 {
			image[i*2] = byte(r.Uint32())
		}
		want := bytes.Clone(image)
		for _, s := range append(strategies, heapCopy, heapCompare) {
			from, err := s.open(image)
			if err != nil {
				t.Logf("%s: %v", s.name, err)
				continue
			}
			region, err := from.make(int64(2 * size))
			if err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
			other, err := from.make(int64(size))
			if err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
			buf := region.grow(uint64(size), uint64(size))
			for round := range 60 {
				for range r.IntN(1 + min(1<<min(round, 9), 300)) {
					switch at := r.IntN(size); r.IntN(3) {
					case 0:
						buf[at]++
					case 1:
						clear(buf[at:min(at+r.IntN(20_000), size)])
					default: // the kernel writes
						if _, err := zero.ReadAt(buf[at:min(at+50, size)], 0); err != nil {
							t.Fatal(err)
						}
					}
				}
				if err := region.reset(); err != nil {
					t.Fatalf("%s: %v", s.name, err)
				}
				if !bytes.Equal(buf, want) {
					t.Fatalf("%s: %d bytes, round %d: the memory is not the image", s.name, size, round)
				}
			}
			if got := other.grow(uint64(size), uint64(size)); !bytes.Equal(got, want) || !bytes.Equal(image, want) {
				t.Errorf("%s: another memory, or the image, has changed", s.name)
			}
			region.free()
			region.free()
			if err := from.close(); err != nil {
				t.Errorf("%s: %v", s.name, err)
			}
			if got := other.grow(uint64(size), uint64(size)); !bytes.Equal(got, want) {
				t.Errorf("%s: a memory is not the image once its source has gone", s.name)
			}
			other.free()
		}
	}
}

// TestRestore: without the copy a reset leaves what was written.
func TestRestore(t *testing.T) {
	page, want := []byte("dirty"), []byte("clean")
	if !restore(page, want) || string(page) != "clean" || restore(page, want) {
		t.Errorf("%q", page)
	}
}

func TestNotResettable(t *testing.T) {
	changes := counter()
	changes.Table(3)
	changes.Func("", "", "", wasmtest.Code{}.TableGrow(1).Drop())
	for name, tt := range map[string]struct {
		module []byte
		why    string
	}{
		"control": {counter().Bytes(), ""},
		"tables":  {changes.Bytes(), "its code changes tables or drops segments"},
		"v128":    {withGlobal(0x7b, append([]byte{0xfd, 12}, make([]byte, 16)...)...), "it has a global that can change and is a vector or a reference"},
		"funcref": {withGlobal(0x70, 0xd0, 0x70), "it has a global that can change and is a vector or a reference"},
		"f64":     {withGlobal(0x7c, append([]byte{0x44}, make([]byte, 8)...)...), ""},
	} {
		im := freeze(t, newModule(t, tt.module, 1<<30), Options{})
		if r := im.Report(); r.Why != tt.why || im.Frozen() != (tt.why == "") {
			t.Errorf("%s: %+v", name, r)
		}
		put(t, im, take(t, im))
		if n := im.Report().Waiting; im.Frozen() != (n == 1) {
			t.Errorf("%s: %d instances wait", name, n)
		}
	}
}

// withGlobal has a memory and a global that can change, with its first value.
func withGlobal(kind byte, value ...byte) []byte {
	global := append(append([]byte{1, kind, 1}, value...), 0x0b)
	export := slices.Concat([]byte{1, 6}, []byte("memory"), []byte{2, 0})
	bin := wasmtest.Section([]byte(wasmtest.Header), 5, []byte{1, 0, 1})
	return wasmtest.Section(wasmtest.Section(bin, 6, global), 7, export)
}

func TestStart(t *testing.T) {
	trap := counter()
	trap.Start(trap.Func("", "", "", wasmtest.Code{}.Unreachable()))
	outside := counter()
	outside.Data(2*pageSize-1, []byte("ab"))
	edge := counter()
	edge.Data(2*pageSize-2, []byte("ab"))
	for name, tt := range map[string]struct {
		module *wasmtest.Module
		budget int64
		want   string
	}{
		"control":  {counter(), 2 * pageSize, ""},
		"edge":     {edge, 2 * pageSize, ""},
		"outside":  {outside, 2 * pageSize, "a data segment is outside the memory"},
		"trap":     {trap, 2 * pageSize, "unreachable"},
		"no space": {counter(), 2*pageSize - 1, ErrBudget.Error()},
	} {
		m := newModule(t, tt.module.Bytes(), tt.budget)
		in, err := Start(t.Context(), m)
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
		if in != nil {
			in.Close()
			in.Close()
		}
		if used := m.Budget.Used(); used != 0 {
			t.Errorf("%s: %d bytes left", name, used)
		}
	}
}

func TestFreezeErrors(t *testing.T) {
	for name, tt := range map[string]struct {
		strategy string
		budget   int64
		want     string
	}{
		"unknown": {"magic", 1 << 20, `there is no strategy "magic" here, only restart, copy, compare`},
		"budget":  {Auto, 2*pageSize - 1, ErrBudget.Error()},
	} {
		m := newModule(t, counter().Bytes(), 2*pageSize)
		in, err := Start(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		m.Budget.total = tt.budget
		if _, err := Freeze(in, Options{Strategy: tt.strategy}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
		if used := m.Budget.Used(); used != 0 {
			t.Errorf("%s: %d bytes left", name, used)
		}
	}
}

// The memory of instances that wait is there for others.
func TestReclaim(t *testing.T) {
	m := newModule(t, counter().Bytes(), 4*2*pageSize) // an image and three instances
	im := freeze(t, m, Options{})
	a, b, c := take(t, im), take(t, im), take(t, im)
	if _, err := im.Take(t.Context()); !errors.Is(err, ErrBudget) {
		t.Fatalf("a fourth one: %v", err)
	}
	put(t, im, a)
	put(t, im, b)
	if !m.Budget.take(2 * pageSize) {
		t.Fatal("a waiting instance does not give way")
	}
	if n := im.Report().Waiting; n != 1 {
		t.Errorf("%d wait", n)
	}
	m.Budget.give(2 * pageSize)
	put(t, im, c)
}

func TestIdle(t *testing.T) {
	im := freeze(t, newModule(t, counter().Bytes(), 1<<30), Options{Idle: time.Millisecond})
	var all []*Instance
	for range 5 {
		all = append(all, take(t, im))
	}
	for _, in := range all {
		put(t, im, in)
	}
	for end := time.Now().Add(10 * time.Second); im.Report().Waiting > 1; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d instances still wait", im.Report().Waiting)
		}
	}
	if n := im.Report().Waiting; n != 1 { // the last one stays
		t.Errorf("%d instances wait", n)
	}
}

// TestClosed: an instance may be given back after its image was closed.
func TestClosed(t *testing.T) {
	for _, name := range Strategies() {
		t.Run(name, func(t *testing.T) {
			m := newModule(t, counter().Bytes(), 1<<30)
			im := freeze(t, m, Options{Strategy: name})
			in, other := take(t, im), take(t, im)
			put(t, im, other)
			if name != Restart {
				call(t, in, 1) // or there is nothing to reset
			}
			if err := im.Close(); err != nil {
				t.Fatal(err)
			}
			put(t, im, in)
			if r := im.Report(); r.Waiting != 0 || r.Kept != 0 || m.Budget.Used() != 0 {
				t.Errorf("%+v, %d bytes used", r, m.Budget.Used())
			}
		})
	}
}

func TestConcurrent(t *testing.T) {
	im := freeze(t, newModule(t, counter().Bytes(), 1<<30), Options{Idle: time.Millisecond})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range uint64(200) {
				in, err := im.Take(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				if got := call(t, in, 9+i); got != 11 {
					t.Errorf("%d", got)
				}
				put(t, im, in)
			}
		})
	}
	wg.Wait()
}

// BenchmarkReset writes to some pages of a memory and resets it.
func BenchmarkReset(b *testing.B) {
	for _, size := range []int{1, 16, 96} {
		image := bytes.Repeat([]byte("ambit"), size*pageSize/5+1)[:size*pageSize]
		for _, s := range strategies {
			from, err := s.open(image)
			if err != nil {
				b.Log(err)
				continue
			}
			region, err := from.make(int64(len(image)))
			if err != nil {
				b.Fatal(err)
			}
			buf := region.grow(uint64(len(image)), uint64(len(image)))
			b.Run(fmt.Sprintf("%s/%dKiB", s.name, len(image)>>10), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					for at := 0; at < 10*granule && at < len(buf); at += granule {
						buf[at*len(buf)/(10*granule)&^(granule-1)]++
					}
					if err := region.reset(); err != nil {
						b.Fatal(err)
					}
				}
			})
			region.free()
			if err := from.close(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// TestSpare: a budget asks for what can be spared when no instance waits, and as
// long as there is some.
func TestSpare(t *testing.T) {
	m := newModule(t, counter().Bytes(), 4*2*pageSize)
	var held []*Instance
	asked := 0
	m.Budget.Spare(func() bool {
		if asked++; len(held) == 0 {
			return false
		}
		held[0].Close()
		held = held[1:]
		return true
	})
	im := freeze(t, m, Options{})
	for range 3 {
		held = append(held, take(t, im))
	}
	put(t, im, held[2])
	held = held[:2]
	other := take(t, im) // the one that waits
	if asked != 0 {
		t.Errorf("asked %d times", asked)
	}
	another := take(t, im)
	if asked != 1 || len(held) != 1 {
		t.Errorf("asked %d times, %d are left", asked, len(held))
	}
	last := take(t, im)
	if _, err := im.Take(t.Context()); !errors.Is(err, ErrBudget) || asked != 3 {
		t.Errorf("asked %d times: %v", asked, err)
	}
	for _, in := range []*Instance{other, another, last} {
		in.Close()
	}
}
