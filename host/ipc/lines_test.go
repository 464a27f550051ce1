package ipc_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/ipc"
)

// TestLines is a peer at the other end of a pipe.
func TestLines(t *testing.T) {
	h, _, waiting := newHost(t, "1")
	fromPeer, toHost := io.Pipe()
	fromHost, toPeer := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- ipc.ServeLines(t.Context(), h, host.Window("main"), fromPeer, toPeer) }()
	lines := bufio.NewScanner(fromHost)
	send := func(text string) {
		if _, err := io.WriteString(toHost, text+"\n"); err != nil {
			t.Error(err)
		}
	}
	type reply struct {
		ID     any
		Method string
		Params map[string]any
		Result any
		Error  *struct {
			Code int
			Data struct{ Code, Why string }
		}
	}
	read := func() (r reply) {
		t.Helper()
		if !lines.Scan() || json.Unmarshal(lines.Bytes(), &r) != nil {
			t.Fatalf("%s, %v", lines.Bytes(), lines.Err())
		}
		return r
	}
	for _, tt := range []struct {
		line string
		code int
		data string
	}{
		{`{"jsonrpc":"2.0","id":1,"method":"invoke","params":{"cmd":"app.echo","args":{"a":1}}}`, 0, ""},
		{`{"jsonrpc":"2.0","id":"x","method":"invoke","params":{"cmd":"plugin:app|echo"}}`, 0, ""},
		{`{"jsonrpc":"2.0","id":2,"method":"invoke","params":{"cmd":"app.who"}}`, -32000, "window-mismatch"},
		{`{"jsonrpc":"2.0","id":3,"method":"invoke","params":{"cmd":"app.fail"}}`, -32000, "host-error"},
		{`{"jsonrpc":"2.0","id":4,"method":"invoke","params":{"cmd":"app.echo","args":{"a":1,"a":2}}}`, -32602, ""},
		{`{"jsonrpc":"2.0","id":5,"method":"invoke","params":{}}`, -32602, ""},
		{`{"jsonrpc":"2.0","id":6,"method":"exit"}`, -32601, ""},
		{`{"jsonrpc":"1.0","id":7,"method":"invoke"}`, -32600, ""},
		{`{"jsonrpc":"2.0","id":{},"method":"invoke"}`, -32600, ""},
		{`{"jsonrpc":`, -32700, ""},
		{`{"jsonrpc":"2.0","id":8,"method":"cancel","params":{"id":99}}`, 0, ""},
	} {
		send(tt.line)
		r := read()
		if tt.code == 0 && r.Error != nil || tt.code != 0 && (r.Error == nil || r.Error.Code != tt.code || r.Error.Data.Code != tt.data) {
			t.Errorf("%s: %+v, %+v", tt.line, r, r.Error)
		}
		if tt.data == "window-mismatch" && !strings.Contains(r.Error.Data.Why, "is denied") {
			t.Errorf("why: %+v", r.Error)
		}
	}
	send(`{"jsonrpc":"2.0","id":9,"method":"invoke","params":{"cmd":"m.run"}}`)
	for n := 1; n <= 3; n++ {
		if r := read(); r.Method != "channel" || r.Params["id"] != 9.0 || r.Params["topic"] != "progress" || r.Params["payload"].(map[string]any)["n"] != float64(n) {
			t.Errorf("%+v", r)
		}
	}
	if r := read(); r.ID != 9.0 || r.Result != "done" {
		t.Errorf("%+v", r)
	}
	// Requests run at the same time, and end by cancel or with the pipe.
	send(`{"jsonrpc":"2.0","id":10,"method":"invoke","params":{"cmd":"app.wait"}}`)
	<-waiting
	send(`{"jsonrpc":"2.0","id":10,"method":"invoke","params":{"cmd":"app.echo"}}`)
	if r := read(); r.Error == nil || r.Error.Code != -32600 {
		t.Errorf("an id that is running: %+v", r)
	}
	send(`{"jsonrpc":"2.0","id":11,"method":"invoke","params":{"cmd":"app.echo"}}`)
	if r := read(); r.ID != 11.0 {
		t.Errorf("%+v", r)
	}
	send(`{"jsonrpc":"2.0","method":"cancel","params":{"id":10}}`)
	if r := read(); r.ID != 10.0 || r.Error == nil || r.Error.Data.Code != "canceled" {
		t.Errorf("%+v, %+v", r, r.Error)
	}
	<-waiting
	send(`{"jsonrpc":"2.0","id":12,"method":"invoke","params":{"cmd":"app.wait"}}`)
	<-waiting
	go func() { _, _ = io.Copy(io.Discard, fromHost) }()
	_ = toHost.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := <-waiting; got != "ended" {
		t.Error(got)
	}
}

type closedWriter struct{}

func (closedWriter) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestLinesEnd(t *testing.T) {
	h, _, _ := newHost(t, "1")
	if err := ipc.ServeLines(t.Context(), h, host.Window("main"), strings.NewReader("x\nx\n"), closedWriter{}); err == nil {
		t.Error("a peer that is gone is no error")
	}
	if err := ipc.ServeLines(t.Context(), h, host.Window("main"), strings.NewReader(strings.Repeat("x", 9<<20)), io.Discard); err == nil {
		t.Error("a line of any length")
	}
}
