package schema_test

import (
	"fmt"

	"github.com/ambit-wasm/ambit/authority/schema"
)

func Example() {
	s, err := schema.Compile(map[string]any{
		"type":                 "object",
		"properties":           map[string]any{"city": map[string]any{"type": "string", "maxLength": int64(60)}},
		"required":             []any{"city"},
		"additionalProperties": false,
	})
	fmt.Println(s.Keys(), err)
	fmt.Println(s.Validate(map[string]any{"city": "Paris"}))
	fmt.Println(s.Validate(map[string]any{"city": int64(7)}))
	// Output:
	// [city] <nil>
	// <nil>
	// at "/city": must be string, is integer
}
