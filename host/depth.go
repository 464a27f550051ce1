package host

import (
	"fmt"
	"reflect"
)

// What a Go value may hold to be encoded: far more than a message can, and
// little enough that a value which contains itself is found out. The encoder
// would follow one until the process has no stack left.
const (
	maxValueDepth = 100
	maxValues     = 1 << 20
)

// measurable reports an error if a value is nested too deep or has too many
// parts to be encoded.
func measurable(v any) error {
	left := maxValues
	return measure(reflect.ValueOf(v), maxValueDepth, &left)
}

func measure(v reflect.Value, depth int, left *int) error {
	if *left--; *left < 0 {
		return fmt.Errorf("the value has more than %d parts, or contains itself", maxValues)
	}
	if depth < 0 {
		return fmt.Errorf("the value is nested more than %d deep, or contains itself", maxValueDepth)
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return measure(v.Elem(), depth-1, left)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if err := measure(v.Field(i), depth-1, left); err != nil {
				return err
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() <= reflect.Complex128 { // numbers hold nothing
			return nil
		}
		for i := range v.Len() {
			if err := measure(v.Index(i), depth-1, left); err != nil {
				return err
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if err := measure(it.Value(), depth-1, left); err != nil {
				return err
			}
		}
	}
	return nil
}
