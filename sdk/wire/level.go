package wire

// Level says how important a log line is. The numbers are those of ambit.log,
// and those of hclog.
type Level int32

// The levels. A host takes an unknown one for LevelInfo.
const (
	LevelTrace Level = 1
	LevelDebug Level = 2
	LevelInfo  Level = 3
	LevelWarn  Level = 4
	LevelError Level = 5
)
