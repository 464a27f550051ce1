package wasm

// The ids of the sections.
const (
	idCustom byte = iota
	idType
	idImport
	idFunction
	idTable
	idMemory
	idGlobal
	idExport
	idStart
	idElement
	idCode
	idData
	idDataCount
	idTag // not allowed
)

var sectionNames = []string{"custom", "type", "import", "function", "table", "memory", "global", "export",
	"start", "element", "code", "data", "data count"}

// sectionRank gives the order in which sections must stand.
var sectionRank = []int{idType: 1, idImport: 2, idFunction: 3, idTable: 4, idMemory: 5, idGlobal: 6, idExport: 7,
	idStart: 8, idElement: 9, idDataCount: 10, idCode: 11, idData: 12}

const headerSize = 8

// parser is the state of one [Parse].
type parser struct {
	reader
	m      *Module
	limits Limits

	dataCount int // as the section of that name says; -1: there is none
	names     int // bytes of them
	elems     int
	bodies    int
	data      int
	declared  []bool // functions that there may be references to; nil: none
	b         body   // that is being read
}

// Parse checks a binary and returns its outline. The error is an [*Error].
func Parse(bin []byte, l Limits) (*Module, error) {
	l = l.withDefaults()
	if len(bin) > l.Bytes {
		return nil, &Error{Offset: l.Bytes, Text: "the binary is larger than the limit"}
	}
	if err := header(bin); err != nil {
		return nil, err
	}
	p := &parser{reader: reader{bin: bin, at: headerSize, end: len(bin)}, m: &Module{bin: bin}, limits: l, dataCount: -1}
	rank := 0
	for p.left() > 0 && p.err == nil {
		rank = p.section(rank)
	}
	p.finish()
	if p.err != nil {
		return nil, p.err
	}
	return p.m, nil
}

// header checks the first eight bytes.
func header(bin []byte) error {
	switch {
	case len(bin) < 4 || string(bin[:4]) != "\x00asm":
		return &Error{Text: "not a WebAssembly binary"}
	case len(bin) < headerSize:
		return &Error{Offset: len(bin), Text: "the header is cut off"}
	case bin[4] == 1 && bin[5] == 0 && bin[6] == 0 && bin[7] == 0:
		return nil
	case bin[6] == 1 && bin[7] == 0:
		return &Error{Offset: 4, Text: "a WebAssembly component, not a core module (build for wasip1, not for wasip2)"}
	}
	return &Error{Offset: 4, Text: "not version 1 of the WebAssembly binary format"}
}

// section reads one section and returns its rank.
func (p *parser) section(rank int) int {
	start := p.at
	id := p.byte("a section's id")
	if int(id) >= len(sectionNames) {
		feature := ""
		if id == idTag {
			feature = exceptions
		}
		p.refuse(start, feature, "section %d", id)
		return rank
	}
	size := int64(p.u32("a section's size"))
	if size > int64(p.left()) {
		p.failAt(start, "the %s section is cut off", sectionNames[id])
	}
	if p.err != nil {
		return rank
	}
	if id != idCustom {
		if sectionRank[id] <= rank {
			p.failAt(start, "the %s section stands twice or in the wrong place", sectionNames[id])
			return rank
		}
		rank = sectionRank[id]
	}
	whole := p.end
	p.end = p.at + int(size)
	p.m.sections = append(p.m.sections, section{id: id, start: start, end: p.end})
	p.sectionBody(id)
	if p.err == nil && p.left() > 0 {
		p.fail("the %s section has %d bytes too many", sectionNames[id], p.left())
	}
	p.end = whole
	return rank
}

// sectionBody reads what a section holds.
func (p *parser) sectionBody(id byte) {
	switch id {
	case idCustom:
		p.custom()
	case idType:
		p.types()
	case idImport:
		p.imports()
	case idFunction:
		p.functions()
	case idTable:
		for range p.count("tables", max(p.limits.Tables-len(p.m.imported.tables), 0), 3) {
			p.m.Tables = append(p.m.Tables, p.table())
		}
	case idMemory:
		for range p.count("memories", p.limits.Bytes, 2) {
			p.secondMemory(p.at)
			memory := p.memory()
			p.m.Memory = &memory
		}
	case idGlobal:
		p.globals()
	case idExport:
		p.exports()
	case idStart:
		p.start()
	case idElement:
		p.elements()
	case idDataCount:
		p.dataCount = p.atMost(p.at, "data segments", p.u32("the data count"), p.limits.Data)
	case idCode:
		p.code()
	case idData:
		p.dataSegments()
	}
}

// finish checks what only holds for the module as a whole.
func (p *parser) finish() {
	switch {
	case p.err != nil:
	case p.bodies != len(p.m.Functions):
		p.fail("%d functions are declared, but %d have a body", len(p.m.Functions), p.bodies)
	case p.dataCount >= 0 && p.dataCount != p.data:
		p.fail("%d data segments are announced, but there are %d", p.dataCount, p.data)
	}
}
