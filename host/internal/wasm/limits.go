package wasm

// Limits bound what a binary may declare, and with it what wazero's decoder and
// compiler can be made to do. A zero field means its default; the defaults are
// several times what Go guests and QuickJS need, which stands in brackets.
type Limits struct {
	Bytes       int // the whole binary; default 16 MiB
	Types       int // default 5 000 (110)
	Values      int // parameters and results of one type; default 1 000
	AllValues   int // parameters and results of all types together; default 100 000
	Imports     int // default 1 000
	Functions   int // default 100 000 (2 200)
	Tables      int // default 1
	Globals     int // default 10 000
	Exports     int // default 1 000
	Elements    int // segments; default 10 000
	AllElements int // entries of all segments together; default 200 000
	Data        int // segments; default 100 000 (35 000)
	Name        int // bytes of a name; default 1 KiB
	AllNames    int // bytes of all names together; default 64 KiB
	Customs     int // custom sections; default 1 000

	Body      int // bytes of one function; default 128 KiB (55)
	Locals    int // of one function, parameters included; default 50 000
	AllLocals int // of all functions together; default 2 000 000
	Nesting   int // of blocks in a function; default 2 000 (550)
	Targets   int // of one br_table; default 65 520 (900)

	// The compiler's work grows faster than the code. Each of these is a second or
	// two of it, at most, in the worst function that was found. See work.go.
	Blocks    int // blocks, loops, ifs, branches and bulk operations of one function; default 4 096 (3 100)
	AllBlocks int // the squares of the functions' Blocks, added up; default 100 000 000 (20 000 000)
	Merges    int // locals and operands at each block of a function, added up; default 500 000 (196 000)
	Loops     int // depth × locals² of each loop of a function, added up; default 50 000 000 (670 000)
	Passed    int // values that calls, blocks and branches of a function pass; default 128 Ki (2)
}

func (l Limits) withDefaults() Limits {
	for _, f := range []struct {
		field *int
		value int
	}{
		{&l.Bytes, 16 << 20}, {&l.Types, 5_000}, {&l.Values, 1_000}, {&l.AllValues, 100_000},
		{&l.Imports, 1_000}, {&l.Functions, 100_000}, {&l.Tables, 1}, {&l.Globals, 10_000},
		{&l.Exports, 1_000}, {&l.Elements, 10_000}, {&l.AllElements, 200_000}, {&l.Data, 100_000},
		{&l.Name, 1 << 10}, {&l.AllNames, 64 << 10}, {&l.Customs, 1_000},
		{&l.Body, 128 << 10}, {&l.Locals, 50_000}, {&l.AllLocals, 2_000_000}, {&l.Nesting, 2_000}, {&l.Targets, 65_520},
		{&l.Blocks, 4_096}, {&l.AllBlocks, 100_000_000}, {&l.Merges, 500_000}, {&l.Loops, 50_000_000}, {&l.Passed, 128 << 10},
	} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	return l
}
