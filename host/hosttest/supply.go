package hosttest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/codecache"
	"github.com/ambit-wasm/ambit/host/internal/wasmtest"
)

// supply are attacks by what an app is made of: folders, files, caches, and where its
// records go.
func supply() []Case {
	const ref = "[[module]]\nname = \"hosttest\"\n"
	return []Case{
		{Name: "025/a cache that others may write", Tries: "offer compiled code in a folder that others may write", attack: func(a *attack) {
			dir := filepath.Join(a.dir, "data", "hosttest-cache")
			a.must(os.MkdirAll(dir, 0o700))
			a.must(os.Chmod(dir, 0o777)) //nolint:gosec // that is the attack
			defer func() { _ = os.RemoveAll(dir) }()
			if c, err := codecache.Open(dir, codecache.Options{Build: "hosttest"}); err == nil && runtime.GOOS != "windows" {
				a.breachf("code from the folder would be used: %v", c != nil)
			}
			a.happens("not used")
		}},
		{Name: "104/a module outside the app", Tries: "have a module read from outside the folder of the app", attack: appRefused(map[string]string{"ambit.toml": ref + "file = \"../../outside/secret\"\n"}, "ambit.toml:3")},
		{Name: "104/a module by an absolute path", Tries: "have a module read from anywhere", attack: appRefused(map[string]string{"ambit.toml": ref + "file = \"/etc/passwd\"\n"}, "ambit.toml:3")},
		{Name: "104/a module that is a link", Tries: "have the file of a module be a link to one outside", attack: func(a *attack) {
			dir := a.app(map[string]string{"ambit.toml": ref}, nil)
			file := filepath.Join(dir, "modules", "hosttest.wasm")
			a.must(os.Remove(file))
			a.must(os.Symlink(filepath.Join(a.outside, "secret"), file))
			err := a.openApp(dir, func(h *host.Host) {
				m := h.Modules()[0]
				if m.Refused == nil {
					a.breachf("it was loaded")
				}
				a.happens("refused")
				if m.Refused != nil {
					a.seen = append(a.seen, m.Refused.Error())
				}
			})
			a.must(err)
		}},
		{Name: "141/a name that looks like another", Tries: "have a name in other letters", Expect: []authority.Code{authority.CodeModuleInvalid}, attack: func(a *attack) {
			for _, name := range []string{"ƒs", "fѕ", "Fs", "f s", "fs\u200b", "g00gle!", "-fs", "fs-", "f--s", strings.Repeat("f", 200)} {
				a.refusal(a.host.Load(a.ctx, attacker, wasmtest.Echo(strings.Replace(plainManifest, `"`+attacker+`"`, `"`+name+`"`, 1))), "")
			}
		}},
		{Name: "145/records that are not written", Tries: "have the records of calls fail, and with them the host", attack: sinkFails},
		{Name: "145/a sink that panics", Tries: "have the records of calls panic", attack: sinkPanics},
	}
}

// failing is a sink that fails.
type failing struct{ panics bool }

func (f failing) Audit(host.Event) error {
	if f.panics {
		panic("the disk is full")
	}
	return errors.New("the disk is full")
}

func sinkFails(a *attack)  { sinkOf(a, failing{}) }
func sinkPanics(a *attack) { sinkOf(a, failing{panics: true}) }

// sinkOf opens an app whose sink fails: calls end as they would, and the log says
// that records are missing.
func sinkOf(a *attack, s host.Sink) {
	dir := a.app(map[string]string{"ambit.toml": "[[module]]\nname = \"hosttest\"\n", "capabilities/a.toml": "identifier = \"a\"\nwindows = [\"" + window + "\"]\npermissions = [\"hosttest:allow-run\"]\n"}, guest(answer))
	var log bytes.Buffer
	cache := host.NewCache(host.CacheOptions{Off: true})
	defer func() { _ = cache.Close(context.Background()) }()
	defer func() { _ = os.RemoveAll(dir) }()
	h, err := host.Open(a.ctx, dir, host.Config{Cache: cache, Audit: s, Logger: newLogger(&log)})
	a.must(err)
	defer func() { a.must(h.Close(a.ctx)) }()
	_, err = h.Invoke(a.ctx, caller, attacker+".run", nil)
	a.works(err)
	_, err = h.Invoke(a.ctx, host.Window("x"), attacker+".run", nil)
	if !errors.Is(err, authority.ErrDenied) {
		a.breachf("a stranger's call ended with %v", err)
	}
	if n := strings.Count(log.String(), "audit record not written"); n != 2 {
		a.breachf("the log says %d times that a record is missing, want 2:\n%s", n, &log)
	}
}
