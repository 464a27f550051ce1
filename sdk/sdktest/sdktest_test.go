//go:build !wasip1

package sdktest_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/sdk"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
)

type args struct {
	City string `json:"city"`
}

type forecast struct {
	City string `json:"city"`
	High int    `json:"high"`
}

func init() {
	sdk.Handle("forecast", func(c *sdk.Call, a args) (forecast, error) {
		scope, err := sdk.Scope[args](c)
		if err != nil {
			return forecast{}, err
		}
		if !scope.Matches(func(e args) bool { return e.City == a.City }) {
			return forecast{}, &sdk.Error{Code: "no-such-city", Message: "no forecast for " + a.City, Data: []string{"Bonn"}}
		}
		sdk.Log(sdk.LevelInfo, a.City)
		return forecast{a.City, 21}, nil
	})
	sdk.Handle("huge", func(*sdk.Call, struct{}) ([]byte, error) { return make([]byte, 5<<20), nil })
}

func options() sdktest.Options {
	return sdktest.Options{Scope: sdktest.Scope{Allow: []any{args{"Bonn"}, map[string]any{"city": "Köln"}}}}
}

func TestInvoke(t *testing.T) {
	h := sdktest.New(t, options())
	for _, city := range []string{"Bonn", "Köln"} {
		var f forecast
		if err := h.Invoke("forecast", args{city}, &f); err != nil || f != (forecast{city, 21}) {
			t.Errorf("%+v, %v", f, err)
		}
	}
	var f forecast
	err := h.Invoke("forecast", map[string]string{"city": "Rome"}, &f)
	want := &sdk.Error{Code: "no-such-city", Message: "no forecast for Rome", Data: []any{"Bonn"}}
	if !reflect.DeepEqual(err, want) || f != (forecast{}) {
		t.Errorf("%#v, %+v; want %#v", err, f, want)
	}
	if got, want := h.Logs(), []sdktest.Line{{sdk.LevelInfo, "Bonn"}, {sdk.LevelInfo, "Köln"}}; !reflect.DeepEqual(got, want) {
		t.Errorf("logs %v, want %v", got, want)
	}
}

func TestHostsDoNotMix(t *testing.T) {
	for i := range 8 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			h := sdktest.New(t, options())
			for range 50 {
				if err := h.Invoke("forecast", args{"Bonn"}, nil); err != nil {
					t.Fatal(err)
				}
			}
			if n := len(h.Logs()); n != 50 {
				t.Errorf("%d lines, want 50", n)
			}
		})
	}
}

// fatal is a testing.TB that records the end of a test.
type fatal struct {
	testing.TB
	text string
}

func (f *fatal) Helper() {}

func (f *fatal) Fatalf(format string, a ...any) {
	f.text = fmt.Sprintf(format, a...)
	panic(f)
}

func TestMistakesEndTheTest(t *testing.T) {
	for want, f := range map[string]func(f *fatal){
		"scope: [0]: type func() cannot travel": func(f *fatal) {
			sdktest.New(f, sdktest.Options{Scope: sdktest.Scope{Deny: []any{func() {}}}})
		},
		"arguments of forecast: type chan int cannot travel": func(f *fatal) {
			_ = sdktest.New(f, options()).Invoke("forecast", make(chan int), nil)
		},
		"the result of forecast has to go to a pointer, not to sdktest_test.forecast": func(f *fatal) {
			_ = sdktest.New(f, options()).Invoke("forecast", args{"Bonn"}, forecast{})
		},
		`result of forecast: unknown field "high"`: func(f *fatal) {
			_ = sdktest.New(f, options()).Invoke("forecast", args{"Bonn"}, &args{})
		},
		"a host would refuse the reply of huge: message too large": func(f *fatal) {
			_ = sdktest.New(f, options()).Invoke("huge", nil, nil)
		},
	} {
		t.Run(want, func(t *testing.T) {
			end := &fatal{TB: t}
			defer func() {
				if recover() != any(end) || !strings.Contains(end.text, want) {
					t.Errorf("%q, want %q", end.text, want)
				}
			}()
			f(end)
		})
	}
}
