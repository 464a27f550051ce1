package host

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/host/internal/files"
	"github.com/ambit-wasm/ambit/host/internal/printable"
	"github.com/hashicorp/go-hclog"
	"github.com/tetratelabs/wazero"
)

// engine is how wazero runs modules; tests choose.
type engine func() wazero.RuntimeConfig

// appFile is the file whose folder is an app.
const appFile = "ambit.toml"

// Open reads an app's folder, loads its modules and puts its policy in force.
// If the policy is wrong, the error is of type [authority.Problems], warnings
// included. A module that cannot be used is no error: it is refused by name,
// with its reason in [Host.Modules] and in the log, its commands answer
// module-invalid, and the other modules run.
//
// The context bounds the opening, not the life of the host. The host must be
// closed.
func Open(ctx context.Context, dir string, c Config) (*Host, error) {
	if err := checkReset(c.Reset); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	fsys := os.DirFS(dir)
	if _, err := fs.Stat(fsys, appFile); err != nil {
		return nil, fmt.Errorf("host: %q is not an app's folder: %w", dir, err)
	}
	app, problems := acl.Load(fsys, acl.Options{Profile: c.Profile, Platform: Platform()})
	if problems.Err() != nil {
		return nil, problems
	}
	h := newHost(app, fsys, c)
	if c.DataDir == "" {
		h.dataDir = filepath.Join(dir, ".ambit")
	} else if h.dataDir, err = filepath.Abs(c.DataDir); err != nil {
		return nil, fmt.Errorf("host: %w", err)
	}
	h.keys = newKeys(h.dataDir)
	h.problems = append(problems, limitProblems(app)...)
	if err := h.open(ctx, dir, c); err != nil {
		if left := h.abandon(); left != nil {
			h.log.Error("not all could be closed", "error", left)
		}
		return nil, err
	}
	for _, p := range h.problems {
		h.log.Warn("policy", "problem", printable.Cut(p.Error(), maxErrorText))
	}
	for _, ref := range h.app.Modules {
		if m := h.modules[ref.Name]; m.image != nil {
			h.logLoaded(m)
		}
	}
	h.log.Info("open", "modules", len(h.modules), "policy", h.live.Authority().Digest())
	return h, nil
}

func checkReset(reset string) error {
	if known := ResetStrategies(); reset != "" && !slices.Contains(known, reset) {
		return fmt.Errorf("host: Config.Reset: there is no %q here, only %s", reset, strings.Join(known, ", "))
	}
	return nil
}

func newHost(app *acl.App, fsys fs.FS, c Config) *Host {
	log := c.Logger
	if log == nil {
		log = hclog.NewNullLogger()
	}
	var id [4]byte
	_, _ = rand.Read(id[:]) // never fails
	limits := limitsOf(app.Limits).or(c.Limits).or(DefaultLimits())
	return &Host{
		log: log.Named("host"), audit: c.Audit, prefix: hex.EncodeToString(id[:]) + "-", reset: c.Reset, env: environment(c.Env),
		interceptors: slices.Clone(c.Interceptors), limits: limits, http: httpMeans(c.HTTP, c.Secrets, limits.FetchesAll),
		app: app, fsys: fsys, loading: newTurn(maxWaiting), modules: make(map[string]*module),
	}
}

// open does what needs giving back if it fails.
func (h *Host) open(ctx context.Context, dir string, c Config) error {
	if err := h.openSandbox(ctx, c); err != nil {
		return err
	}
	if err := h.openBases(dir); err != nil {
		return err
	}
	if err := h.addNative(c.Native); err != nil {
		return err
	}
	for _, ref := range h.app.Modules {
		if h.modules[ref.Name] == nil {
			h.modules[ref.Name] = h.readModule(ref)
		}
	}
	// What is wrong with the policy is said before time goes into compiling.
	if _, problems := h.policy(nil); problems.Err() != nil {
		return append(h.problems, problems...)
	}
	for _, ref := range h.app.Modules {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("host: %w", context.Cause(ctx))
		}
		if m := h.modules[ref.Name]; m.refused == nil && !m.native() {
			h.ready(ctx, m)
		}
	}
	policy, problems := h.policy(nil)
	h.problems = append(h.problems, problems...)
	h.live, problems = authority.NewLive(policy)
	h.problems = append(h.problems, problems...)
	h.problems.Sort()
	if err := h.problems.Err(); err != nil {
		return err
	}
	h.live.Subscribe(h.policyChanged)
	return nil
}

// openSandbox opens the cache, if the host has its own, and the sandbox.
func (h *Host) openSandbox(ctx context.Context, c Config) error {
	if h.cache, h.ownCache = c.Cache, c.Cache == nil; h.ownCache {
		h.cache = NewCache(CacheOptions{Logger: h.log})
	}
	engine := c.engine
	if engine == nil {
		engine = wazero.NewRuntimeConfig
	}
	var err error
	if h.sandbox, err = openSandbox(ctx, h.cache, engine(), h.limits.MemoryTotal); err != nil {
		return fmt.Errorf("host: %w", err)
	}
	h.sandbox.memory.Spare(h.reclaimKept)
	return nil
}

// abandon frees what a host has that could not be opened.
func (h *Host) abandon() error {
	var errs []error
	for _, m := range h.modules {
		m.retire()
	}
	if h.sandbox != nil {
		errs = append(errs, h.sandbox.runtime.Close(context.Background()))
	}
	errs = append(errs, h.closeCache(), h.keys.Close())
	if h.bases != nil {
		errs = append(errs, h.bases.Close())
	}
	return errors.Join(errs...)
}

// closeCache closes the cache that the host has for itself.
func (h *Host) closeCache() error {
	if !h.ownCache {
		return nil
	}
	return h.cache.Close(context.Background())
}

// openBases opens the base dirs that the app declares.
func (h *Host) openBases(dir string) error {
	dirs := make(map[string]string, len(h.app.Dirs))
	var problems authority.Problems
	for name, path := range h.app.Dirs {
		path, err := BaseDir(dir, path)
		if err == nil {
			var info fs.FileInfo
			if info, err = os.Stat(path); err == nil && info.IsDir() {
				dirs[name] = path
				continue
			}
		}
		problems = append(problems, missingDir(name, path, err))
	}
	if len(problems) > 0 {
		problems.Sort()
		return problems
	}
	forbidden := append(h.cache.dirs(), filepath.Join(h.dataDir, kvFolder))
	for _, name := range []string{appFile, "ambit.lock", "capabilities", "permissions", "modules"} {
		forbidden = append(forbidden, filepath.Join(dir, name))
	}
	for _, ref := range h.app.Modules {
		forbidden = append(forbidden, filepath.Join(dir, filepath.FromSlash(ref.File)))
	}
	var err error
	if h.bases, err = files.Open(dirs, files.Options{Forbidden: forbidden}); err != nil {
		return fmt.Errorf("host: %w", err)
	}
	return nil
}

func missingDir(name, path string, err error) authority.Problem {
	p := authority.Problem{
		Position: authority.Position{File: appFile}, Code: "missing-dir",
		Message: fmt.Sprintf("base dir %q is %q, which is not a folder", name, path), Hint: "make the folder, or correct [dirs]",
	}
	if errors.Is(err, fs.ErrNotExist) {
		p.Message = fmt.Sprintf("base dir %q is %q, which does not exist", name, path)
	} else if err != nil {
		p.Message = fmt.Sprintf("base dir %q cannot be used: %v", name, err)
	}
	return p
}

// limitProblems warns of limits that are accepted but not held yet.
func limitProblems(app *acl.App) authority.Problems {
	var out authority.Problems
	warn := func(p authority.Position, keys []string) {
		for _, key := range keys {
			out = append(out, authority.Problem{
				Position: p, Severity: authority.SeverityWarning, Code: "limit-not-held",
				Message: fmt.Sprintf("the limit %q is not held by this version of the host", key),
			})
		}
	}
	warn(authority.Position{File: appFile}, unenforced(app.Limits))
	for _, ref := range app.Modules {
		warn(ref.Position, unenforced(ref.Limits))
	}
	return out
}

// Platform is what capabilities and permissions are filtered for on this
// system. One that policies have no name for counts as Linux.
func Platform() authority.Platform {
	switch runtime.GOOS {
	case "darwin":
		return authority.MacOS
	case "windows":
		return authority.Windows
	case "android":
		return authority.Android
	case "ios":
		return authority.IOS
	case "freebsd":
		return authority.FreeBSD
	}
	return authority.Linux
}

// addNative takes in the modules in Go that are there from the start.
func (h *Host) addNative(native []Native) error {
	for _, n := range native {
		name := n.Manifest.Name
		if h.modules[name] != nil {
			return fmt.Errorf("host: native module %q is given twice", name)
		}
		if refused := checkNative(n); refused != nil {
			refused.Module = name
			return fmt.Errorf("host: native %w", refused)
		}
		h.modules[name] = h.nativeModule(n)
	}
	return nil
}

// readModule reads and checks a module of ambit.toml, short of compiling it.
func (h *Host) readModule(ref acl.ModuleRef) *module {
	m := newModule(ref.Name, ref.File, h.log)
	m.dir, m.limits = h.dataDir, limitsOf(ref.Limits).or(h.limits)
	bin, refused := readModule(h.fsys, ref.File, m.limits.ModuleSize)
	if refused == nil {
		refused = h.inspect(m, bin)
	}
	if refused != nil {
		h.refuse(m, refused)
	}
	return m
}

// refuse notes and logs why a module cannot be used.
func (h *Host) refuse(m *module, why *LoadError) {
	why.Module = m.name
	m.refused = why
	h.log.Error("module refused", "module", m.name, "file", m.file, "code", why.Code, "reason", printable.Cut(why.Text, maxErrorText))
}

// moduleRef returns the table of ambit.toml for a module; one that has none
// gets an empty one.
func (h *Host) moduleRef(name string) acl.ModuleRef {
	i := slices.IndexFunc(h.app.Modules, func(r acl.ModuleRef) bool { return r.Name == name })
	if i < 0 {
		return acl.ModuleRef{Name: name}
	}
	return h.app.Modules[i]
}
