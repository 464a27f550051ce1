package host

import (
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host/internal/hostile"
	"github.com/ambit-wasm/ambit/sdk/wire"
	"github.com/hashicorp/go-hclog"
)

// Any bytes as the reply of a guest: they are refused with one code, or they are a
// value that decodes, or an error whose code cannot pass for one of ours.
func FuzzReply(f *testing.F) {
	for _, l := range hostile.Replies() {
		f.Add(l)
	}
	f.Add(wire.AppendErr(nil, &wire.ErrorBody{Code: "denied", Message: "x\n", Data: []byte{0x91, 7}}))
	m := newModule("m", "", hclog.NewNullLogger())
	m.limits = DefaultLimits()
	f.Fuzz(func(t *testing.T, reply []byte) {
		c := &call{Context: t.Context(), module: m, reply: reply, replied: true}
		err := c.readReply()
		if err == nil {
			if err := c.decodeResult(); err != nil {
				t.Fatalf("a result that was accepted does not decode: %v", err)
			}
			if _, err := marshal(c.value); err != nil {
				t.Fatalf("a value that was decoded does not encode: %v", err)
			}
			return
		}
		e, ok := err.(*Error)
		if !ok {
			t.Fatalf("error %T", err)
		}
		switch {
		case e.Code == authority.CodeBadResult, strings.HasPrefix(string(e.Code), "m."), e.Code == authority.CodeBadArgs, e.Code == authority.CodeGuestError:
		default:
			t.Fatalf("code %s", e.Code)
		}
		if v := Visible(authority.Caller{}, e); e.Code == authority.CodeBadResult && (v.Err != nil || v.Data != nil) {
			t.Fatalf("the caller reads %+v", v)
		}
	})
}
