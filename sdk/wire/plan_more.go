package wire

// Fields returns the names of the fields, or nil if p is not the plan of a
// struct.
func (p *Plan) Fields() []string {
	if p.op != opStruct {
		return nil
	}
	names := make([]string, len(p.fields))
	for i := range p.fields {
		names[i] = p.fields[i].name
	}
	return names
}

// Warm encodes and decodes the zero value once. A guest does it before its
// image is frozen, so that no call is the first.
func (p *Plan) Warm() {
	b, err := p.Append(nil, newAt(p.typ))
	if err == nil {
		p.decode(NewDec(b), newAt(p.typ), 0)
	}
}
