package wasm

const typeFunc = 0x60

func (p *parser) custom() {
	if len(p.m.Customs) >= p.limits.Customs {
		p.fail("more than the %d allowed custom sections", p.limits.Customs)
		return
	}
	name := p.name("a custom section's name", p.limits.Name)
	p.m.Customs = append(p.m.Customs, Custom{Name: name, Data: p.bytes(p.left(), "a custom section")})
}

func (p *parser) types() {
	all := 0
	for range p.count("types", p.limits.Types, 3) {
		at := p.at
		if form := p.byte("a type"); form != typeFunc {
			p.failAt(at, "type form 0x%02x is not a function", form)
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
	for range p.count("imports", p.limits.Imports, 4) {
		imp := Import{
			Module: p.name("an import's module", p.limits.Name),
			Name:   p.name("an import's name", p.limits.Name),
		}
		at := p.at
		switch imp.Kind = Kind(p.byte("an import's kind")); imp.Kind {
		case KindFunc:
			imp.Type = p.typeAt()
		case KindTable:
			p.table()
		case KindMemory:
			p.memory()
		case KindGlobal:
			p.globalType()
		default:
			p.failAt(at, "import kind 0x%02x is not known or not allowed", byte(imp.Kind))
		}
		if p.err != nil {
			return
		}
		if imp.Kind == KindFunc {
			p.m.imported = append(p.m.imported, imp.Type)
		} else {
			p.m.others[imp.Kind]++
		}
		p.m.Imports = append(p.m.Imports, imp)
	}
}

// typeAt reads the index of a type and returns the type.
func (p *parser) typeAt() FuncType {
	at := p.at
	i := p.u32("a type index")
	if int64(i) >= int64(len(p.m.Types)) {
		p.failAt(at, "there is no type %d", i)
		return FuncType{}
	}
	return p.m.Types[i]
}

func (p *parser) functions() {
	for range p.count("functions", p.limits.Functions, 1) {
		at := p.at
		i := p.u32("a type index")
		if int64(i) >= int64(len(p.m.Types)) {
			p.failAt(at, "there is no type %d", i)
		}
		if p.err != nil {
			return
		}
		p.m.Functions = append(p.m.Functions, i)
	}
}

func (p *parser) table() Limit {
	at := p.at
	t := p.valueType("a table's type")
	if p.err == nil && t != FuncRef && t != ExternRef {
		p.failAt(at, "a table of %s", t)
	}
	l := p.limit("table", 1<<32-1)
	l.Type = t
	return l
}

func (p *parser) memory() Limit { return p.limit("memory", 1<<16) }

// limit reads the minimum and the maximum of a memory or table.
func (p *parser) limit(what string, most uint32) Limit {
	at := p.at
	flags := p.byte("the " + what + "'s limits")
	if flags > 1 {
		p.failAt(at, "the %s's flags 0x%02x (shared, 64 bits or unknown) are not allowed", what, flags)
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

func (p *parser) exports() {
	n := p.count("exports", p.limits.Exports, 3)
	names := make(map[string]bool)
	for range n {
		at := p.at
		e := Export{Name: p.name("an export's name", p.limits.Name)}
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
			e.Type, _ = p.m.funcType(e.Index)
		}
		names[e.Name] = true
		p.m.Exports = append(p.m.Exports, e)
	}
}

func (p *parser) start() {
	at := p.at
	i := p.u32("the start function")
	t, ok := p.m.funcType(i)
	switch {
	case p.err != nil:
	case !ok:
		p.failAt(at, "the start function %d does not exist", i)
	case t != FuncType{}:
		p.failAt(at, "the start function has the type %s", t)
	}
	p.m.Start = &i
}
