package wasm

// The features of WebAssembly that are not granted, by the names of their
// proposals. What the core specification has in version 2 is granted.
const (
	tailCall       = "tail-call"
	exceptions     = "exception-handling"
	typedRefs      = "typed-function-references"
	gc             = "gc"
	threads        = "threads"
	memory64       = "memory64"
	multiMemory    = "multi-memory"
	extendedConst  = "extended-const"
	relaxedSIMD    = "relaxed-simd"
	wideArithmetic = "wide-arithmetic"
)

// coreFeatures are the features of opcodes without a prefix.
var coreFeatures = map[byte]string{
	0x06: exceptions, 0x07: exceptions, 0x08: exceptions, 0x09: exceptions, 0x0a: exceptions,
	0x12: tailCall, 0x13: tailCall, 0x14: typedRefs, 0x15: typedRefs,
	0x18: exceptions, 0x19: exceptions, 0x1f: exceptions,
	0xd3: gc, 0xd4: typedRefs, 0xd5: typedRefs, 0xd6: typedRefs, 0xfb: gc, 0xfe: threads,
}

// prefixedFeature returns the feature of an opcode with a prefix, or "".
func prefixedFeature(prefix byte, code uint32) string {
	switch {
	case prefix == prefixMisc && 19 <= code && code <= 22:
		return wideArithmetic
	case prefix == prefixVector && 0x100 <= code && code <= 0x113:
		return relaxedSIMD
	}
	return ""
}

// typeFeatures are the features of value types and of the forms of types.
var typeFeatures = map[byte]string{
	0x63: typedRefs, 0x64: typedRefs, 0x69: exceptions, 0x74: exceptions,
	0x4e: gc, 0x4f: gc, 0x50: gc, 0x5d: gc, 0x5e: gc, 0x5f: gc, 0x77: gc, 0x78: gc,
	0x6a: gc, 0x6b: gc, 0x6c: gc, 0x6d: gc, 0x6e: gc, 0x71: gc, 0x72: gc, 0x73: gc,
}

// limitFeature returns the feature of the flags of a memory or table, or "".
func limitFeature(flags byte) string {
	switch {
	case flags == 2 || flags == 3:
		return threads
	case flags <= 7:
		return memory64
	}
	return ""
}

// constFeatures are the features of opcodes in constant expressions.
var constFeatures = map[byte]string{
	0x6a: extendedConst, 0x6b: extendedConst, 0x6c: extendedConst, 0x7c: extendedConst, 0x7d: extendedConst, 0x7e: extendedConst, 0xfb: gc,
}

// refuse fails for something that is of a feature, or unknown if that is "".
func (r *reader) refuse(offset int, feature, format string, args ...any) {
	if r.err != nil {
		return
	}
	if feature == "" {
		r.failAt(offset, format+" is not known", args...)
		return
	}
	r.failAt(offset, format+" is of the feature "+feature+", which is not granted", args...)
	r.err.Feature = feature
}
