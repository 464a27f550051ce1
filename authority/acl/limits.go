package acl

// limitUnit is how a limit is written.
type limitUnit uint8

const (
	unitCount limitUnit = iota // an integer
	unitSize                   // bytes, or "64MiB"
	unitTime                   // "5s"
)

// limitSpec is one key of a limits table.
type limitSpec struct {
	key   string
	unit  limitUnit
	most  int64
	host  bool // bounds the whole host, so it stands in [limits] only
	field func(*Limits) *int64
}

// limitSpecs lists the keys of [limits] and of a module's limits. What a Wasm
// memory or table can hold bounds some of them; the others are bounded only so
// that a slip of the pen is noticed.
var limitSpecs = []limitSpec{
	{"module_size", unitSize, 1 << 30, false, func(l *Limits) *int64 { return &l.ModuleSize }},
	{"memory", unitSize, 4 << 30, false, func(l *Limits) *int64 { return &l.Memory }},
	{"memory_total", unitSize, 1 << 40, true, func(l *Limits) *int64 { return &l.MemoryTotal }},
	{"tables", unitCount, 10_000_000, false, func(l *Limits) *int64 { return &l.Tables }},
	{"call_depth", unitCount, 64, false, func(l *Limits) *int64 { return &l.CallDepth }},
	{"deadline", unitTime, 0, false, func(l *Limits) *int64 { return &l.Deadline }},
	{"cpu", unitCount, 1e18, false, func(l *Limits) *int64 { return &l.CPU }},
	{"request", unitSize, 1 << 30, false, func(l *Limits) *int64 { return &l.Request }},
	{"reply", unitSize, 1 << 30, false, func(l *Limits) *int64 { return &l.Reply }},
	{"log", unitSize, 1 << 30, false, func(l *Limits) *int64 { return &l.Log }},
	{"clock", unitTime, 0, false, func(l *Limits) *int64 { return &l.Clock }},
	{"random", unitSize, 1 << 40, false, func(l *Limits) *int64 { return &l.Random }},
	{"host_calls", unitCount, 1e12, false, func(l *Limits) *int64 { return &l.HostCalls }},
	{"open_files", unitCount, 65_536, false, func(l *Limits) *int64 { return &l.OpenFiles }},
	{"write_bytes", unitSize, 1 << 50, false, func(l *Limits) *int64 { return &l.WriteBytes }},
	{"files_created", unitCount, 1e9, false, func(l *Limits) *int64 { return &l.FilesCreated }},
	{"keys", unitCount, 1e9, false, func(l *Limits) *int64 { return &l.Keys }},
	{"key_bytes", unitSize, 1 << 40, false, func(l *Limits) *int64 { return &l.KeyBytes }},
	{"key_value", unitSize, 64 << 20, false, func(l *Limits) *int64 { return &l.KeyValue }},
	{"fetch_bytes", unitSize, 1 << 50, false, func(l *Limits) *int64 { return &l.FetchBytes }},
	{"fetches_total", unitCount, 65_536, true, func(l *Limits) *int64 { return &l.FetchesAll }},
	{"programs", unitCount, 65_536, false, func(l *Limits) *int64 { return &l.Programs }},
	{"program_output", unitSize, 1 << 50, false, func(l *Limits) *int64 { return &l.ProgramOutput }},
	{"invokes", unitCount, 1e12, false, func(l *Limits) *int64 { return &l.Invokes }},
	{"event_rate", unitCount, 1e9, false, func(l *Limits) *int64 { return &l.EventRate }},
	{"event_size", unitSize, 1 << 30, false, func(l *Limits) *int64 { return &l.EventSize }},
	{"module_data", unitSize, 1 << 50, false, func(l *Limits) *int64 { return &l.ModuleData }},
	{"concurrent", unitCount, 65_536, false, func(l *Limits) *int64 { return &l.Concurrent }},
	{"concurrent_total", unitCount, 1_000_000, true, func(l *Limits) *int64 { return &l.ConcurrentAll }},
}

// limits reads the table "limits": the host's, or a module's.
func (t *table) limits(what string, ofHost bool) Limits {
	var l Limits
	sub := t.sub("limits", what, `write limits = { memory = "64MiB" }`)
	for _, spec := range limitSpecs {
		if spec.host && !ofHost {
			if n := sub.get(spec.key); n != nil {
				sub.errorf(n.pos, codeBadValue, "write it in [limits]", "%q bounds the whole host, not a module", spec.key)
			}
			continue
		}
		*spec.field(&l) = sub.limit(spec)
	}
	sub.done()
	return l
}

func (t *table) limit(spec limitSpec) int64 {
	switch spec.unit {
	case unitSize:
		return t.size(spec.key, spec.most)
	case unitTime:
		return t.milliseconds(spec.key)
	default:
		return t.count(spec.key, spec.most)
	}
}
