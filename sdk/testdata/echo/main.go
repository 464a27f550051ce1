// Echo is the smallest guest with typed arguments; the size test builds it.
package main

import "github.com/ambit-wasm/ambit/sdk"

type args struct {
	Text string   `json:"text"`
	N    int      `json:"n"`
	Tags []string `json:"tags"`
}

type result struct {
	Text string   `json:"text"`
	Len  int      `json:"len"`
	Tags []string `json:"tags,omitempty"`
}

func init() {
	sdk.Handle("echo", func(_ *sdk.Call, a args) (result, error) {
		return result{a.Text, len(a.Text), a.Tags}, nil
	})
}

func main() {}
