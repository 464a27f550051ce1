package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/host/internal/wasm"
)

// noCommandText is how the SDK answers for a command that nobody registered.
const noCommandText = "the module has no command "

// tryModule loads a module in a host of its own, without any power, and asks
// it for every command of its manifest, with arguments that no command takes.
// It returns an error for a module that does not start, and for a manifest
// that names commands which the program does not register.
func tryModule(ctx context.Context, cache *host.Cache, m *authority.Manifest, bin []byte) error {
	dir, err := os.MkdirTemp("", "ambit-try-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := writeTrial(dir, m, bin); err != nil {
		return err
	}
	h, err := host.Open(ctx, dir, host.Config{Cache: cache, Limits: host.Limits{Deadline: time.Second}})
	if err != nil {
		return fmt.Errorf("trying the module: %w", err)
	}
	defer func() { _ = h.Close(context.WithoutCancel(ctx)) }()
	for _, s := range h.Modules() {
		if s.Refused != nil {
			return fmt.Errorf("a host would refuse the module: %s", s.Refused.Text)
		}
	}
	var missing []string
	for _, command := range m.Commands {
		_, err := h.Invoke(ctx, host.Window("build"), m.Name+"."+command.Name, map[string]any{"no-such-argument": nil})
		if e, ok := errors.AsType[*host.Error](err); ok && e.Code == authority.CodeGuestError && strings.HasPrefix(e.Message, noCommandText) {
			missing = append(missing, strconv.Quote(command.Name))
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("the manifest has commands that the program does not register with sdk.Handle: %s", strings.Join(missing, ", "))
	}
	return nil
}

// writeTrial writes an app that grants every command of a module to a window,
// and no scope. The module's own permissions, schemas and limits are left out,
// since they would keep requests from reaching it.
func writeTrial(dir string, m *authority.Manifest, bin []byte) error {
	bare := authority.Manifest{Name: m.Name, Version: m.Version, ABI: m.ABI}
	var grants []string
	for _, c := range m.Commands {
		bare.Commands = append(bare.Commands, authority.Command{Name: c.Name, Powers: c.Powers})
		grants = append(grants, strconv.Quote(m.Name+":allow-"+strings.ReplaceAll(c.Name, "_", "-")))
	}
	bin, err := wasm.SetCustomSection(bin, "ambit", acl.EncodeManifest(bare))
	if err != nil {
		return err
	}
	for name, text := range map[string]string{
		appFile:                   fmt.Sprintf("[[window]]\nlabel = \"build\"\n[[module]]\nname = %q\nfile = \"module.wasm\"\n", m.Name),
		"module.wasm":             string(bin),
		"capabilities/build.json": fmt.Sprintf(`{"identifier": "build", "windows": ["build"], "permissions": [%s]}`, strings.Join(grants, ", ")),
	} {
		if err := writeFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text)); err != nil {
			return err
		}
	}
	return nil
}
