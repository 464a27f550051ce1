package host_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
)

// A program opens an app's folder and calls commands for its windows. The
// window "main" may greet; the window "preview" may not.
func Example() {
	ctx := context.Background()
	h, err := host.Open(ctx, "testdata/app", host.Config{Native: []host.Native{greeter}})
	if err != nil {
		log.Fatal(err) // every problem of the policy, with file and line
	}
	defer h.Close(ctx)

	res, err := h.Invoke(ctx, host.Window("main"), "greeter.greet", map[string]string{"name": "Ada"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(res.Value)

	_, err = h.Invoke(ctx, host.Window("preview"), "greeter.greet", nil)
	if denial, ok := errors.AsType[*authority.Denial](err); ok {
		fmt.Println(denial.Code())
		fmt.Println(denial.Decision.Remedy())
	}
	// Output:
	// Hello, Ada!
	// window-mismatch
	// create capabilities/preview-greeter-greet.toml:
	//   identifier = "preview-greeter-greet"
	//   windows = ["preview"]
	//   permissions = ["greeter:allow-greet"]
}

// greeter is a module in Go, to keep the example short; one in a file of its
// own is named in ambit.toml instead.
var greeter = host.Native{
	Manifest: authority.Manifest{Name: "greeter", Version: "1.0.0", ABI: 1, Commands: []authority.Command{{Name: "greet"}}},
	Funcs: map[string]host.Func{"greet": func(_ context.Context, c *host.NativeCall) (any, error) {
		var args struct {
			Name string `json:"name"`
		}
		err := c.Decode(&args)
		return "Hello, " + args.Name + "!", err
	}},
}
