package sdk_test

import (
	"fmt"
	"strings"

	"github.com/ambit-wasm/ambit/sdk"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

// A command that shouts, but only names that the policy lists in the scope of
// the permission, {name = "ada"} for example.
func Example() {
	type Args struct {
		Name string `json:"name"`
	}
	type Entry struct {
		Name string `json:"name"`
	}
	sdk.Handle("shout", func(c *sdk.Call, a Args) (string, error) {
		scope, err := sdk.Scope[Entry](c)
		if err != nil {
			return "", err
		}
		if !scope.Matches(func(e Entry) bool { return e.Name == a.Name }) {
			return "", sdk.NewError("not-listed", "nobody may shout "+a.Name)
		}
		return strings.ToUpper(a.Name) + "!", nil
	})

	// What follows is the host's part; package sdktest does it in tests.
	scope, _ := wire.AppendScope(nil, []any{Entry{"ada"}}, nil)
	for _, name := range []string{"ada", "bob"} {
		args, _ := wire.Marshal(Args{name})
		request := wire.AppendRequest(nil, &wire.Request{V: wire.Version, Command: "shout", Args: args, Scope: scope})
		reply, err := wire.ParseReply(sdk.Dispatch(request), wire.Limits{})
		switch {
		case err != nil:
			fmt.Println(err)
		case reply.Err != nil:
			fmt.Println(reply.Err.Code, "-", reply.Err.Message)
		default:
			fmt.Println(wire.NewDec(reply.OK).Any())
		}
	}
	// Output:
	// ADA!
	// not-listed - nobody may shout bob
}
