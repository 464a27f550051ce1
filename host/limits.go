package host

import (
	"time"

	"github.com/ambit-wasm/ambit/authority/acl"
)

// Limits bound what modules use. A zero field means its default. What holds
// for a module is the most specific that is given: its own limits in
// ambit.toml, then [limits] there, then [Config].Limits, then the default; a
// manifest may ask for a shorter deadline, never for more.
type Limits struct {
	ModuleSize    int64         // bytes of a module's file; default 16 MiB
	Load          time.Duration // checking, compiling and trying a module; default 10 s
	Memory        int64         // bytes of linear memory of one instance, in pages of 64 KiB; default 64 MiB
	MemoryTotal   int64         // bytes of linear memory of all instances together; default 1 GiB; of the host
	Tables        int64         // elements of an instance's table; default 100 000
	Deadline      time.Duration // one call; default 5 s
	CPU           int64         // weighted instructions of one call; default 10^12, which takes minutes
	Request       int64         // bytes of a call's envelope, arguments and scope included; default 4 MiB
	Reply         int64         // bytes of a reply's envelope; default 4 MiB
	Log           int64         // bytes logged by one call, standard output included; default 64 KiB
	Clock         time.Duration // how exact the clocks of guests are: they show multiples of it; default 1 ms
	Random        int64         // bytes of randomness that one call takes; default 1 MiB
	HostCalls     int64         // calls of host functions by one call, bulk work by its size; default 1 000 000
	OpenFiles     int64         // open at a time in one call; default 64
	WriteBytes    int64         // bytes written to files by one call, and as many stored under keys; default 64 MiB
	FilesCreated  int64         // files and folders made by one call; default 1 024
	Keys          int64         // that a module stores; default 10 000
	KeyBytes      int64         // bytes of a module's keys and their values; default 16 MiB
	KeyValue      int64         // bytes of one value; default 1 MiB
	FetchBytes    int64         // bytes sent over HTTP by one call, and as many received; default 64 MiB
	FetchesAll    int64         // HTTP requests open at a time; default 64; of the host
	Programs      int64         // that one call has running at a time; default 4
	ProgramOutput int64         // bytes read of programs by one call; default 64 MiB
	CallDepth     int64         // calls that are under way because of each other, a module's of another module; default 8
	Invokes       int64         // of other commands by one call, those that they make included; default 1 000
	EventRate     int64         // events emitted by one call, a second; default 1 000
	EventSize     int64         // bytes of one event, topic included; default 256 KiB
	Kept          int64         // callers for whom one module keeps an instance; default 64
	KeptIdle      time.Duration // how long an instance that is kept waits for a call; default 5 min
	Concurrent    int64         // calls of one module at a time; default 64
	ConcurrentAll int64         // calls of all modules at a time; default 256; of the host
}

// DefaultLimits returns the limits that the zero Limits stands for.
func DefaultLimits() Limits {
	return Limits{
		ModuleSize:    16 << 20,
		Load:          10 * time.Second,
		Memory:        64 << 20,
		MemoryTotal:   1 << 30,
		Tables:        100_000,
		Deadline:      5 * time.Second,
		CPU:           1e12,
		Request:       4 << 20,
		Reply:         4 << 20,
		Log:           64 << 10,
		Clock:         time.Millisecond,
		Random:        1 << 20,
		HostCalls:     1_000_000,
		OpenFiles:     64,
		WriteBytes:    64 << 20,
		FilesCreated:  1024,
		Keys:          10_000,
		KeyBytes:      16 << 20,
		KeyValue:      1 << 20,
		FetchBytes:    64 << 20,
		FetchesAll:    64,
		Programs:      4,
		ProgramOutput: 64 << 20,
		CallDepth:     8,
		Invokes:       1000,
		EventRate:     1000,
		EventSize:     256 << 10,
		Kept:          64,
		KeptIdle:      5 * time.Minute,
		Concurrent:    64,
		ConcurrentAll: 256,
	}
}

// pageSize is the unit of linear memory.
const pageSize = 64 << 10

// mostMemory is what a linear memory can have, in bytes, whatever its limit.
const mostMemory = 65536 * pageSize

// fields lists all limits, for what is done to each of them.
func (l *Limits) fields() []*int64 {
	return []*int64{
		&l.ModuleSize, (*int64)(&l.Load), &l.Memory, &l.MemoryTotal, &l.Tables, (*int64)(&l.Deadline), &l.CPU, &l.Request,
		&l.Reply, &l.Log, (*int64)(&l.Clock), &l.Random, &l.HostCalls, &l.OpenFiles, &l.WriteBytes, &l.FilesCreated, &l.Keys, &l.KeyBytes, &l.KeyValue, &l.FetchBytes, &l.FetchesAll, &l.Programs, &l.ProgramOutput, &l.CallDepth, &l.Invokes, &l.EventRate, &l.EventSize, &l.Kept, (*int64)(&l.KeptIdle), &l.Concurrent, &l.ConcurrentAll,
	}
}

// or returns l with the fields that are not positive taken from d.
func (l Limits) or(d Limits) Limits {
	from := d.fields()
	for i, f := range l.fields() {
		if *f <= 0 {
			*f = *from[i]
		}
	}
	return l
}

// limitsOf are the limits that a policy file gives.
func limitsOf(a acl.Limits) Limits {
	return Limits{
		ModuleSize: a.ModuleSize, Memory: a.Memory, MemoryTotal: a.MemoryTotal, Tables: a.Tables,
		Deadline: time.Duration(a.Deadline) * time.Millisecond, CPU: a.CPU,
		Request: a.Request, Reply: a.Reply, Log: a.Log, Clock: time.Duration(a.Clock) * time.Millisecond, Random: a.Random, HostCalls: a.HostCalls,
		OpenFiles: a.OpenFiles, WriteBytes: a.WriteBytes, FilesCreated: a.FilesCreated,
		FetchBytes: a.FetchBytes, FetchesAll: a.FetchesAll, Keys: a.Keys, KeyBytes: a.KeyBytes, KeyValue: a.KeyValue, Programs: a.Programs, ProgramOutput: a.ProgramOutput, CallDepth: a.CallDepth, Invokes: a.Invokes, EventRate: a.EventRate, EventSize: a.EventSize,
		Concurrent: a.Concurrent, ConcurrentAll: a.ConcurrentAll,
	}
}

// unenforced names the limits of a policy file that this version accepts but
// does not hold yet.
func unenforced(a acl.Limits) []string {
	if a.ModuleData > 0 {
		return []string{"module_data"}
	}
	return nil
}
