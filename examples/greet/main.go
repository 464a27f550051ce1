// Command greet embeds a host in a few lines: it opens an app's folder and
// invokes a command for two windows, of which one may.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/ambit-wasm/ambit/host"
)

func main() {
	ctx := context.Background()
	h, err := host.Open(ctx, "app", host.Config{})
	if err != nil {
		log.Fatal(err)
	}
	defer h.Close(ctx)

	args := map[string]any{"name": "Ada"}
	res, err := h.Invoke(ctx, host.Window("main"), "greet.hello", args)
	fmt.Println(res.Value, err)

	_, err = h.Invoke(ctx, host.Window("other"), "greet.hello", args)
	fmt.Println(err)
}
