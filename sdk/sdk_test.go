//go:build !wasip1

package sdk_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/sdk"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
	"github.com/ambit-wasm/ambit/sdk/wire"
)

type args struct {
	Text string   `json:"text"`
	N    int8     `json:"n"`
	Tags []string `json:"tags"`
}

type seen struct {
	Command  string `json:"command"`
	Window   string `json:"window"`
	Origin   string `json:"origin"`
	Chain    int    `json:"chain"`
	Deadline int64  `json:"deadline"`
	Seed     []byte `json:"seed"`
}

// fail is what the command "fail" returns.
var fail error

type odd struct{}

func init() {
	sdk.Handle("echo", func(_ *sdk.Call, a args) (args, error) { return a, nil })
	sdk.Handle("nothing", func(*sdk.Call, struct{}) (any, error) { return nil, nil })
	sdk.Handle("any", func(_ *sdk.Call, a any) (any, error) { return a, nil })
	sdk.Handle("seen", func(c *sdk.Call, _ struct{}) (seen, error) {
		seed := c.Seed()
		return seen{c.Command, c.Caller.Window, c.Caller.Origin, len(c.Caller.Chain), c.Deadline(), seed[:]}, nil
	})
	sdk.Handle("fail", func(*sdk.Call, struct{}) (string, error) { return "not to be seen", fail })
	sdk.Handle("panic", func(_ *sdk.Call, a string) (any, error) {
		switch a {
		case "error":
			panic(errors.New("as an error"))
		case "runtime":
			return []int{}[len(a)], nil
		case "other":
			panic(odd{})
		case "nil":
			panic(error(nil))
		case "hostile":
			panic(hostile{})
		}
		panic("as a string")
	})
	sdk.Handle("log", func(_ *sdk.Call, a string) (any, error) {
		sdk.Log(sdk.LevelWarn, a)
		return nil, nil
	})
	sdk.Handle("bad-result", func(*sdk.Call, struct{}) (map[string]string, error) {
		return map[string]string{"name": "\xff"}, nil
	})
	sdk.Handle("random", func(c *sdk.Call, _ struct{}) ([2]uint64, error) {
		return [2]uint64{sdk.Rand(c).Uint64(), sdk.Rand(c).Uint64()}, nil
	})
}

type hostile struct{}

func (hostile) Error() string { panic("again") }

func TestCall(t *testing.T) {
	h := sdktest.New(t, sdktest.Options{})
	got, err := sdktest.Call[args](h, "echo", args{Text: "hi", N: -5, Tags: []string{"a"}})
	if err != nil || !reflect.DeepEqual(got, args{"hi", -5, []string{"a"}}) {
		t.Errorf("echo: %+v, %v", got, err)
	}
	if err := h.Invoke("nothing", nil, nil); err != nil {
		t.Errorf("no arguments: %v", err)
	}
	if got, err := sdktest.Call[args](h, "echo", nil); err != nil || !reflect.DeepEqual(got, args{Tags: []string{}}) {
		t.Errorf("no arguments for a struct: %+v, %v", got, err)
	}
	if got, err := sdktest.Call[any](h, "any", map[string]any{"a": 1}); err != nil || !reflect.DeepEqual(got, map[string]any{"a": int64(1)}) {
		t.Errorf("any: %v, %v", got, err)
	}
}

func TestCallTellsAboutTheCaller(t *testing.T) {
	seed := [16]byte{1, 2, 3}
	h := sdktest.New(t, sdktest.Options{
		Caller:   sdk.Caller{Origin: "module:notes", Chain: []sdk.Caller{{Window: "main", Webview: "main", Origin: "local"}}},
		Deadline: 1500 * time.Millisecond,
		Seed:     seed,
	})
	got, err := sdktest.Call[seen](h, "seen", nil)
	if want := (seen{"seen", "", "module:notes", 1, 1500, seed[:]}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	got, err = sdktest.Call[seen](sdktest.New(t, sdktest.Options{}), "seen", nil)
	if want := (seen{"seen", "main", "local", 0, 0, make([]byte, 16)}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("by default %+v, %v; want %+v", got, err, want)
	}
}

func TestErrorsReachTheCaller(t *testing.T) {
	_, notFound := os.Open(filepath.Join(t.TempDir(), "none"))
	exists := os.Mkdir(t.TempDir(), 0o700)
	for _, tt := range []struct {
		name string
		err  error
		want sdk.Error
	}{
		{"plain", errors.New("it broke"), sdk.Error{Code: "error", Message: "it broke"}},
		{"with a code", sdk.NewError("busy", "try later"), sdk.Error{Code: "busy", Message: "try later"}},
		{"with data", &sdk.Error{Code: "busy", Data: map[string]int{"retry": 3}}, sdk.Error{Code: "busy", Message: "busy", Data: map[string]any{"retry": int64(3)}}},
		{"wrapped", fmt.Errorf("saving: %w", sdk.NewError("busy", "try later")), sdk.Error{Code: "busy", Message: "saving: try later"}},
		{"joined", errors.Join(errors.New("a"), sdk.NewError("busy", "b")), sdk.Error{Code: "busy", Message: "a\nb"}},
		{"without a code", &sdk.Error{Message: "m"}, sdk.Error{Code: "error", Message: "m"}},
		{"with a dot", sdk.NewError("fs.denied", "m"), sdk.Error{Code: "error", Message: "m"}},
		{"with capitals", sdk.NewError("Denied", "m"), sdk.Error{Code: "error", Message: "m"}},
		{"with a new line", sdk.NewError("a\nb", "m"), sdk.Error{Code: "error", Message: "m"}},
		{"data that cannot travel", &sdk.Error{Code: "busy", Message: "m", Data: func() {}}, sdk.Error{Code: "busy", Message: "m (without its data: type func() cannot travel)"}},
		{"fs.ErrPermission", fs.ErrPermission, sdk.Error{Code: "forbidden", Message: "permission denied"}},
		{"wrapped fs.ErrPermission", fmt.Errorf("saving: %w", &fs.PathError{Op: "open", Path: "/x", Err: fs.ErrPermission}), sdk.Error{Code: "forbidden", Message: "saving: open /x: permission denied"}},
		{"fs.ErrNotExist", fs.ErrNotExist, sdk.Error{Code: "not-found", Message: "file does not exist"}},
		{"fs.ErrExist", fs.ErrExist, sdk.Error{Code: "exists", Message: "file already exists"}},
		{"open", notFound, sdk.Error{Code: "not-found", Message: notFound.Error()}},
		{"mkdir", exists, sdk.Error{Code: "exists", Message: exists.Error()}},
		{"of a power", &sdk.PowerError{Code: "quota", Message: "full"}, sdk.Error{Code: "error", Message: "full"}},
		{"of a power, coded", sdk.Coded(&sdk.PowerError{Code: "quota", Message: "full", Data: 1}), sdk.Error{Code: "quota", Message: "full"}},
		{"of a power, wrapped and coded", sdk.Coded(fmt.Errorf("saving: %w", &sdk.PowerError{Code: "quota", Message: "full"})), sdk.Error{Code: "quota", Message: "saving: full"}},
		{"of another module, coded", sdk.Coded(&sdk.PowerError{Code: "fs.not-found", Message: "no file"}), sdk.Error{Code: "error", Message: "no file"}},
		{"denied, coded", sdk.Coded(&sdk.PowerError{Code: "scope-mismatch", Message: "no"}), sdk.Error{Code: "forbidden", Message: "no"}},
		{"of no power, coded", sdk.Coded(sdk.NewError("busy", "try later")), sdk.Error{Code: "busy", Message: "try later"}},
		{"not UTF-8", errors.New("a\xffb"), sdk.Error{Code: "error", Message: "a\uFFFDb"}},
		{"very long", errors.New(strings.Repeat("é", 5000)), sdk.Error{Code: "error", Message: strings.Repeat("é", 2048)}},
		{"nil in an interface", (*sdk.Error)(nil), sdk.Error{Code: "guest-error", Message: "panic: runtime error: invalid memory address or nil pointer dereference"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fail = tt.err
			var result string
			err := sdktest.New(t, sdktest.Options{}).Invoke("fail", nil, &result)
			e, ok := err.(*sdk.Error)
			if !ok || !reflect.DeepEqual(*e, tt.want) {
				t.Errorf("%#v, want %#v", err, tt.want)
			}
			if result != "" {
				t.Errorf("the result came too: %q", result)
			}
		})
	}
}

func TestCodedNil(t *testing.T) {
	if err := sdk.Coded(nil); err != nil {
		t.Errorf("%#v", err)
	}
}

func TestBadArguments(t *testing.T) {
	for want, a := range map[string]any{
		`unknown field "txt" (byte 1)`:                          map[string]any{"txt": 1},
		"n: integer out of range (byte 3)":                      map[string]any{"n": 128},
		"tags[1]: expected a string, found an integer (byte 9)": map[string]any{"tags": []any{"a", 1}},
		"expected a map, found an array (byte 0)":               []any{},
		"text: expected a string, found nil (byte 6)":           map[string]any{"text": nil},
	} {
		err := sdktest.New(t, sdktest.Options{}).Invoke("echo", a, nil)
		if e, ok := err.(*sdk.Error); !ok || e.Code != "bad-args" || e.Message != want {
			t.Errorf("%v: %#v, want %q", a, err, want)
		}
	}
}

func TestPanics(t *testing.T) {
	for how, want := range map[string]string{
		"string":  "panic: as a string",
		"error":   "panic: as an error",
		"runtime": "panic: runtime error: index out of range [7] with length 0",
		"other":   "panic: (no text)",
		"nil":     "panic: panic called with nil argument",
		"hostile": "panic: (no text)",
	} {
		h := sdktest.New(t, sdktest.Options{})
		err := h.Invoke("panic", how, nil)
		if e, ok := err.(*sdk.Error); !ok || e.Code != "guest-error" || e.Message != want {
			t.Errorf("%s: %#v, want %q", how, err, want)
		}
		logs := h.Logs()
		if len(logs) != 1 || logs[0].Level != sdk.LevelError || !strings.Contains(logs[0].Text, "sdk_test.go") {
			t.Errorf("%s: the log does not say where: %v", how, logs)
		}
	}
}

func TestFaultsOfTheGuest(t *testing.T) {
	h := sdktest.New(t, sdktest.Options{})
	for command, want := range map[string]string{
		"no_such":    "the module has no command no_such",
		"bad-result": `result: ["name"]: string is not valid UTF-8`,
	} {
		err := h.Invoke(command, nil, nil)
		if e, ok := err.(*sdk.Error); !ok || e.Code != "guest-error" || e.Message != want {
			t.Errorf("%s: %#v, want %q", command, err, want)
		}
	}
	reply, err := wire.ParseReply(sdk.Dispatch([]byte{0xc1}), wire.Limits{})
	if err != nil || reply.Err == nil || reply.Err.Code != "guest-error" || reply.Err.Message != "request: reserved byte (byte 0)" {
		t.Errorf("a request that is none: %+v, %v", reply, err)
	}
}

func TestLog(t *testing.T) {
	a, b := sdktest.New(t, sdktest.Options{}), sdktest.New(t, sdktest.Options{})
	for _, text := range []string{"one", "two"} {
		if err := a.Invoke("log", text, nil); err != nil {
			t.Fatal(err)
		}
	}
	want := []sdktest.Line{{Level: sdk.LevelWarn, Text: "one"}, {Level: sdk.LevelWarn, Text: "two"}}
	if got := a.Logs(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
	if got := b.Logs(); len(got) != 0 {
		t.Errorf("another host got %v", got)
	}
}

func TestRand(t *testing.T) {
	draw := func(seed byte) [2]uint64 {
		t.Helper()
		got, err := sdktest.Call[[2]uint64](sdktest.New(t, sdktest.Options{Seed: [16]byte{seed}}), "random", nil)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	one := draw(1)
	if one != draw(1) {
		t.Error("the same seed gives other numbers")
	}
	if one == draw(2) || one[0] == one[1] {
		t.Error("numbers repeat")
	}
}

func TestHandlePanics(t *testing.T) {
	for want, register := range map[string]func(){
		"sdk: command echo is registered twice": func() {
			sdk.Handle("echo", func(*sdk.Call, struct{}) (any, error) { return nil, nil })
		},
		"sdk: arguments of command c1: X: type chan int cannot travel": func() {
			sdk.Handle("c1", func(*sdk.Call, struct{ X chan int }) (any, error) { return nil, nil })
		},
		"sdk: result of command c2: type error is an interface other than any": func() {
			sdk.Handle("c2", func(*sdk.Call, any) (error, error) { return nil, nil })
		},
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panic %v, want %q", got, want)
				}
			}()
			register()
		}()
	}
}

func TestWarmRunsNoHandler(t *testing.T) {
	ran := false
	sdk.Handle("warm", func(*sdk.Call, args) (args, error) {
		ran = true
		return args{}, nil
	})
	sdk.Warm()
	if ran {
		t.Error("warming up has called a command")
	}
}
