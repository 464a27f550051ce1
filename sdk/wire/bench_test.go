package wire_test

import (
	"bytes"
	"reflect"
	"testing"
	"unsafe"

	"github.com/ambit-wasm/ambit/sdk/wire"
	"github.com/vmihailenco/msgpack/v5"
)

type benchArgs struct {
	Path    string            `json:"path" msgpack:"path"`
	Content string            `json:"content" msgpack:"content"`
	Append  bool              `json:"append" msgpack:"append"`
	Mode    int               `json:"mode" msgpack:"mode"`
	Tags    []string          `json:"tags" msgpack:"tags"`
	Meta    map[string]string `json:"meta" msgpack:"meta"`
}

func benchValue() benchArgs {
	return benchArgs{
		Path: "/APPDATA/notes/shopping.md", Content: string(bytes.Repeat([]byte("milk "), 50)), Mode: 0o600,
		Tags: []string{"home", "todo"}, Meta: map[string]string{"author": "me", "lang": "en"},
	}
}

func BenchmarkScan(b *testing.B) {
	for name, msg := range map[string][]byte{"args": encode(b, benchValue()), "list": ordinary(b), "4KiB": wire.AppendStr(nil, string(make([]byte, 4<<10)))} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(msg)))
			b.ReportAllocs()
			for b.Loop() {
				if err := wire.Scan(msg, wire.Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecodeStruct(b *testing.B) {
	msg := []byte(encode(b, benchValue()))
	b.Run("wire", func(b *testing.B) {
		p, err := wire.PlanOf(reflect.TypeFor[benchArgs]())
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			var v benchArgs
			if err := p.Decode(wire.NewDec(msg), unsafe.Pointer(&v)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("msgpack", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var v benchArgs
			if err := msgpack.Unmarshal(msg, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkEncodeStruct(b *testing.B) {
	v := benchValue()
	b.Run("wire", func(b *testing.B) {
		p, err := wire.PlanOf(reflect.TypeFor[benchArgs]())
		if err != nil {
			b.Fatal(err)
		}
		var buf []byte
		b.ReportAllocs()
		for b.Loop() {
			if buf, err = p.Append(buf[:0], unsafe.Pointer(&v)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("msgpack", func(b *testing.B) {
		var buf bytes.Buffer
		e := msgpack.NewEncoder(&buf)
		b.ReportAllocs()
		for b.Loop() {
			buf.Reset()
			if err := e.Encode(&v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDecodeAny(b *testing.B) {
	msg := ordinary(b)
	b.Run("wire", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			d := wire.NewDec(msg)
			d.Any()
			if err := d.Done(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("msgpack", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var v any
			if err := msgpack.Unmarshal(msg, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkEncodeAny(b *testing.B) {
	v := wire.NewDec(ordinary(b)).Any()
	b.Run("wire", func(b *testing.B) {
		var buf []byte
		b.ReportAllocs()
		for b.Loop() {
			var err error
			if buf, err = wire.AppendAny(buf[:0], v); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("msgpack", func(b *testing.B) {
		var buf bytes.Buffer
		e := msgpack.NewEncoder(&buf)
		e.SetSortMapKeys(true)
		b.ReportAllocs()
		for b.Loop() {
			buf.Reset()
			if err := e.Encode(v); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkRequest(b *testing.B) {
	r := wire.Request{
		V: wire.Version, ID: 1 << 20, Command: "write_text_file", Args: encode(b, benchValue()),
		Scope:  encode(b, map[string]any{"allow": []any{map[string]any{"path": "$APPDATA/notes/**"}}, "deny": []any{}}),
		Caller: wire.Caller{Window: "main", Webview: "main", Origin: "local"}, Deadline: 5000,
	}
	msg := wire.AppendRequest(nil, &r)
	b.Run("append", func(b *testing.B) {
		var buf []byte
		b.ReportAllocs()
		for b.Loop() {
			buf = wire.AppendRequest(buf[:0], &r)
		}
	})
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := wire.ParseRequest(msg); err != nil {
				b.Fatal(err)
			}
		}
	})
	reply := wire.AppendOK(nil, r.Args)
	b.Run("parse reply", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := wire.ParseReply(reply, wire.Limits{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
