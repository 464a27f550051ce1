package authority_test

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
)

// onDisk is a policy whose capabilities are files.
type onDisk struct {
	fsys    fstest.MapFS
	modules map[string]acl.Module
	options acl.Options
}

const second = 1_000_000_000

// write puts a policy's capabilities into files, the odd ones as JSON.
func write(t *testing.T, p authority.Policy) onDisk {
	t.Helper()
	disk := onDisk{fstest.MapFS{}, map[string]acl.Module{}, acl.Options{Platform: p.Platform}}
	app := "[app]\ncapabilities = []\n[dirs]\nHOME = 'home'\n"
	for _, m := range p.Manifests {
		disk.modules[m.Name] = acl.Module{Manifest: m, Native: true, Invalid: m.Invalid}
		app += "[[module]]\nname = '" + m.Name + "'\n"
	}
	disk.fsys["ambit.toml"] = &fstest.MapFile{Data: []byte(app)}
	for i, k := range p.Capabilities {
		file := fmt.Sprintf("capabilities/%d.%s", i, []string{"toml", "json"}[i%2])
		disk.apply(t, []authority.Edit{{Kind: authority.EditCreateCapability, Position: authority.Position{File: file}, Capability: &k}})
	}
	return disk
}

// apply makes changes in the files, and returns their texts.
func (disk onDisk) apply(t *testing.T, changes []authority.Edit) string {
	t.Helper()
	out, err := acl.Apply(disk.fsys, changes)
	if err != nil {
		t.Fatalf("%+v: %v", changes, err)
	}
	var text strings.Builder
	for name, data := range out {
		disk.fsys[name] = &fstest.MapFile{Data: data}
		text.Write(data)
	}
	return text.String()
}

// load reads the policy back.
func (disk onDisk) load(t *testing.T) *authority.Authority {
	t.Helper()
	app, problems := acl.Load(disk.fsys, disk.options)
	p, more := app.Policy(disk.modules)
	a, last := authority.New(p)
	if err := slices.Concat(problems, more, last).Err(); err != nil {
		t.Fatal(err)
	}
	return a
}

// TestRemediesHelp makes the changes that would allow a call in the files of
// random policies, loads them and asks again. What grants allows nobody in
// another window.
func TestRemediesHelp(t *testing.T) {
	helped, codes, hopeless := map[authority.EditKind]int{}, map[authority.Code]int{}, 0
	eachPolicy(t, 600, func(g generator, _ uint64, p authority.Policy, _ *authority.Authority) {
		disk := write(t, p)
		before := disk.load(t)
		for range 4 {
			req := g.request()
			req.Now, req.Spent = 15*second, nil
			d := before.Decide(req)
			changes := d.Edits()
			if changes == nil {
				if d.Allowed() {
					continue
				}
				if r := d.Remedy(); !strings.Contains("\n"+r, "\nno ") && !strings.HasPrefix(r, "call ") && !strings.HasPrefix(r, "in ambit.toml") {
					t.Errorf("%s\nno changes, but a remedy: %s", d.Explain(), r)
				}
				hopeless++
				continue
			}
			changed := onDisk{maps.Clone(disk.fsys), disk.modules, disk.options}
			text := changed.apply(t, changes)
			after := changed.load(t)
			if now := after.Decide(req); !now.Allowed() {
				t.Errorf("%s\nremedy: %s\nthen %s", d.Explain(), d.Remedy(), now.Explain())
			}
			helped[changes[0].Kind]++
			codes[d.Code()+authority.Code(path.Ext(changes[0].File))]++
			if c := changes[len(changes)-1]; len(changes) == 1 && c.Kind != authority.EditRemoveEntry && c.Kind != authority.EditExpires {
				wantNoOther(t, g, before, after, req, d)
			}
			wantLines(t, d.Remedy(), text)
		}
	})
	for _, kind := range []authority.EditKind{authority.EditAddEntry, authority.EditRemoveEntry, authority.EditExpires, authority.EditCreateCapability} {
		if helped[kind] < 5 && !testing.Short() {
			t.Errorf("%d changes of kind %d helped", helped[kind], kind)
		}
	}
	for _, code := range []authority.Code{
		"not-granted.toml", "origin-mismatch.toml", "window-mismatch.toml", "denied-by-rule.toml", "expired.toml", "denied-by-rule.json", "expired.json",
	} {
		if codes[code] == 0 && !testing.Short() {
			t.Errorf("nothing was %s and could be helped", code)
		}
	}
	if hopeless == 0 {
		t.Error("every call could be helped")
	}
}

// wantLines checks that the lines that a remedy wants added are those that the
// changes add. (In JSON they may differ in spaces.)
func wantLines(t *testing.T, remedy, text string) {
	t.Helper()
	plain := func(s string) string { return strings.NewReplacer(" ", "", "\n", "").Replace(s) }
	for line := range strings.Lines(remedy) {
		if body, ok := strings.CutPrefix(line, "  "); ok && !strings.Contains(plain(text), strings.TrimSuffix(plain(body), ",")) {
			t.Errorf("%s\nwhich does not stand in\n%s", remedy, text)
		}
	}
}

// wantNoOther checks that a remedy for one caller allows no other window, and
// no module.
func wantNoOther(t *testing.T, g generator, before, after *authority.Authority, req authority.Request, d authority.Decision) {
	t.Helper()
	for range 5 {
		other := req
		other.Caller = g.caller()
		if c := other.Caller; c.Window == req.Caller.Window || c.Webview == req.Caller.Window || c.Window == req.Caller.Webview || c.Webview == req.Caller.Webview || c.Origin.Module() != "" && c.Origin.Module() == req.Caller.Origin.Module() {
			continue
		}
		if after.Decide(other).Allowed() && !before.Decide(other).Allowed() {
			t.Errorf("%s\nthe remedy also allows %s:\n%s", d.Explain(), after.Decide(other).Explain(), d.Remedy())
		}
	}
}

func TestNoRemedyForAnAllow(t *testing.T) {
	a := compile(t, mod("m", cmds("go")), capab("c", windows("main"), grants("m:allow-go")))
	if r := want(t, a, "main", "m.go", allowed).Remedy(); r != "" {
		t.Error(r)
	}
}

// TestRemedyOfWhatRanOut: to let it run longer is the remedy, unless the same
// capability would deny the call then.
func TestRemedyOfWhatRanOut(t *testing.T) {
	const longer, other = "in capability \"c\" (capabilities/c.toml:1), replace expires (or take it out):\n", "create capabilities/main-m-go.toml:\n"
	m := mod("m", cmds("go"))
	for want, entry := range map[string]capOption{longer: grants("m:allow-go"), other: grants("m:allow-go", "m:deny-go")} {
		a := compile(t, m, capab("c", windows("main"), expires(500), entry))
		d := a.Decide(authority.Request{Caller: callerOf("main"), Module: "m", Command: "go", Now: 1000})
		if got := d.Remedy(); d.Code() != authority.CodeExpired || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s\nwant %s", d.Code(), got, want)
		}
	}
}

// TestRemedyNeedsScope: a power is only asked for if the permission that is
// added does not lend it.
func TestRemedyNeedsScope(t *testing.T) {
	const need = "for fs.read the call needs a scope, too: an allow entry with \"path\""
	for _, c := range []struct {
		m    authority.Manifest
		need bool
	}{
		{mod("m", cmds("go:fs.read")), true},
		{mod("m", cmds("go:fs.read"), perm("allow-go", allows("go"), scoped(`[{"path":"$APPDATA/a"}]`, ""))), false},
	} {
		p := policy(c.m)
		p.Dirs = []string{"APPDATA"}
		a, problems := authority.New(p)
		if problems.Err() != nil {
			t.Fatal(problems)
		}
		d := a.Decide(authority.Request{Caller: callerOf("main"), Module: "m", Command: "go"})
		if got := d.Remedy(); strings.HasSuffix(got, need) != c.need {
			t.Errorf("%s", got)
		}
	}
}

// TestRemedyNamesAreFree: a capability that is proposed has neither the name
// nor the file of one that is not in effect.
func TestRemedyNamesAreFree(t *testing.T) {
	for _, tt := range []struct {
		unselected authority.Capability
		want       string
	}{
		{capab("elsewhere"), "capabilities/main-m-go.toml"},
		{authority.Capability{Identifier: "main-m-go"}, "capabilities/main-m-go-2.toml"},
		{authority.Capability{Identifier: "x", Position: pos("capabilities/main-m-go.toml", 1)}, "capabilities/main-m-go-2.toml"},
	} {
		p := policy(mod("m", cmds("go")))
		p.Unselected = []authority.Capability{tt.unselected}
		a, ps := authority.New(p)
		if ps.Err() != nil {
			t.Fatal(ps)
		}
		if got := a.Decide(ask("main", "m.go")).Edits(); len(got) != 1 || got[0].File != tt.want {
			t.Errorf("%s: %+v, want %s", tt.unselected.Identifier, got, tt.want)
		}
	}
}
