package hosttest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/ambit-wasm/ambit/host"
	"github.com/hashicorp/go-hclog"
)

// Open opens the host that is attacked. The app, its policy and its limits are the
// caller's; so is what it changes of c, but for DataDir, Logger, Audit and Env, in
// which the attack hides what must not be found, and looks for it.
//
// Nothing of the app is called, and nothing of it must be called meanwhile. Modules
// whose names begin with "hosttest" come and go, and so do capabilities.
type Open func(ctx context.Context, c host.Config) (*host.Host, error)

// The names under which the attack is in the host.
const (
	attacker  = "hosttest"
	accessory = "hosttest-b"
	neighbour = "hosttest-neighbour"
	window    = "hosttest" // whose calls the attacker's commands get
)

// arena is a host that is attacked, with what is hidden in it and who lives next
// door. It is for one case at a time.
type arena struct {
	host    *host.Host
	dir     string // the rest is below it
	data    string // DataDir
	outside string // a folder that nobody is lent

	log      *logBuffer
	sink     *sink
	heart    *heart
	next     *resident
	server   *server
	canaries []string // texts that must not be found
	secret   string   // one of them, for cases to plant

	// alone is held for reading by who calls the neighbour, and for writing by who
	// counts what enters modules.
	alone sync.RWMutex
}

// newCanary is a text that occurs nowhere else.
func newCanary() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return "canary-" + hex.EncodeToString(b[:])
}

// newArena opens the host and moves the neighbour in.
func newArena(ctx context.Context, open Open) (_ *arena, err error) {
	a := &arena{log: &logBuffer{}, sink: &sink{}, secret: newCanary()}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	if a.dir, err = os.MkdirTemp("", "ambit-hosttest-"); err != nil {
		return nil, err
	}
	if a.dir, err = filepath.EvalSymlinks(a.dir); err != nil {
		return nil, err
	}
	a.data, a.outside = filepath.Join(a.dir, "data"), filepath.Join(a.dir, "outside")
	env, file := newCanary(), newCanary()
	a.canaries = []string{a.secret, env, file}
	if err := errors.Join(os.Mkdir(a.data, 0o700), os.Mkdir(a.outside, 0o700), os.WriteFile(filepath.Join(a.outside, "secret"), []byte(file), 0o600)); err != nil {
		return nil, err
	}
	config := host.Config{
		DataDir: a.data, Audit: a.sink, Env: []string{"HOSTTEST_PUBLIC=public", "HOSTTEST_CANARY=" + env},
		Logger: newLogger(a.log),
	}
	if a.host, err = open(ctx, config); err != nil {
		return nil, fmt.Errorf("opening the host: %w", err)
	}
	if a.next, err = a.moveIn(ctx); err != nil {
		return nil, fmt.Errorf("the neighbour: %w", err)
	}
	a.canaries = append(a.canaries, a.next.secret)
	a.server = newServer(a.secret)
	a.heart = newHeart()
	return a, nil
}

func newLogger(w io.Writer) hclog.Logger {
	return hclog.New(&hclog.LoggerOptions{Output: w, JSONFormat: true, Level: hclog.Debug})
}

// grant lets window hosttest do what the capabilities of a TOML file say.
func (a *arena) grant(toml string) ([]string, error) {
	return a.host.Live().GrantFile("hosttest.toml", []byte(toml), time.Time{})
}

// close closes the host. All that it had must be given back.
func (a *arena) close() error {
	var errs []error
	if a.heart != nil {
		a.heart.close()
	}
	if a.next != nil {
		a.next.stop()
	}
	if a.server != nil {
		a.server.close()
	}
	if a.host != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		errs = append(errs, a.host.Close(ctx))
		if s := a.host.Stats(); s.Running != 0 || s.Memory != 0 {
			errs = append(errs, fmt.Errorf("after closing the host, %d calls run and %d bytes of memory are in use", s.Running, s.Memory))
		}
	}
	if a.dir != "" {
		errs = append(errs, os.RemoveAll(a.dir))
	}
	return errors.Join(errs...)
}

// caller is who calls the attacker, for the operator of the host.
var caller = host.Window(window)
