package hosttest

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasi"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// functions are attacks by way of the functions that the host offers: their
// arguments, what they tell, and what they leave behind.
func functions() []Case {
	noPower := []authority.Code{authority.CodeBadResult, authority.CodeGuestError}
	return slices.Concat(unlent(), logs(), numbers(), []Case{
		{Name: "023/another module's name", Tries: "call itself as a neighbour in the name section", attack: named(neighbour)},
		{Name: "023/the host's name", Tries: "call itself as the host's functions in the name section", attack: named("ambit")},
		{Name: "023/the name of WASI", Tries: "call itself as WASI in the name section", attack: named("wasi_snapshot_preview1")},
		{Name: "023/the meter's name", Tries: "call itself as the meter in the name section", attack: named("ambit_meter")},
		{Name: "023/env", Tries: "call itself env in the name section", attack: named("env")},
		{Name: "023/a path", Tries: "call itself a path in the name section", attack: named("../../x")},
		{Name: "023/a name of 1 MiB", Tries: "have a name of 1 MiB in the name section", attack: named(strings.Repeat("n", 1<<20))},
		{Name: "024/replaced while it runs", Tries: "be replaced by another module of its name while calls run", attack: replaced},
		{Name: "028/a file that changes", Tries: "change its file between the check and the load", attack: swappedFile},
		{Name: "050/a file left open", Tries: "return with a file open, and find it in the next call", attack: leftOpen},
		{Name: "052/the request over its own data", Tries: "have the request written over its data and its stack", attack: func(a *attack) {
			a.load(attacker, guest(code{}.I32(0).Call(wasmtest.Request).I32(1020).Call(wasmtest.Request).Op(answer...)))
			a.allow()
			a.honest = true
			_, err := a.try()
			a.works(err)
		}},
		{Name: "055/arguments changed afterwards", Tries: "change the arguments of a power after it was called", attack: changedArgs},
		{Name: "056/memory grown before the result", Tries: "grow the memory between a power and its result", attack: grownBetween},
		{Name: "067/the request twice", Tries: "ask for the request again and again, and for what is not there", attack: func(a *attack) {
			a.load(attacker, guest(code{}.I32(4096).Call(wasmtest.Request).I32(8192).Call(wasmtest.Request).
				// unlike in the first 32 bytes: trap
				I32(4096).Load32().I32(8192).Load32().Op(0x47).If(code{}.Unreachable()).Op(answer...)))
			a.allow()
			a.honest = true
			_, err := a.try()
			a.works(err)
		}},
		{Name: "067/the scope of another command", Tries: "see the scope that another command of the module gets", attack: otherScope},
		{Name: "068/a scope of 5 MB", Tries: "be granted a scope that is larger than a request may be", Expect: []authority.Code{authority.CodeTooLarge}, attack: hugeScope},
		{Name: "069/a Go function panics", Tries: "have a function of the app panic with a secret", Expect: []authority.Code{authority.CodeHostError}, attack: panics},
		{Name: "072/what a process has", Tries: "read arguments, environment, standard input and open folders", attack: processState},
		{Name: "074/a fine clock", Tries: "tell time finer than the limit says", attack: fineClock},
		{Name: "075/denied or missing", Tries: "tell whether a file that it may not see is there", attack: deniedOrMissing},
		{Name: "076/state in a global", Tries: "leave a secret of one caller in a global for the next", attack: stateLeft(code{}.GlobalGet(0), code{}.I32(7).GlobalSet(0))},
		{Name: "076/state in memory", Tries: "leave a secret of one caller in memory for the next", attack: stateLeft(code{}.I32(40000).Load32(), code{}.I32(40000).I32(7).Store32())},
		{Name: "076/state in memory that was grown", Tries: "leave a secret in memory that only a large call has", attack: stateLeft(
			code{}.I32(1).Grow().Drop().I32(3*65536+8).Load32(), code{}.I32(1).Grow().Drop().I32(3*65536+8).I32(7).Store32())},
		{Name: "076/state in a table", Tries: "leave a secret in the length of a table", attack: stateLeft(
			code{}.Op(0xfc, 16, 0).I32(2).Op(0x6b), code{}.TableGrow(7).Drop())},
		{Name: "076/a dropped segment", Tries: "leave a secret in which segments are dropped", attack: droppedSegment},
		{Name: "077/keys of another module", Tries: "read and list the keys of another module", attack: otherKeys},
		{Name: "078/memory of the instance before", Tries: "find what another module left in memory", attack: memoryBefore},
		{Name: "079/more files than it may have", Tries: "open a thousand files", attack: manyFiles},
		{Name: "081/closes what is not its own", Tries: "close, renumber and use descriptors that are not there", attack: strangeDescriptors},
		{Name: "082/denied ten thousand times", Tries: "try what is denied again and again", attack: deniedAgain},
		{Name: "083/audit as a way out", Tries: "put a stolen text into the path of a denied call", attack: auditedText},
		{Name: "084/panics with a slot", Tries: "take the slots of calls by having functions of the app panic", Expect: []authority.Code{authority.CodeHostError}, attack: panicsOften},
		{Name: "073/4 GiB of randomness", Tries: "ask for 4 GiB of randomness at once", Expect: noPower, attack: wasiRefuses(wasiStep("random_get", 0, -1))},
		{Name: "073/more randomness than the limit", Tries: "ask for randomness until the limit", Expect: append(noPower, budgets...), attack: func(a *attack) {
			times := int32(a.limitsOf(neighbour).Random>>15) + 2
			s := wasiStep("random_get", outAt, 1<<15)
			s.times = times
			a.load(attacker, script(manifestOf(attacker, "1s"), nil, s))
			a.allow()
			a.honest = true
			got, err := a.try()
			if err != nil {
				a.ends(err)
				return
			}
			list, _ := errnos(got, 1)
			a.happens(fmt.Sprintf("errno %v", list))
			if list[0] == 0 {
				a.breachf("%d bytes of randomness, more than the limit", int64(times)<<15)
			}
		}},
		{Name: "071/500 GB in one call", Tries: "print 500 GB with one call, of overlapping pieces", Child: true, attack: printFlood},
		{Name: "070/a line of 32 MiB", Tries: "log one line of 32 MiB", Child: true, attack: func(a *attack) {
			a.load(attacker, guest(code{}.I32(600).Grow().Drop().I32(3).I32(0).I32(32<<20).Call(wasmtest.Log).Op(answer...)))
			a.allow()
			a.honest = true
			_, err := a.try()
			a.happens(string(codeOf(err)))
			if n := a.log.size(); n > 4*int(a.limitsOf(attacker).Log)+4096 {
				a.breachf("%d bytes of log", n)
			}
		}},
	})
}

// unlent are all functions of WASI, used by a command that is lent nothing.
func unlent() (all []Case) {
	powerless := []string{ // they are for everybody, and tell nothing and reach nothing: rows 043, 072, 073, 074
		"args_get", "args_sizes_get", "environ_get", "environ_sizes_get", "clock_time_get", "clock_res_get", "random_get", "sched_yield", "poll_oneoff", "proc_exit",
	}
	paths := map[string]int{ // where in the arguments a path is
		"path_create_directory": 1, "path_filestat_get": 2, "path_filestat_set_times": 2, "path_open": 2, "path_remove_directory": 1, "path_rename": 1, "path_unlink_file": 1,
	}
	for _, f := range wasi.Functions() {
		if slices.Contains(powerless, f.Name) {
			continue
		}
		var args []any
		for i, p := range f.Params {
			switch {
			case string(rune(p)) == string(rune(0x7e)):
				args = append(args, int64(1))
			case i == 0:
				fd := 4 // the first descriptor that there could be; 3 is the root, which is empty
				if strings.HasPrefix(f.Name, "path_") {
					fd = 3
				}
				args = append(args, fd)
			default:
				args = append(args, outAt)
			}
		}
		if at, ok := paths[f.Name]; ok {
			args[at], args[at+1] = scriptData, len("MODULE/x")
		}
		all = append(all, Case{
			Name: "018/" + f.Name, Tries: "use a function of WASI that nothing lends", Expect: []authority.Code{authority.CodeBadResult},
			attack: func(a *attack) {
				a.load(attacker, script(plainManifest, []byte("MODULE/x"), step{name: f.Name, args: args}))
				a.allow()
				a.honest = true
				got, err := a.try()
				a.works(err)
				list, _ := errnos(got, 1)
				a.happens(fmt.Sprintf("errno %v", list))
				if err == nil && list[0] == 0 {
					a.breachf("it was answered with success")
				}
			},
		})
	}
	return all
}

// logs are texts that want to look like something else in a log.
func logs() (all []Case) {
	for _, l := range []struct{ name, text string }{
		{"a line of its own", "x\n{\"@level\":\"error\",\"@message\":\"forged\"}\n"},
		{"escape sequences", "\x1b]52;c;cm0gLXJm\x07\x1b[2J\x1b[31mred"},
		{"carriage return", "good\rbad"},
		{"right to left", "exe.\u202etxt\u2066"},
		{"NUL", "a\x00b"},
		{"not UTF-8", "\xff\xfe\xc3("},
		{"line separators", "a\u2028b\u2029c\u0085d"},
		{"a tag", "a\U000e0041b\ufeff"},
	} {
		for _, stream := range []string{"log", "stdout", "stderr", "error"} {
			all = append(all, Case{
				Name: "070/" + l.name + " in " + stream, Tries: "write to the log what looks like something else",
				Expect: []authority.Code{attacker + ".x"},
				attack: func(a *attack) { a.prints(stream, l.text) },
			})
		}
	}
	return all
}

// prints has the attacker log or print a text, or fail with it. The log is looked at
// after each case.
func (a *attack) prints(stream, text string) {
	const at = 4096
	g := wasmtest.NewGuest()
	g.Data(at, []byte(text))
	switch stream {
	case "log":
		g.Invoke(begin.I32(3).I32(at).I32(int32(len(text))).Call(wasmtest.Log).Op(answer...))
	case "error":
		reply := slices.Concat([]byte("\x81\xa3err\x82\xa4code\xa1x\xa7message\xd9"), []byte{byte(len(text))}, []byte(text))
		g.Data(at, reply)
		g.Invoke(begin.I32(at).I32(int32(len(reply))).Call(wasmtest.Reply).I32(0))
	default:
		fd := int32(1)
		if stream == "stderr" {
			fd = 2
		}
		write := g.Import("wasi_snapshot_preview1", "fd_write", strings.Repeat(wasmtest.I32, 4), wasmtest.I32)
		g.Data(2048, binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, at), uint32(len(text))))
		g.Invoke(begin.I32(fd).I32(2048).I32(1).I32(2056).Call(write).Drop().Op(answer...))
	}
	a.load(attacker, g.Manifest(plainManifest).Bytes())
	a.allow()
	a.honest = true
	_, err := a.try()
	if stream == "error" && codeOf(err) != authority.CodeBadResult { // which a text that is not UTF-8 is
		a.ends(err)
	} else {
		a.happens(string(codeOf(err)))
	}
}

// numbers are pointers and lengths that no memory has, in each function of the ABI.
func numbers() (all []Case) {
	bad := []authority.Code{authority.CodeBadResult, authority.CodeOutputLimit, authority.CodeTooLarge}
	for _, n := range []struct {
		name    string
		ptr, ln int32
	}{
		{"all ones", -1, -1}, {"sum overflows", -16, 32}, {"past the end", 65536, 1}, {"last byte", 65535, 2}, {"negative length", 0, -1}, {"sign bit", -1 << 31, 1 << 30},
	} {
		for f, body := range map[string]code{
			"reply":   code{}.I32(n.ptr).I32(n.ln).Call(wasmtest.Reply),
			"log":     code{}.I32(3).I32(n.ptr).I32(n.ln).Call(wasmtest.Log),
			"request": code{}.I32(n.ptr).Call(wasmtest.Request),
		} {
			if f == "request" && n.name == "negative length" {
				continue
			}
			all = append(all, Case{
				Name: "053/" + f + ", " + n.name, Tries: "point to where there is no memory", Expect: bad,
				attack: func(a *attack) {
					a.runs(guest(body.Op(answer...)))
					a.said("outside the memory", "more than the")
				},
			})
		}
		all = append(all, Case{
			Name: "053/power, " + n.name, Tries: "point to where there is no memory, as arguments of a power", Expect: bad,
			attack: func(a *attack) {
				g := wasmtest.NewGuest()
				f := g.Import("ambit_env", "get", wasmtest.I32+wasmtest.I32, wasmtest.I32)
				g.Invoke(begin.I32(n.ptr).I32(n.ln).Call(f).Drop().Op(answer...))
				a.runs(g.Manifest(manifestOf(attacker, short, "env")).Bytes())
				a.said("outside the memory", "more than the")
			},
		}, Case{
			Name: "053/fd_write, " + n.name, Tries: "point to where there is no memory, in what is printed", Expect: bad,
			attack: func(a *attack) {
				ptr := int(n.ptr)
				if ptr >= 65535 {
					ptr += 3 << 16 // a script has four pages
				}
				iovec := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, uint32(ptr)), uint32(n.ln))
				steps := []step{wasiStep("fd_write", 1, scriptData, 1, outAt)} // a piece that is not there
				if ptr != 0 {
					steps = append(steps, wasiStep("fd_write", 1, ptr, 1, outAt), wasiStep("fd_write", 1, scriptData+8, 1, ptr)) // nor are the pieces, or the answer
				} else {
					steps = append(steps, wasiStep("fd_write", 1, scriptData, int(n.ln), outAt)) // nor are as many
				}
				a.load(attacker, script(plainManifest, append(iovec, make([]byte, 8)...), steps...))
				a.allow()
				a.honest = true
				got, err := a.try()
				if err != nil {
					a.ends(err)
					return
				}
				list, _ := errnos(got, len(steps))
				a.happens(fmt.Sprintf("errno %v", list))
				if slices.Contains(list, 0) {
					a.breachf("it printed, or answered, where there is no memory: %v", list)
				}
			},
		})
	}
	slices.SortFunc(all, func(a, b Case) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// named loads a module with a name section: the name counts for nothing.
func named(name string) func(*attack) {
	return func(a *attack) {
		g := wasmtest.NewGuest().Invoke(begin.Op(answer...)).Manifest(plainManifest)
		g.Custom("name", wasmtest.Section(nil, 0, wasmtest.Name(nil, name)))
		a.load(attacker, g.Bytes())
		a.load(accessory, wasmtest.Echo(wasmtest.Manifest(accessory, "run"))) // links to the host, not to the attacker
		a.allow()
		a.capability(`windows = ["` + window + `"]` + "\npermissions = [\"" + accessory + ":allow-run\"]")
		a.honest = true
		_, err := a.try()
		a.works(err)
		if got, err := a.invoke(caller, accessory+".run", nil); err != nil || got == nil {
			a.breachf("another module is answered %v, %v", got, err)
		}
	}
}

// replaced loads two modules of the same name in turns, while calls run: each call
// is answered by one of them.
func replaced(a *attack) {
	bin := func(n byte) []byte { return wasmtest.Answer(plainManifest, []byte{0x81, 0xa2, 'o', 'k', n}) }
	a.load(attacker, bin(1))
	a.allow()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 20 {
			if err := a.host.Load(a.ctx, attacker, bin(byte(1+i%2))); err != nil {
				a.breachf("loading it again: %v", err)
			}
		}
	}()
	for calls := 0; ; calls++ {
		select {
		case <-done:
			a.happens(fmt.Sprintf("%d calls", calls))
			return
		default:
		}
		if got, err := a.try(); err != nil || got != int64(1) && got != int64(2) {
			a.breachf("answered %v, %v", got, err)
			<-done
			return
		}
	}
}

// swappedFile reads a module while another process swaps the file: what is loaded is
// what was read, once.
func swappedFile(a *attack) {
	good, bad := wasmtest.Answer(plainManifest, []byte{0x81, 0xa2, 'o', 'k', 1}), guest(code{}.Unreachable())
	file := filepath.Join(a.dir, "swapped.wasm")
	a.must(os.WriteFile(file, good, 0o600))
	defer func() { _ = os.Remove(file) }()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			next := file + ".next"
			_ = os.WriteFile(next, [][]byte{bad, good}[i%2], 0o600)
			_ = os.Rename(next, file)
		}
	}()
	defer func() { close(stop); <-stopped; _ = os.Remove(file + ".next") }()
	for range 30 {
		bin, err := host.ReadModule(os.DirFS(a.dir), "swapped.wasm", a.limitsOf(neighbour).ModuleSize)
		a.must(err)
		if !bytes.Equal(bin, good) && !bytes.Equal(bin, bad) {
			a.breachf("read half of one file and half of another")
			continue
		}
		a.load(attacker, bin)
		a.allow()
		_, err = a.try()
		if (err == nil) != bytes.Equal(bin, good) {
			a.breachf("what runs is not what was read: %v", err)
		}
	}
	a.happens("what was read")
}

// ownFolder makes the attacker's own folder, as $MODULE, with files in it.
func (a *attack) ownFolder(files map[string]string) {
	for name, text := range files {
		file := filepath.Join(a.data, attacker, filepath.FromSlash(name))
		a.must(os.MkdirAll(filepath.Dir(file), 0o700))
		a.must(os.WriteFile(file, []byte(text), 0o600))
	}
}

var fsManifest = manifestOf(attacker, "1s", "fs.read", "fs.write")

// pathOpen opens a path of the data for reading, or with flags.
func pathOpen(path string, data *[]byte, flags int, rights int64, out int) step {
	at := scriptData + len(*data)
	*data = append(*data, path...)
	return wasiStep("path_open", 3, 0, at, len(path), flags, rights, int64(0), 0, out)
}

// The rights and flags of path_open.
const (
	rightRead  = int64(1 << 1)
	rightWrite = int64(1 << 6)
	flagCreate = 1
	flagTrunc  = 8
)

func leftOpen(a *attack) {
	a.ownFolder(map[string]string{"f": "text"})
	var data []byte
	open := pathOpen("MODULE/f", &data, 0, rightRead, outAt)
	iovec := scriptData + 1024
	full := append(data, make([]byte, 1024-len(data))...)
	full = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(full, outAt+64), 16)
	// The first steps read what an earlier call may have left open.
	a.load(attacker, script(fsManifest, full, wasiStep("fd_read", 3, iovec, 1, outAt+32), wasiStep("fd_read", 4, iovec, 1, outAt+32), wasiStep("fd_read", 5, iovec, 1, outAt+32), open))
	a.allow(entry("path", "$MODULE/**"))
	a.honest = true
	for range 3 {
		got, err := a.try()
		a.works(err)
		list, _ := errnos(got, 4)
		a.happens(fmt.Sprintf("errno %v", list))
		if err == nil && (list[1] == 0 || list[2] == 0) {
			a.breachf("a file of an earlier call is still open: %v", list)
		}
		if err == nil && list[3] != 0 {
			a.breachf("control: the file does not open: %v", list)
		}
	}
}

// changedArgs sets a key, then writes over the arguments: the value is that of the
// call.
func changedArgs(a *attack) {
	g := wasmtest.NewGuest()
	set := g.Import("ambit_kv", "set", wasmtest.I32+wasmtest.I32, wasmtest.I32)
	get := g.Import("ambit_kv", "get", wasmtest.I32+wasmtest.I32, wasmtest.I32)
	setArgs, getArgs := packed(map[string]any{"key": "k", "value": []byte("before")}), packed(map[string]any{"key": "k"})
	g.Data(4096, setArgs)
	g.Data(5120, getArgs)
	g.Data(8188, []byte("\x81\xa2ok"))
	g.Invoke(begin.I32(4096).I32(int32(len(setArgs))).Call(set).Drop().
		I32(4096).I32('x').I32(int32(len(setArgs))).Op(0xfc, 11, 0).
		I32(5120).I32(int32(len(getArgs))).Call(get).Set(1).I32(8192).Call(wasmtest.Result).
		I32(8188).Get(1).I32(4).Add().Call(wasmtest.Reply).I32(0))
	a.load(attacker, g.Manifest(manifestOf(attacker, "1s", "kv.read", "kv.write")).Bytes())
	a.allow(entry("key", "*"))
	a.honest = true
	got, err := a.try()
	a.works(err)
	m, _ := got.(map[string]any)
	if err == nil && fmt.Sprintf("%s", m["ok"]) != "before" {
		a.breachf("the value is %q", m["ok"])
	}
}

func grownBetween(a *attack) {
	g := wasmtest.NewGuest()
	get := g.Import("ambit_env", "get", wasmtest.I32+wasmtest.I32, wasmtest.I32)
	args := packed(map[string]any{"var": "HOSTTEST_PUBLIC"})
	g.Data(4096, args)
	g.Invoke(begin.I32(4096).I32(int32(len(args))).Call(get).Set(1).I32(1).Grow().Drop().
		I32(65536 + 4).Call(wasmtest.Result).I32(65536).I32(0x6b6fa281).Store32().
		I32(65536).Get(1).I32(4).Add().Call(wasmtest.Reply).I32(0))
	a.load(attacker, g.Manifest(manifestOf(attacker, "1s", "env")).Bytes())
	a.allow(entry("var", "HOSTTEST_PUBLIC"))
	a.honest = true
	got, err := a.try()
	a.works(err)
	if m, _ := got.(map[string]any); err == nil && m["ok"] != "public" {
		a.breachf("the result is %v", got)
	}
}

// otherScope shows the attacker its request: the scope of another command is not in
// it.
func otherScope(a *attack) {
	manifest := strings.Replace(wasmtest.Manifest(attacker, "run", "other"), `]}`, `],"scope":`+scopeSchema+`}`, 1)
	a.load(attacker, wasmtest.Echo(manifest))
	a.capability(`windows = ["` + window + `"]
permissions = [{ identifier = "` + attacker + `:allow-run", allow = [{ own = "mine" }] }, { identifier = "` + attacker + `:allow-other", allow = [{ own = "` + a.secret + `" }] }]`)
	got, err := a.invoke(caller, attacker+".run", nil)
	a.works(err)
	if text := fmt.Sprint(got); err == nil && !strings.Contains(text, "mine") {
		a.breachf("its own scope is not in the request: %s", text)
	}
	_, err = a.host.Invoke(a.ctx, caller, attacker+".other", nil) // control, which the search for secrets would find
	a.codes = append(a.codes, codeOf(err))
}

func hugeScope(a *attack) {
	a.load(attacker, guest(answer))
	entries := make([]string, 60_000)
	for i := range entries {
		entries[i] = fmt.Sprintf("{ own = \"%0100d\" }", i)
	}
	_, err := a.grant("identifier = \"hosttest-huge\"\nwindows = [\"" + window + "\"]\npermissions = [{ identifier = \"" + attacker + ":allow-run\", allow = [" + strings.Join(entries, ",\n") + "] }]\n")
	if err != nil {
		a.happens("refused as policy")
		return
	}
	for _, g := range a.host.Live().List() {
		if g.Capability.Identifier == "hosttest-huge" {
			a.grants = append(a.grants, g.ID)
		}
	}
	_, err = a.try()
	a.ends(err)
}

// panics has a function of the app panic with a secret in its text: the caller does
// not read it, the operator does.
func panics(a *attack) {
	const secret = "panicking-4f1d"
	a.must(a.host.Handle(authority.Manifest{Name: accessory, Version: "1.0.0", Commands: []authority.Command{{Name: "run"}}},
		map[string]host.Func{"run": func(context.Context, *host.NativeCall) (any, error) { panic(secret) }}))
	a.loaded = append(a.loaded, accessory)
	a.capability("windows = [\"" + window + "\"]\npermissions = [\"" + accessory + ":allow-run\"]")
	_, err := a.invoke(caller, accessory+".run", nil)
	a.ends(err)
	if strings.Contains(strings.Join(a.seen, " "), secret) {
		a.breachf("the caller reads the text of a panic")
	}
}

func panicsOften(a *attack) {
	a.must(a.host.Handle(authority.Manifest{Name: accessory, Version: "1.0.0", Commands: []authority.Command{{Name: "run"}}},
		map[string]host.Func{"run": func(_ context.Context, c *host.NativeCall) (any, error) {
			if c.Args != nil {
				panic("x")
			}
			return "fine", nil
		}}))
	a.loaded = append(a.loaded, accessory)
	a.capability("windows = [\"" + window + "\"]\npermissions = [\"" + accessory + ":allow-run\"]\nlimits = { concurrent = 2 }")
	for range 400 { // more than any limit of calls at a time
		_, err := a.invoke(caller, accessory+".run", pad)
		a.ends(err)
	}
	if got, err := a.invoke(caller, accessory+".run", map[string]any{}); codeOf(err) != authority.CodeHostError && got != "fine" {
		a.breachf("afterwards: %v, %v", got, err)
	}
}

func processState(a *attack) {
	iovec := binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, outAt+256), 64)
	a.load(attacker, script(plainManifest, iovec,
		wasiStep("args_sizes_get", outAt, outAt+4), wasiStep("environ_sizes_get", outAt+8, outAt+12),
		wasiStep("fd_read", 0, scriptData, 1, outAt+16), wasiStep("fd_prestat_get", 4, outAt+64), wasiStep("fd_readdir", 3, outAt+64, 1024, int64(0), outAt+20)))
	a.allow()
	a.honest = true
	got, err := a.try()
	a.works(err)
	list, out := errnos(got, 5)
	a.happens(fmt.Sprintf("errno %v", list))
	if err != nil {
		return
	}
	for i, what := range []string{"arguments", "bytes of arguments", "variables", "bytes of variables", "bytes of standard input", "bytes of the names in its root"} {
		if n := binary.LittleEndian.Uint32(out[4*i:]); n != 0 {
			a.breachf("it has %d %s", n, what)
		}
	}
	if list[3] == 0 {
		a.breachf("it has a second folder open: %v", list)
	}
}

func fineClock(a *attack) {
	var steps []step
	for i := range 64 {
		steps = append(steps, wasiStep("clock_time_get", i%2, int64(1), outAt+8*i))
	}
	a.load(attacker, script(plainManifest, nil, steps...))
	a.allow()
	a.honest = true
	got, err := a.try()
	a.works(err)
	_, out := errnos(got, 64)
	least := uint64(a.limitsOf(attacker).Clock)
	a.happens(fmt.Sprintf("multiples of %v", time.Duration(least)))
	for i := range 64 {
		if err == nil && binary.LittleEndian.Uint64(out[8*i:])%least != 0 {
			a.breachf("the clock shows %d ns", binary.LittleEndian.Uint64(out[8*i:]))
		}
	}
}

func deniedOrMissing(a *attack) {
	a.ownFolder(map[string]string{"open/f": "text", "closed/there": "text"})
	var data []byte
	stat := func(path string) step {
		at := scriptData + len(data)
		data = append(data, path...)
		return wasiStep("path_filestat_get", 3, 0, at, len(path), outAt)
	}
	steps := []step{
		stat("MODULE/open/f"), stat("MODULE/closed/there"), stat("MODULE/closed/missing"), stat("MODULE/none/missing"), stat("OTHER/x"),
		pathOpen("MODULE/closed/there", &data, 0, rightRead, outAt), pathOpen("MODULE/closed/missing", &data, 0, rightRead, outAt),
	}
	a.load(attacker, script(fsManifest, data, steps...))
	a.allow(entry("path", "$MODULE/open/**"))
	a.honest = true
	got, err := a.try()
	a.works(err)
	list, _ := errnos(got, len(steps))
	a.happens(fmt.Sprintf("errno %v", list))
	if err != nil {
		return
	}
	if list[0] != 0 {
		a.breachf("control: what is in the scope answers errno %d", list[0])
	}
	if list[1] == 0 || list[1] != list[2] || list[1] != list[3] || list[1] != list[4] || list[5] != list[6] || list[5] == 0 {
		a.breachf("a file that is there answers otherwise than one that is not: errno %v", list)
	}
}

// stateLeft has one caller leave something and another one look for it.
func stateLeft(look, leave code) func(*attack) {
	return func(a *attack) {
		g := wasmtest.NewGuest()
		g.Resize(3)
		g.Global(0)
		g.Table(2)
		a.load(attacker, g.Invoke(begin.Op(look...).Set(1).Op(leave...).Op(counted...)).Manifest(plainManifest).Bytes())
		a.capability(`windows = ["` + window + `", "` + window + `-b"]` + "\npermissions = [\"" + attacker + ":allow-run\"]")
		a.honest = true
		for i := range 6 {
			who := []authority.Caller{caller, host.Window(window + "-b")}[i%2]
			got, err := a.invoke(who, attacker+".run", pad)
			a.works(err)
			if err == nil && got != int64(0) {
				a.breachf("call %d finds %v of the one before", i, got)
			}
		}
	}
}

func droppedSegment(a *attack) {
	g := wasmtest.NewGuest()
	g.Passive([]byte("text"))
	// memory.init traps if the segment is dropped
	a.load(attacker, g.Invoke(begin.I32(4096).I32(0).I32(4).Op(0xfc, 8, 0, 0).Op(0xfc, 9, 0).Op(answer...)).Manifest(plainManifest).Bytes())
	a.allow()
	a.honest = true
	for range 4 {
		_, err := a.try()
		a.works(err)
	}
}

func otherKeys(a *attack) {
	set := user(manifestOf(accessory, "1s", "kv.write"), use{"ambit_kv", "set", map[string]any{"key": "secret", "value": []byte(a.secret)}})
	a.load(accessory, set)
	a.capability("windows = [\"" + window + "\"]\npermissions = [{ identifier = \"" + accessory + ":allow-run\", allow = [{ key = \"*\" }] }]")
	_, err := a.invoke(caller, accessory+".run", pad)
	a.must(err)
	var uses []use
	keys := []string{"secret", accessory + "/secret", "../" + accessory + "/secret", "../v/" + accessory + "/secret", accessory + "\x00secret", "/secret"}
	for _, key := range keys {
		uses = append(uses, use{"ambit_kv", "get", map[string]any{"key": key}})
	}
	for _, prefix := range []string{"", "..", "../" + accessory, "s"} {
		uses = append(uses, use{"ambit_kv", "list", map[string]any{"prefix": prefix, "values": true}})
	}
	uses = append(uses, use{"ambit_kv", "cas", map[string]any{"key": "secret", "old": []byte(a.secret), "value": []byte("x")}})
	a.load(attacker, user(manifestOf(attacker, "1s", "kv.read", "kv.write"), uses...))
	a.allow(entry("key", "*"))
	a.honest = true
	got, err := a.try()
	a.works(err)
	codes, values := outcomes(got)
	a.happens(fmt.Sprintf("%d answers", len(codes)))
	for i, v := range values {
		found, _ := v.(map[string]any)
		if codes[i] == "" && (v == true || i < len(keys) && v != nil || strings.Contains(fmt.Sprint(found["entries"]), "secret")) {
			a.breachf("%s %v found %v", uses[i].name, uses[i].args, v)
		}
	}
	// Control: the module itself finds its key.
	a.load(accessory, user(manifestOf(accessory, "1s", "kv.read", "kv.write"), use{"ambit_kv", "cas", map[string]any{"key": "secret", "old": []byte(a.secret), "value": nil}}))
	got, err = a.invoke(caller, accessory+".run", pad)
	if _, values := outcomes(got); err != nil || len(values) != 1 || values[0] != true {
		a.breachf("control: %v, %v", got, err)
	}
}

// memoryBefore writes a text all over the memory of one module, unloads it, and has
// another one with as much memory look for it.
func memoryBefore(a *attack) {
	const pages = 64
	writer := wasmtest.NewGuest()
	writer.Resize(2)
	a.load(accessory, writer.Invoke(code{}.I32(pages).Grow().Drop().I32(4096).I32('S').I32(pages<<16).Op(0xfc, 11, 0).Op(answer...)).Manifest(wasmtest.Manifest(accessory, "run")).Bytes())
	a.capability("windows = [\"" + window + "\"]\npermissions = [\"" + accessory + ":allow-run\"]")
	for range 4 {
		_, err := a.invoke(caller, accessory+".run", nil)
		a.works(err)
	}
	looker := wasmtest.NewGuest()
	looker.Resize(2)
	// local 1 walks from 4096 on: trap at a byte that is not zero
	look := code{}.I32(pages).Grow().Drop().I32(4096).Set(1).Op(0x02, 0x40).Loop(
		code{}.Get(1).I32((pages+1)<<16).Op(0x4f).Op(0x0d, 1).Get(1).Load32().If(code{}.Unreachable()).Get(1).I32(4).Add().Set(1)).Op(0x0b)
	a.load(attacker, looker.Invoke(begin.Op(look...).Op(answer...)).Manifest(manifestOf(attacker, "1s")).Bytes())
	a.allow()
	a.honest = true
	for range 4 {
		_, err := a.try()
		a.works(err)
	}
}

func manyFiles(a *attack) {
	a.ownFolder(map[string]string{"f": "text"})
	var data []byte
	s := pathOpen("MODULE/f", &data, 0, rightRead, outAt)
	s.times = int32(a.limitsOf(neighbour).OpenFiles) + 100
	a.load(attacker, script(fsManifest, data, s, wasiStep("fd_close", 5), pathOpen("MODULE/f", &data, 0, rightRead, outAt)))
	a.allow(entry("path", "$MODULE/**"))
	a.honest = true
	got, err := a.try()
	a.works(err)
	list, _ := errnos(got, 3)
	a.happens(fmt.Sprintf("errno %v", list))
	if err == nil && list[0] == 0 {
		a.breachf("it has %d files open", s.times)
	}
}

func strangeDescriptors(a *attack) {
	steps := []step{
		wasiStep("fd_renumber", 0, 3), wasiStep("fd_renumber", 3, 1), wasiStep("fd_close", -1), wasiStep("fd_close", 1<<31-1), wasiStep("fd_close", -1<<31), wasiStep("fd_close", 77),
		wasiStep("fd_seek", 1<<31-1, int64(-1), 0, outAt), wasiStep("fd_pread", -1, scriptData, 1, int64(-1), outAt), wasiStep("fd_readdir", -1, outAt, 64, int64(-1), outAt+64),
		wasiStep("fd_prestat_dir_name", -1, outAt, 64), wasiStep("sock_shutdown", -1, 3), wasiStep("fd_filestat_set_size", -1, int64(-1)), wasiStep("fd_allocate", -1, int64(-1), int64(-1)),
	}
	a.load(attacker, script(plainManifest, nil, append(steps,
		wasiStep("fd_close", 0), wasiStep("fd_close", 0), wasiStep("fd_close", 1), wasiStep("fd_close", 2), wasiStep("fd_write", 1, scriptData, 0, outAt))...))
	a.allow()
	a.honest = true
	got, err := a.try()
	a.works(err)
	list, _ := errnos(got, len(steps))
	a.happens(fmt.Sprintf("errno %v", list))
	for i, e := range list {
		if e == 0 {
			a.breachf("%s%v succeeded", steps[i].name, steps[i].args)
		}
	}
}

// deniedAgain tries what is denied so often that a record of each would be a flood.
func deniedAgain(a *attack) {
	args := packed(map[string]any{"var": "HOSTTEST_CANARY"})
	g := wasmtest.NewGuest()
	get := g.Import("ambit_env", "get", wasmtest.I32+wasmtest.I32, wasmtest.I32)
	g.Data(4096, args)
	again := code{}.I32(10_000).Set(1).Op(0x03, 0x40).I32(4096).I32(int32(len(args))).Call(get).Drop().Get(1).I32(1).Op(0x6b, 0x22, 1, 0x0d, 0, 0x0b)
	a.load(attacker, g.Invoke(begin.Op(again...).Op(answer...)).Manifest(manifestOf(attacker, "1s", "env")).Bytes())
	a.allow(entry("var", "HOSTTEST_PUBLIC"))
	a.honest = true
	_, err := a.try()
	a.works(err)
	r := a.sink.last()
	a.happens(fmt.Sprintf("%d refusals in one record", r.RefusedAll))
	if err == nil && (r.RefusedAll != 10_000 || len(r.Refused) > 16) {
		a.breachf("the record has %d refusals, and says %d", len(r.Refused), r.RefusedAll)
	}
	if n := a.log.size(); n > 64<<10 {
		a.breachf("%d bytes of log", n)
	}
}

func auditedText(a *attack) {
	long := strings.Repeat("stolen\x1b[1m\n", 1000)
	a.load(attacker, user(manifestOf(attacker, "1s", "kv.read", "http", "exec", "invoke", "emit"),
		use{"ambit_kv", "get", map[string]any{"key": long}}, use{"ambit_http", "fetch", map[string]any{"method": "GET", "url": "http://127.0.0.1/" + long}},
		use{"ambit_exec", "start", map[string]any{"program": long}}, use{"ambit_call", "invoke", map[string]any{"command": long}},
		use{"ambit_emit", "emit", map[string]any{"topic": long}}))
	a.allow(entry("key", "a"), entry("url", "https://example.com/*"), entry("program", "x"), entry("invoke", "x.y"), entry("topic", "x"))
	a.honest = true
	got, err := a.try()
	a.works(err)
	if codes, _ := outcomes(got); err == nil && slices.Contains(codes, "") {
		a.breachf("something of it was lent: %q", codes)
	}
	r := a.sink.last()
	for _, refused := range r.Refused {
		if len(refused.Asked) > 512 || len(refused.Missing) > 1024 {
			a.breachf("the record has a text of %d bytes", max(len(refused.Asked), len(refused.Missing)))
		}
	}
}

func printFlood(a *attack) {
	// 60 000 pieces, each of them most of the memory.
	g := wasmtest.NewGuest()
	write := g.Import("wasi_snapshot_preview1", "fd_write", strings.Repeat(wasmtest.I32, 4), wasmtest.I32)
	g.Resize(16)
	fill := code{}.I32(60_000).Set(1).Op(0x03, 0x40).Get(1).I32(3).Op(0x74).I32(0xf0000).Op(0x36, 2).Op(wasmtest.U32(nil, 65540)...).
		Get(1).I32(1).Op(0x6b, 0x22, 1, 0x0d, 0, 0x0b)
	a.load(attacker, g.Invoke(begin.Op(fill...).I32(1).I32(65536).I32(60_000).I32(16).Call(write).Drop().Op(answer...)).Manifest(plainManifest).Bytes())
	a.allow()
	a.honest = true
	_, err := a.try()
	a.happens(string(codeOf(err)))
	if n := a.log.size(); n > 4*int(a.limitsOf(attacker).Log)+4096 {
		a.breachf("%d bytes of log", n)
	}
}
