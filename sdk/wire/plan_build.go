package wire

import (
	"reflect"
	"unicode/utf8"
)

// maxFields bounds the fields of one struct, so that a decoder can keep the
// ones it has seen in a few words.
const maxFields = 256

// builder makes plans, under the lock of plans. It holds those that it has
// begun, so that a type may contain itself.
type builder map[reflect.Type]*Plan

func (b builder) plan(t reflect.Type) (*Plan, *Error) {
	if p := plans.m[t]; p != nil {
		return p, nil
	}
	if p := b[t]; p != nil {
		return p, nil
	}
	p := &Plan{typ: t, size: t.Size()}
	b[t] = p
	var err *Error
	switch t.Kind() {
	case reflect.Bool:
		p.op = opBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		p.op = opInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		p.op = opUint
	case reflect.Float32, reflect.Float64:
		p.op = opFloat
	case reflect.String:
		p.op = opString
	case reflect.Slice, reflect.Array:
		err = b.list(p)
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return nil, cannot(t, "has keys that are not strings")
		}
		p.op = opMap
		if t == reflect.TypeFor[map[string]any]() {
			p.op = opAnyMap
		}
		p.elem, err = b.plan(t.Elem())
	case reflect.Pointer:
		if t.Elem().Kind() == reflect.Pointer {
			return nil, cannot(t, "is a pointer to a pointer")
		}
		p.op = opPointer
		p.elem, err = b.plan(t.Elem())
	case reflect.Interface:
		if t.NumMethod() > 0 {
			return nil, cannot(t, "is an interface other than any")
		}
		p.op = opAny
	case reflect.Struct:
		p.op = opStruct
		err = b.structure(p)
	default:
		return nil, cannot(t, "cannot travel")
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (b builder) list(p *Plan) (err *Error) {
	t := p.typ
	isBytes := t.Elem().Kind() == reflect.Uint8
	switch {
	case t == reflect.TypeFor[Raw]():
		p.op = opRaw
		return nil
	case t.Kind() == reflect.Slice && isBytes:
		p.op = opBytes
		return nil
	case t.Kind() == reflect.Slice:
		p.op = opSlice
		if t.Elem() == reflect.TypeFor[string]() {
			p.op = opStrings
		}
	case isBytes:
		p.op, p.len = opByteArray, t.Len()
		return nil
	default:
		p.op, p.len = opArray, t.Len()
	}
	p.elem, err = b.plan(t.Elem())
	return err
}

func (b builder) structure(p *Plan) *Error {
	var found []field
	if err := b.fields(p.typ, 0, nil, &found); err != nil {
		return err
	}
	if len(found) == 0 && p.typ.NumField() > 0 {
		return cannot(p.typ, "has no exported fields")
	}
	for i, c := range found {
		switch hidden, err := shadowed(p.typ, found, i); {
		case err != nil:
			return err
		case !hidden:
			p.fields = append(p.fields, c)
		}
	}
	if len(p.fields) > maxFields {
		return cannot(p.typ, "has more than 256 fields")
	}
	return nil
}

// fields collects the fields of t, which lies at base below the outer indexes.
func (b builder) fields(t reflect.Type, base uintptr, outer []int, found *[]field) *Error {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.PkgPath != "" && !f.Anonymous {
			continue
		}
		index := append(append([]int{}, outer...), i)
		name, omitEmpty, err := fieldTag(f)
		if err != nil {
			return err
		}
		if f.Anonymous && name == "" {
			switch f.Type.Kind() {
			case reflect.Struct:
				if err := b.fields(f.Type, base+f.Offset, index, found); err != nil {
					return err
				}
				continue
			case reflect.Pointer:
				return &Error{Text: "type " + f.Type.String() + " is embedded by pointer", Path: f.Name, At: -1}
			}
		}
		if name == "-" || f.PkgPath != "" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		p, err := b.plan(f.Type)
		if err != nil {
			err.inField(f.Name)
			return err
		}
		*found = append(*found, field{name, base + f.Offset, index, p, omitEmpty})
	}
	return nil
}

// fieldTag reads the json tag. The name is "" without one and "-" for a field
// that does not take part.
func fieldTag(f reflect.StructField) (name string, omitEmpty bool, err *Error) {
	tag := f.Tag.Get("json")
	if tag == "-" {
		return "-", false, nil
	}
	name, options := cut(tag)
	for options != "" {
		var option string
		option, options = cut(options)
		if option != "omitempty" {
			return "", false, &Error{Text: "json tag has the unknown option " + quote(option), Path: f.Name, At: -1}
		}
		omitEmpty = true
	}
	if !utf8.ValidString(name) {
		return "", false, &Error{Text: "json tag is not valid UTF-8", Path: f.Name, At: -1}
	}
	return name, omitEmpty, nil
}

func cut(s string) (before, after string) {
	for i := range len(s) {
		if s[i] == ',' {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// shadowed reports whether another field of the same name is less deep than
// field i.
func shadowed(t reflect.Type, found []field, i int) (bool, *Error) {
	hidden, twin := false, false
	for j, c := range found {
		if j != i && c.name == found[i].name {
			hidden = hidden || len(c.index) < len(found[i].index)
			twin = twin || len(c.index) == len(found[i].index)
		}
	}
	if twin && !hidden {
		return false, cannot(t, "has two fields named "+quote(found[i].name))
	}
	return hidden, nil
}

func cannot(t reflect.Type, why string) *Error {
	return &Error{Text: "type " + t.String() + " " + why, At: -1}
}
