package wasm

const (
	typeFunc  = 0x60
	typeEmpty = 0x40 // of blocks
)

// named reads a name.
func (p *parser) named(what string) string {
	at := p.at
	name := p.name(what, p.limits.Name)
	if p.names += len(name); p.names > p.limits.AllNames {
		p.failAt(at, "the names together have more than the %d allowed bytes", p.limits.AllNames)
	}
	return name
}

func (p *parser) custom() {
	if len(p.m.Customs) >= p.limits.Customs {
		p.fail("more than the %d allowed custom sections", p.limits.Customs)
		return
	}
	name := p.named("a custom section's name")
	p.m.Customs = append(p.m.Customs, Custom{Name: name, Data: p.bytes(p.left(), "a custom section")})
}

func (p *parser) types() {
	n, all := p.count("types", p.limits.Types, 3), 0
	p.m.Types = make([]FuncType, 0, n)
	for range n {
		at := p.at
		if form := p.byte("a type"); form != typeFunc {
			p.refuse(at, typeFeatures[form], "type form 0x%02x", form)
			return
		}
		t := FuncType{Params: p.valueTypes("parameters"), Results: p.valueTypes("results")}
		if all += len(t.Params) + len(t.Results); all > p.limits.AllValues {
			p.failAt(at, "the types together have more than the %d allowed parameters and results", p.limits.AllValues)
		}
		if p.err != nil {
			return
		}
		p.m.Types = append(p.m.Types, t)
	}
}

func (p *parser) valueTypes(what string) string {
	n := p.count(what, p.limits.Values, 1)
	start := p.at
	for range n {
		p.valueType("a value's type")
	}
	if p.err != nil {
		return ""
	}
	return string(p.bin[start:p.at])
}

func (p *parser) imports() {
	n := p.count("imports", p.limits.Imports, 4)
	p.m.Imports, p.m.imported.funcs = make([]Import, 0, n), make([]FuncType, 0, n)
	for range n {
		imp := Import{
			Module: p.named("an import's module"),
			Name:   p.named("an import's name"),
		}
		p.imported(&imp)
		if p.err != nil {
			return
		}
		p.m.Imports = append(p.m.Imports, imp)
	}
}

// imported reads what an import is.
func (p *parser) imported(imp *Import) {
	at, have := p.at, &p.m.imported
	switch imp.Kind = Kind(p.byte("an import's kind")); imp.Kind {
	case KindFunc:
		at = p.at
		imp.Type = p.typeOf(at, int64(p.u32("a type index")))
		have.funcs = append(have.funcs, imp.Type)
	case KindTable:
		have.tables = append(have.tables, p.table().Type)
		if len(have.tables) > p.limits.Tables {
			p.failAt(at, "more than the %d allowed tables", p.limits.Tables)
		}
	case KindMemory:
		p.secondMemory(at)
		p.memory()
		have.memories++
	case KindGlobal:
		have.globals = append(have.globals, p.globalType())
	case kindTag:
		p.refuse(at, exceptions, "import kind 0x%02x", byte(imp.Kind))
	default:
		p.refuse(at, "", "import kind 0x%02x", byte(imp.Kind))
	}
}

func (p *parser) functions() {
	n := p.count("functions", p.limits.Functions, 1)
	p.m.Functions = make([]uint32, 0, n)
	for range n {
		at := p.at
		i := p.u32("a type index")
		p.typeOf(at, int64(i))
		if p.err != nil {
			return
		}
		p.m.Functions = append(p.m.Functions, i)
	}
}

func (p *parser) table() Limit {
	at := p.at
	if p.left() > 0 && p.bin[p.at] == typeEmpty {
		p.refuse(at, typedRefs, "a table with an initial value")
	}
	t := p.referenceType()
	l := p.limit("table", 1<<32-1)
	l.Type = t
	return l
}

// secondMemory refuses a memory beside one that is there.
func (p *parser) secondMemory(at int) {
	if p.m.count(KindMemory) > 0 {
		p.refuse(at, multiMemory, "a second memory")
	}
}

func (p *parser) memory() Limit { return p.limit("memory", 1<<16) }

// limit reads the minimum and the maximum of a memory or table.
func (p *parser) limit(what string, most uint32) Limit {
	at := p.at
	flags := p.byte("the " + what + "'s limits")
	if flags > 1 {
		p.refuse(at, limitFeature(flags), "a %s with the flags 0x%02x", what, flags)
		return Limit{}
	}
	l := Limit{Min: p.u32("the " + what + "'s minimum"), HasMax: flags == 1}
	if l.HasMax {
		l.Max = p.u32("the " + what + "'s maximum")
	}
	switch {
	case p.err != nil:
	case l.Min > most || l.HasMax && l.Max > most:
		p.failAt(at, "the %s is larger than there can be", what)
	case l.HasMax && l.Max < l.Min:
		p.failAt(at, "the %s's maximum is less than its minimum", what)
	}
	return l
}

func (p *parser) globalType() Global {
	g := Global{Type: p.valueType("a global's type")}
	at := p.at
	switch p.byte("a global's mutability") {
	case 0:
	case 1:
		g.Mutable = true
	default:
		p.failAt(at, "a global's mutability is neither 0 nor 1")
	}
	return g
}

func (p *parser) globals() {
	n := p.count("globals", p.limits.Globals, 4)
	p.m.Globals = make([]Global, 0, n)
	for range n {
		g := p.globalType()
		p.constant(g.Type)
		if p.err != nil {
			return
		}
		p.m.Globals = append(p.m.Globals, g)
	}
}

func (p *parser) exports() {
	n := p.count("exports", p.limits.Exports, 3)
	p.m.Exports = make([]Export, 0, n)
	names := make(map[string]bool, n)
	for range n {
		at := p.at
		e := Export{Name: p.named("an export's name")}
		e.Kind = Kind(p.byte("an export's kind"))
		e.Index = p.u32("an export's index")
		switch {
		case p.err != nil:
			return
		case names[e.Name]:
			p.failAt(at, "export %q stands twice", e.Name)
			return
		case e.Kind > KindGlobal:
			p.failAt(at, "export %q is of the unknown kind 0x%02x", e.Name, byte(e.Kind))
			return
		case int64(e.Index) >= int64(p.m.count(e.Kind)):
			p.failAt(at, "export %q names %s %d, which does not exist", e.Name, e.Kind, e.Index)
			return
		}
		if e.Kind == KindFunc {
			e.Type = p.m.funcType(int(e.Index))
			p.declare(int(e.Index))
		}
		names[e.Name] = true
		p.m.Exports = append(p.m.Exports, e)
	}
}

func (p *parser) start() {
	at := p.at
	i, ok := p.index("function", p.m.count(KindFunc))
	if !ok {
		return
	}
	if t := p.m.funcType(i); t != (FuncType{}) {
		p.failAt(at, "the start function has the type %s", t)
	}
	index := uint32(i)
	p.m.Start = &index
}
