package hosttest

import (
	"embed"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasm"
)

// testdata are the attackers that have a source beside the binary: "make hostile"
// builds them.
//
//go:embed testdata/*.wasm
var testdata embed.FS

// built is an attacker of testdata, with a manifest.
func (a *attack) built(name, manifest string) []byte {
	bin, err := testdata.ReadFile("testdata/" + name + ".wasm")
	a.must(err)
	bin, err = wasm.SetCustomSection(bin, "ambit", []byte(manifest))
	a.must(err)
	return bin
}

// sources are attacks by modules that are written as text or in C.
func sources() (all []Case) {
	all = []Case{
		{Name: "030/a tower as text", Tries: "make 2^24 calls without a loop, again and again", Child: true, Expect: append(budgets, authority.CodeStackLimit), attack: func(a *attack) {
			a.runs(a.built("030-tower", plainManifest))
		}},
		{Name: "055/a reply that is changed", Tries: "change the bytes of the reply after it was given", attack: func(a *attack) {
			a.load(attacker, a.built("055-changed-reply", plainManifest))
			a.allow()
			got, err := a.try()
			a.works(err)
			if err == nil && got != "good" {
				a.breachf("the reply is %v", got)
			}
		}},
		{Name: "076/state wherever there is some", Tries: "remember that it was called, in all places where a module can", attack: func(a *attack) {
			a.load(attacker, a.built("076-remembers", plainManifest))
			a.capability(`windows = ["` + window + `", "` + window + `-b"]` + "\npermissions = [\"" + attacker + ":allow-run\"]")
			for i := range 6 {
				got, err := a.invoke([]authority.Caller{caller, host.Window(window + "-b")}[i%2], attacker+".run", pad)
				a.works(err)
				if err == nil && got != int64(0) {
					a.breachf("call %d finds something in %v places", i+1, got)
				}
			}
		}},
	}
	for _, c := range []struct {
		row, do, tries string
		expect         []authority.Code
		answer         string
	}{
		{"034", "malloc", "allocate all there is", nil, ""},
		{"032", "recurse", "use up its stack by large frames", []authority.Code{authority.CodeStackLimit, authority.CodeGuestError, authority.CodeDeadline}, ""},
		{"072", "environ", "read the environment of the process", nil, "0"},
		{"112", "files", "open files by fopen", nil, "0000"},
		{"071", "print", "print 100 MB", append(budgets, "allowed"), "printed"},
		{"070", "format", "print what looks like a format, a record, and a command for a terminal", nil, "printed"},
		{"043", "exit", "exit with 0", []authority.Code{authority.CodeBadResult}, ""},
		{"044", "abort", "abort", []authority.Code{authority.CodeGuestError}, ""},
		{"039", "sleep", "sleep for an hour", budgets, ""},
	} {
		all = append(all, Case{
			Name: c.row + "/C, " + c.do, Tries: c.tries + ", in C with a libc", Expect: c.expect, Child: true,
			attack: func(a *attack) {
				a.load(attacker, a.built("034-libc", manifestOf(attacker, "500ms")))
				a.allow()
				a.honest = true
				got, err := a.invoke(caller, attacker+".run", map[string]string{"do": "do=" + c.do, "pad": strings.Repeat("x", 1000)})
				if c.expect != nil {
					a.ends(err)
				} else {
					a.works(err)
				}
				if err == nil && c.answer != "" && got != c.answer {
					a.breachf("it answers %v, want %s", got, c.answer)
				}
			},
		})
	}
	return all
}
