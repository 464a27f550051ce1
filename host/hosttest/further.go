package hosttest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// further are attacks that the catalogue does not have.
func further() []Case {
	return []Case{
		{Name: "200/a refusal is written over", Tries: "have the record of a refusal say something else, by using another power afterwards", attack: func(a *attack) {
			a.load(attacker, user(manifestOf(attacker, "1s", "kv.read"), get("stolen-1"), get("\x1b[2Jxxxx"), get("others-3")))
			a.allow(entry("key", "mine"))
			a.honest = true
			_, err := a.try()
			a.works(err)
			var asked []string
			for _, r := range a.sink.last().Refused {
				asked = append(asked, r.Asked)
			}
			a.happens(strings.Join(asked, " "))
			if want := []string{"stolen-1", `\x1b[2Jxxxx`, "others-3"}; !slices.Equal(asked, want) {
				a.breachf("the record says %q, want %q", asked, want)
			}
		}},
		{Name: "201/an inner call is written over", Tries: "have the record of a call that it made say something else, by making another one", attack: func(a *attack) {
			call := func(command string) use {
				return use{"ambit_call", "invoke", map[string]any{"command": command}}
			}
			a.load(attacker, user(manifestOf(attacker, "1s", "invoke"), call("stolen.one"), call("others.two"), call("\x1b[2Jxx.xx")))
			a.allow(entry("invoke", "*.*"))
			a.honest = true
			_, err := a.try()
			a.works(err)
			var commands []string
			for _, r := range a.sink.all() {
				if len(r.Caller.Chain) > 0 {
					commands = append(commands, r.Command)
				}
			}
			a.happens(strings.Join(commands, " "))
			if !slices.Contains(commands, "stolen.one") || !slices.Contains(commands, "others.two") {
				a.breachf("the records are of %q", commands)
			}
		}},
		{Name: "202/an event is written over", Tries: "have an event of another topic, after it was heard", attack: func(a *attack) {
			emit := func(topic string) use {
				return use{"ambit_emit", "emit", map[string]any{"topic": topic, "payload": topic}}
			}
			a.load(attacker, user(manifestOf(attacker, "1s", "emit"), emit("public-1"), emit("others-2"), emit("public-3")))
			a.allow(entry("topic", "*"))
			a.honest = true
			var heard []host.Message
			ctx := host.WithChannel(a.ctx, func(_ context.Context, m host.Message) error {
				heard = append(heard, m)
				return nil
			})
			_, err := a.invokeIn(ctx, caller, attacker+".run", pad)
			a.works(err)
			for _, m := range heard {
				if m.Value() != m.Topic {
					a.breachf("the event %q has become %q", m.Value(), m.Topic)
				}
			}
			a.happens(fmt.Sprintf("%d heard", len(heard)))
		}},
		{Name: "203/nothing but powers", Tries: "outlast the deadline with few instructions, by listing many keys again and again", Child: true, Expect: budgets, attack: func(a *attack) {
			var sets []use
			for i := range 400 {
				sets = append(sets, use{"ambit_kv", "set", map[string]any{"key": fmt.Sprintf("k%0200d", i), "value": []byte{1}}})
			}
			a.load(attacker, user(manifestOf(attacker, "1s", "kv.write"), sets...))
			a.allow(entry("key", "*"))
			_, err := a.try()
			a.works(err)
			args := packed(map[string]any{"prefix": "none"})
			g := wasmtest.NewGuest()
			list := g.Import("ambit_kv", "list", wasmtest.I32+wasmtest.I32, wasmtest.I32)
			g.Data(4096, args)
			a.runs(g.Invoke(begin.Loop(code{}.I32(4096).I32(int32(len(args))).Call(list).Drop()).I32(0)).Manifest(manifestOf(attacker, short, "kv.read")).Bytes())
		}},
		{Name: "204/a time to live that overflows", Tries: "store keys with a time to live that overflows", attack: func(a *attack) {
			set := func(ttl any) use {
				return use{"ambit_kv", "set", map[string]any{"key": "k", "value": []byte("v"), "ttl": ttl}}
			}
			a.load(attacker, user(manifestOf(attacker, "1s", "kv.read", "kv.write"), set(uint64(1<<64-1)), get("k"), set(int64(1<<62)), get("k"), set(-1), set(1.5), get("k")))
			a.allow(entry("key", "k"))
			a.honest = true
			got, err := a.try()
			a.works(err)
			codes, values := outcomes(got)
			a.happens(strings.Join(codes, " "))
			if len(codes) != 7 || codes[4] != "bad-args" || codes[5] != "bad-args" {
				a.breachf("a time that is negative or no whole number was answered %q", codes)
				return
			}
			for _, i := range []int{1, 3, 6} {
				if b, _ := values[i].([]byte); string(b) != "v" {
					a.breachf("the key has gone")
				}
			}
		}},
		{Name: "205/a number of another power", Tries: "use a request as a program, and what was never opened", attack: func(a *attack) {
			number := func(module, name string, id any, more ...any) use {
				args := map[string]any{"id": id}
				for i := 0; i+1 < len(more); i += 2 {
					args[more[i].(string)] = more[i+1]
				}
				return use{module, name, args}
			}
			uses := []use{fetch("http://" + a.host1() + "/api/x")}
			for _, id := range []any{1, 0, 2, uint64(1<<64 - 1), uint64(1 << 32)} {
				uses = append(uses, number("ambit_exec", "read", id), number("ambit_exec", "wait", id), number("ambit_exec", "kill", id), number("ambit_exec", "write", id, "data", []byte("x")))
				if id != 1 {
					uses = append(uses, number("ambit_http", "read", id), number("ambit_http", "write", id, "data", []byte("x")))
				}
			}
			a.load(attacker, user(manifestOf(attacker, "1s", "http", "exec"), uses...))
			a.allow(entry("url", "http://"+a.host1()+"/api/**", "private", "true"), `{ program = "true" }`)
			a.honest = true
			got, err := a.try()
			a.works(err)
			codes, _ := outcomes(got)
			for i, c := range codes {
				if (c == "") != (i == 0) {
					a.breachf("%s.%s%v was answered %q", uses[i].module, uses[i].name, uses[i].args, c)
				}
			}
			a.happens("bad-args")
		}},
		{Name: "206/a listener that does not listen", Tries: "emit to a page that does not take its events, and wait for it", Child: true, Expect: budgets, attack: func(a *attack) {
			a.load(attacker, user(manifestOf(attacker, short, "emit"), use{"ambit_emit", "emit", map[string]any{"topic": "t"}}))
			a.allow(entry("topic", "*"))
			a.honest = true
			ctx := host.WithChannel(a.ctx, func(ctx context.Context, _ host.Message) error {
				<-ctx.Done()
				return ctx.Err()
			})
			_, err := a.invokeIn(ctx, caller, attacker+".run", pad)
			a.ends(err)
		}},
		{Name: "046/an event now and then", Tries: "keep the caller's page waiting by an event now and then, longer than the call may take", Child: true, Expect: budgets, attack: func(a *attack) {
			g := wasmtest.NewGuest()
			args := packed(map[string]any{"topic": "t"})
			emit := g.Import("ambit_emit", "emit", wasmtest.I32+wasmtest.I32, wasmtest.I32)
			poll := g.Import("wasi_snapshot_preview1", "poll_oneoff", strings.Repeat(wasmtest.I32, 4), wasmtest.I32)
			g.Data(4096, args)
			g.Data(8192, subscription(0, 20e6, false))
			g.Invoke(begin.Loop(code{}.I32(4096).I32(int32(len(args))).Call(emit).Drop().I32(8192).I32(12288).I32(1).I32(16384).Call(poll).Drop()).I32(0))
			a.load(attacker, g.Manifest(manifestOf(attacker, short, "emit")).Bytes())
			a.allow(entry("topic", "*"))
			a.honest = true
			heard := 0
			_, err := a.invokeIn(host.WithChannel(a.ctx, func(context.Context, host.Message) error { heard++; return nil }), caller, attacker+".run", pad)
			a.ends(err)
			a.happens(fmt.Sprintf("%d heard", heard))
		}},
		{Name: "207/calls while it is heard", Tries: "have its events make the app call it, withdraw its permission and unload it", Child: true, Expect: []authority.Code{authority.CodeRevoked, authority.CodeCanceled}, attack: func(a *attack) {
			a.load(attacker, user(manifestOf(attacker, "5s", "emit"), use{"ambit_emit", "emit", map[string]any{"topic": "t"}}, use{"ambit_emit", "emit", map[string]any{"topic": "t"}}))
			id := a.capability("windows = [\"" + window + "\"]\npermissions = [{ identifier = \"" + attacker + ":allow-run\", allow = [" + entry("topic", "*") + "] }]")
			ctx := host.WithChannel(a.ctx, func(context.Context, host.Message) error {
				_, err := a.invoke(caller, attacker+".run", nil)
				a.works(err)
				a.host.Live().Revoke(id)
				return nil
			})
			_, err := a.invokeIn(ctx, caller, attacker+".run", pad)
			a.ends(err)
		}},
		{Name: "208/unloaded while it waits", Tries: "keep its module in the host by waiting in a power", Child: true, Expect: []authority.Code{authority.CodeCanceled}, attack: func(a *attack) {
			a.load(attacker, user(manifestOf(attacker, "5s", "http"), fetch("http://"+a.host1()+"/api/wait")))
			a.allow(entry("url", "http://"+a.host1()+"/api/**", "private", "true"))
			entered := a.host.Stats().Running
			timer := time.AfterFunc(50*time.Millisecond, func() {
				gone, cancel := context.WithCancel(context.Background())
				cancel()
				_ = a.host.Unload(gone, attacker)
			})
			defer timer.Stop()
			_, err := a.try()
			a.ends(err)
			if n := a.host.Stats().Running; n > entered+1 {
				a.breachf("%d calls run", n)
			}
			a.loaded = nil
		}},
		{Name: "209/replaces itself", Tries: "have a function of the app that it calls replace its own module", Child: true, attack: func(a *attack) {
			a.must(a.host.Handle(authority.Manifest{Name: accessory, Version: "1.0.0", Commands: []authority.Command{{Name: "run"}}},
				map[string]host.Func{"run": func(ctx context.Context, _ *host.NativeCall) (any, error) {
					return "replaced", a.host.Load(ctx, attacker, relay(attacker, accessory+".run"))
				}}))
			a.loaded = append(a.loaded, accessory)
			a.load(attacker, relay(attacker, accessory+".run"))
			a.deputies(map[string]string{attacker: accessory + ".run"})
			a.honest = true
			for range 5 {
				got, err := a.try()
				a.works(err)
				if !strings.Contains(fmt.Sprint(got), "replaced") {
					a.breachf("it was answered %v", got)
				}
			}
		}},
		{Name: "210/arguments of a program", Tries: "give a program arguments that its validator does not mean", Expect: []authority.Code{"scope-mismatch", "bad-args"}, attack: func(a *attack) {
			var uses []use
			for _, arg := range []string{"abc\n", "abc\nx", "\nabc", "ABC", "abc\x00", "abc\r", "", "a b", "-abc", "abc;id", "$(id)", "áb"} {
				uses = append(uses, use{"ambit_exec", "start", map[string]any{"program": "true", "args": []any{arg}}})
			}
			for _, args := range [][]any{{}, {"abc", "abc"}, {"abc", ""}} {
				uses = append(uses, use{"ambit_exec", "start", map[string]any{"program": "true", "args": args}})
			}
			for _, program := range []string{"/bin/true", "./true", "TRUE", "true ", "true\x00", "sh", "", "../bin/true"} {
				uses = append(uses, use{"ambit_exec", "start", map[string]any{"program": program, "args": []any{"abc"}}})
			}
			a.load(attacker, user(manifestOf(attacker, "1s", "exec"), uses...))
			a.allow(`{ program = "true", args = [{ validator = "[a-z]+" }] }`)
			a.honest = true
			a.answered(a.try())
		}},
		{Name: "211/a thousand callers", Tries: "have the host keep an instance for each of a thousand callers", Child: true, attack: func(a *attack) {
			g := wasmtest.NewGuest()
			g.Resize(16)
			manifest := strings.Replace(plainManifest, `"abi":1`, `"abi":1,"instance":"caller"`, 1)
			before := a.host.Stats().Kept
			a.load(attacker, g.Invoke(begin.Op(answer...)).Manifest(manifest).Bytes())
			a.capability("windows = [\"*\"]\ninstance = \"caller\"\npermissions = [\"" + attacker + ":allow-run\"]")
			for i := range 1000 {
				_, err := a.invoke(host.Window(fmt.Sprint("w", i)), attacker+".run", pad)
				if code := codeOf(err); err != nil && code != authority.CodeQuota {
					a.works(err)
				}
			}
			kept, most := a.host.Stats().Kept-before, a.limitsOf(attacker).Kept+8 // and those that wait for any caller
			a.happens(fmt.Sprintf("%d MiB kept", kept>>20))
			if kept > most<<20 {
				a.breachf("%d MiB are kept for its callers, more than %d", kept>>20, most)
			}
		}},
		{Name: "212/takes all its slots", Tries: "hold as many calls as it may, so that others get none", Child: true, Expect: []authority.Code{authority.CodeDeadline, authority.CodeQuota}, attack: func(a *attack) {
			a.load(attacker, script(plainManifest, subscription(0, 5e9, false), wasiStep("poll_oneoff", scriptData, outAt, 1, outAt+256)))
			a.allow()
			a.honest = true
			a.atOnce(int(a.limitsOf(attacker).Concurrent)+20, false) // the neighbour is served meanwhile
		}},
		{Name: "213/a folder of its own that is a link", Tries: "have its own folder be a link to one outside", attack: func(a *attack) {
			dir := filepath.Join(a.data, attacker)
			a.must(os.RemoveAll(dir))
			a.must(os.Symlink(a.outside, dir))
			defer func() { _ = os.Remove(dir) }()
			var data []byte
			a.load(attacker, script(fsManifest, data, pathOpen("MODULE/secret", &data, 0, rightRead, outAt)))
			a.load(attacker, script(fsManifest, data, pathOpen("MODULE/secret", new([]byte), 0, rightRead, outAt)))
			a.allow(`{ path = "$MODULE/**" }`)
			got, err := a.try()
			if err != nil {
				a.happens(string(codeOf(err)))
				return
			}
			list, _ := errnos(got, 1)
			a.happens(fmt.Sprintf("errno %v", list))
			if list[0] == 0 {
				a.breachf("it opened a file outside")
			}
		}},
		{Name: "214/a method with a line break", Tries: "put a second request into the method of one", Expect: refusals, attack: func(a *attack) {
			for _, method := range []string{"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET", "GET ", "", "G\x00T", "CONNECT", "PRI"} {
				a.server.take()
				u := fetch("http://" + a.host1() + "/api/x")
				u.args.(map[string]any)["method"] = method
				a.load(attacker, user(httpManifest, u))
				a.allow(entry("url", "http://"+a.host1()+"/api/**", "private", "true"))
				got, err := a.try()
				codes, _ := outcomes(got)
				if asked, _ := a.server.take(); err != nil || len(codes) != 1 || codes[0] == "" && (len(asked) != 1 || asked[0].Method != method && method != "") {
					a.breachf("method %q: %q, %v, %d requests", method, codes, err, len(asked))
				}
				a.happens(strings.Join(codes, " "))
			}
		}},
		{Name: "215/a level that is none", Tries: "log at a level that is none, to have it dropped or taken for another", attack: func(a *attack) {
			body := begin
			for _, level := range []int32{0, 1, 5, 6, 99, -1, 1 << 30} {
				body = body.I32(level).I32(4096).I32(6).Call(wasmtest.Log)
			}
			g := wasmtest.NewGuest()
			g.Data(4096, []byte("levels"))
			a.load(attacker, g.Invoke(body.Op(answer...)).Manifest(plainManifest).Bytes())
			a.allow()
			a.honest = true
			_, err := a.try()
			a.works(err)
		}},
		{Name: "216/two modules wait for each other", Tries: "use up the slots of two modules that call each other", Child: true, Expect: []authority.Code{"quota", "reentrancy-limit", "deadline", "allowed"}, attack: func(a *attack) {
			a.load(accessory, relay(accessory, attacker+".run"))
			a.load(attacker, relay(attacker, accessory+".run"))
			a.deputies(map[string]string{attacker: accessory + ".run", accessory: attacker + ".run"})
			a.honest = true
			n := int(a.limitsOf(attacker).Concurrent)
			var all sync.WaitGroup
			var mu sync.Mutex
			for range n {
				all.Go(func() {
					res, err := a.host.Invoke(a.ctx, caller, attacker+".run", pad)
					mu.Lock()
					defer mu.Unlock()
					a.note(caller, res, err)
					a.ends(err)
				})
			}
			all.Wait()
		}},
	}
}

// get reads a key.
func get(key string) use { return use{"ambit_kv", "get", map[string]any{"key": key}} }
