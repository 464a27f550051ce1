//go:build wasip1

// Guest is ordinary work of Go programs, for benchmarks of what the meter
// costs. Build it with GOOS=wasip1 GOARCH=wasm -buildmode=c-shared.
package main

import (
	"crypto/sha256"
	"encoding/json"
	"sort"
	"strings"
)

var block = make([]byte, 64<<10)

//go:wasmexport hash
func hash() int32 {
	sum := sha256.Sum256(block)
	return int32(sum[0])
}

type person struct {
	Name  string            `json:"name"`
	Age   int               `json:"age"`
	Tags  []string          `json:"tags"`
	Attrs map[string]string `json:"attrs"`
}

//go:wasmexport roundtrip
func roundtrip() int32 {
	people := make([]person, 20)
	for i := range people {
		people[i] = person{Name: "someone", Age: i, Tags: []string{"a", "bb", "ccc"}, Attrs: map[string]string{"k": "v", "x": "y"}}
	}
	b, err := json.Marshal(people)
	if err != nil {
		return -1
	}
	var back []person
	if err := json.Unmarshal(b, &back); err != nil {
		return -1
	}
	return int32(len(b) + len(back))
}

//go:wasmexport order
func order() int32 {
	n := make([]int, 1000)
	x := uint32(1)
	for i := range n {
		x = x*1664525 + 1013904223
		n[i] = int(x >> 8)
	}
	sort.Ints(n)
	return int32(n[0])
}

//go:wasmexport words
func words() int32 {
	var b strings.Builder
	for range 200 {
		b.WriteString("the quick brown fox ")
	}
	fields := strings.Fields(strings.ToUpper(b.String()))
	return int32(len(strings.Join(fields, ",")))
}

//go:wasmexport sieve
func sieve() int32 {
	composite := make([]bool, 20_000)
	primes := int32(0)
	for i := 2; i < len(composite); i++ {
		if composite[i] {
			continue
		}
		primes++
		for j := i * i; j < len(composite); j += i {
			composite[j] = true
		}
	}
	return primes
}

func main() {}
