// Package schema checks values against a closed subset of JSON Schema.
//
// Schemas come from strangers: a module's manifest carries them for the
// arguments of its commands and for its own scope keys. So the subset is one
// in which nothing can loop, backtrack, reach out or grow: a schema is a tree
// that is read once, and a validation visits each part of a value at most once
// for each level of the schema above it.
//
// # The subset
//
// A schema is an object with any of these keywords. They mean what they mean
// in JSON Schema draft 2020-12; every other keyword is an error.
//
//	type                  one of null, boolean, integer, number, string, array,
//	                      object, or a list of them; absent: any
//	enum                  a list of at least one value, one of which it must equal
//	const                 the value that it must equal
//	properties            an object from property names to schemas
//	required              a list of property names
//	additionalProperties  what holds for properties that are not in properties:
//	                      true (anything, the default), false (none), or a schema
//	minProperties, maxProperties
//	items                 the schema of every element of an array
//	minItems, maxItems
//	minLength, maxLength  length of a string in characters (code points)
//	minimum, maximum, exclusiveMinimum, exclusiveMaximum
//	title, description, default, examples, $schema, format
//	                      taken and kept, without meaning
//
// As in JSON Schema a keyword about one kind of value says nothing about
// others: {"minLength": 1} accepts a number. A schema for anything is written
// {}; the boolean schemas true and false stand only after
// additionalProperties. There is no $ref, no combinator and no pattern.
//
// # Values
//
// Values are those of decoded JSON, TOML and msgpack: nil, bool, int64,
// uint64, float64 (int also), string, []byte, []any and map[string]any. What
// is of another Go type matches no keyword that looks at it, and no schema
// with a type.
//
// Numbers are compared by value, exactly, whatever their Go types: 1.0 is an
// integer and equals 1; 2^53+1 as int64 is above 2^53 as float64. NaN and the
// infinities are not numbers of JSON: they have no type, are within no bounds
// and equal nothing.
//
// A []byte has the type string, and minLength and maxLength count its bytes;
// it equals no enum or const value, since a schema cannot write bytes.
//
// # Limits
//
// The canonical form ([Schema.JSON]) has at most [MaxSize] bytes. Schemas nest
// at most [MaxDepth] deep, counting the outermost, and so do the values after
// enum, const, default and examples. Keywords contradicting each other
// (minLength above maxLength) are an error, since nothing could match.
//
// # Errors
//
// All errors are of type [*Error]. Compile points into the schema, Validate
// into the value; of several faults both report the same one each time.
//
// # Concurrency
//
// A [Schema] is immutable and may be used by several goroutines at once. It
// keeps no reference to what it was compiled from.
package schema
