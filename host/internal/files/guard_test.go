//go:build linux

package files_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/ambit-wasm/ambit/host/internal/files"
)

// app is an app's folder that is granted as a whole, but for its policy.
func app(t *testing.T, way files.Resolver) (string, *box) {
	t.Helper()
	dir := t.TempDir()
	plant(t, dir, "ambit.toml = POLICY", "capabilities/main.toml = POLICY", "capabilities/sub/x.toml = POLICY",
		"real/perm.toml = POLICY", "permissions -> real", "data/f = f", "data/sub/", "../shared/shared.toml = POLICY",
		"capabilities/linked.toml -> ../../shared/shared.toml")
	must(t, os.Link(dir+"/capabilities/main.toml", dir+"/data/hard.toml"))
	must(t, os.Link(dir+"/ambit.toml", dir+"/data/hard2.toml"))
	var forbidden []string
	for _, f := range []string{"ambit.toml", "ambit.lock", "capabilities", "permissions", "modules"} {
		forbidden = append(forbidden, dir+"/"+f)
	}
	return dir, newBox(t, way, map[string]string{"APP": dir, "SUB": dir + "/data", "UP": dir + "/../shared"}, files.Options{Forbidden: forbidden})
}

var wide = []string{"+.rw $APP/**", "+.rw $APP", "+.rw $SUB/**", "+.rw $UP/**", "+.rw **"}

// Policy is out of reach for every operation, by its name, by links of both
// kinds, and where it does not exist yet.
func TestForbidden(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dir, b := app(t, way)
		before := snapshot(t, dir+"/..")
		for _, path := range []string{
			"APP/ambit.toml", "APP/capabilities/main.toml", "APP/capabilities/sub/x.toml", "APP/capabilities", "APP/permissions",
			"APP/permissions/perm.toml", "APP/real/perm.toml", "APP/real", "APP/ambit.lock", "APP/modules", "APP/modules/evil.wasm",
			"APP/capabilities/new.toml", "APP/data/hard.toml", "SUB/hard.toml", "SUB/hard2.toml", "APP/data/../ambit.toml",
			"UP/shared.toml",
		} {
			for _, o := range ops {
				g := b.call(append(wide, "+rw $APP/in/**")...)
				if err := o.do(g, path); !errors.Is(err, files.ErrAccess) && o.name != "rename onto" {
					t.Errorf("%s %s: %v", o.name, path, err)
				}
			}
			g := b.call(wide...)
			for name, err := range map[string]error{
				"rename onto": g.Rename(files.RootFD, "APP/data/f", files.RootFD, path),
				"rename from": g.Rename(files.RootFD, path, files.RootFD, "APP/data/moved"),
				"mkdir":       g.Mkdir(files.RootFD, path), "rmdir": g.Rmdir(files.RootFD, path),
			} {
				if !errors.Is(err, files.ErrAccess) && (name != "mkdir" || !errors.Is(err, files.ErrExist)) {
					t.Errorf("%s %s: %v", name, path, err)
				}
			}
		}
		g := b.call(wide...)
		for _, path := range []string{"APP/capabilities", "APP/permissions"} {
			if _, err := g.list(path); !errors.Is(err, files.ErrAccess) {
				t.Errorf("list %s: %v", path, err)
			}
		}
		if err := g.Rename(files.RootFD, "APP/data", files.RootFD, "APP/other"); err == nil {
			t.Error("renamed a base dir")
		}
		after := snapshot(t, dir+"/..")
		if len(after) != len(before) {
			t.Errorf("the world changed: %d names, were %d", len(after), len(before))
		}
		for p, was := range before {
			if after[p] != was {
				t.Errorf("%s changed", p)
			}
		}
		// Control: the neighbours can be used.
		if err := g.write("APP/data/f", "x"); err != nil {
			t.Error(err)
		}
		if err := g.write("APP/ambit.tom", "x"); err != nil {
			t.Error(err)
		}
		if err := g.Mkdir(files.RootFD, "APP/capabilities2"); err != nil {
			t.Error(err)
		}
		names, err := g.list("APP")
		if err != nil || len(names) != 3 {
			t.Errorf("the listing shows %v, %v", names, err)
		}
	})
}

// Without Forbidden all of it could be read: the guard is what stops it.
func TestForbiddenControl(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dir, _ := app(t, way)
		g := newBox(t, way, map[string]string{"APP": dir}, files.Options{}).call("+.rw $APP/**")
		for _, path := range []string{"APP/ambit.toml", "APP/capabilities/main.toml", "APP/data/hard.toml", "APP/real/perm.toml"} {
			if text, err := g.read(path); err != nil || text != "POLICY" {
				t.Errorf("%s: %q, %v", path, text, err)
			}
		}
	})
}

// Policy that is written, or gets a second name, after the base dirs were
// opened is recognised, too.
func TestForbiddenLater(t *testing.T) {
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dir, b := app(t, way)
		plant(t, dir, "capabilities/new.toml = POLICY", "ambit.lock = POLICY", "data/plain = x")
		must(t, os.Link(dir+"/capabilities/new.toml", dir+"/data/hard3"))
		must(t, os.Link(dir+"/ambit.lock", dir+"/data/hard4"))
		must(t, os.Link(dir+"/data/plain", dir+"/data/hard5"))
		g := b.call(wide...)
		for _, path := range []string{"SUB/hard3", "SUB/hard4"} {
			if _, err := g.read(path); !errors.Is(err, files.ErrAccess) {
				t.Errorf("%s: %v", path, err)
			}
		}
		if _, err := g.read("SUB/hard5"); err != nil {
			t.Errorf("control: %v", err)
		}
	})
}

// A bind mount of a forbidden folder is recognised.
func TestForbiddenMounted(t *testing.T) {
	if !isRoot() {
		t.Skip("mounting needs root")
	}
	dir, _ := app(t, files.ResolverWalk)
	if err := unix.Mount(dir+"/capabilities", dir+"/data/sub", "", unix.MS_BIND, ""); err != nil {
		t.Skip("cannot mount:", err)
	}
	defer func() { must(t, unix.Unmount(dir+"/data/sub", unix.MNT_DETACH)) }()
	everyWay(t, func(t *testing.T, way files.Resolver) {
		bare := newBox(t, way, map[string]string{"SUB": dir + "/data"}, files.Options{}).call("+.rw $SUB/**")
		if _, err := bare.read("SUB/sub/main.toml"); err != nil {
			t.Errorf("control: %v", err)
		}
		g := newBox(t, way, map[string]string{"SUB": dir + "/data"}, files.Options{Forbidden: []string{dir + "/capabilities"}}).call("+.rw $SUB/**")
		if _, err := g.read("SUB/sub/main.toml"); !errors.Is(err, files.ErrAccess) {
			t.Error(err)
		}
		if err := g.write("SUB/sub/new.toml", "x"); !errors.Is(err, files.ErrAccess) {
			t.Error(err)
		}
		if err := g.Mkdir(files.RootFD, "SUB/sub/new"); !errors.Is(err, files.ErrAccess) {
			t.Error(err)
		}
		if err := g.open("SUB/sub"); !errors.Is(err, files.ErrAccess) {
			t.Error(err)
		}
	})
}

// A folder that leads to policy or to a base dir cannot be moved away under
// another name either: that of a mount.
func TestAnchoredMounted(t *testing.T) {
	if !isRoot() {
		t.Skip("mounting needs root")
	}
	top := t.TempDir()
	plant(t, top, "world/app/ambit.toml = POLICY", "world/bases/b/", "world/plain/f = f", "a/m/")
	if err := unix.Mount(top+"/world", top+"/a/m", "", unix.MS_BIND, ""); err != nil {
		t.Skip("cannot mount:", err)
	}
	defer func() { must(t, unix.Unmount(top+"/a/m", unix.MNT_DETACH)) }()
	everyWay(t, func(t *testing.T, way files.Resolver) {
		dirs := map[string]string{"A": top + "/a", "B": top + "/world/bases/b"}
		g := newBox(t, way, dirs, files.Options{Forbidden: []string{top + "/world/app/ambit.toml"}}).call("+.rw $A/**")
		for _, name := range []string{"app", "bases"} {
			if err := g.Rename(files.RootFD, "A/m/"+name, files.RootFD, "A/m/moved"); !errors.Is(err, files.ErrAccess) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := g.Rename(files.RootFD, "A/m/plain", files.RootFD, "A/m/moved"); err != nil {
			t.Errorf("control: %v", err)
		}
		bare := newBox(t, way, map[string]string{"A": top + "/a"}, files.Options{}).call("+.rw $A/**")
		for _, name := range []string{"moved plain", "app x", "x app", "bases x", "x bases"} {
			from, to, _ := strings.Cut(name, " ")
			if err := bare.Rename(files.RootFD, "A/m/"+from, files.RootFD, "A/m/"+to); err != nil {
				t.Errorf("control: %s: %v", name, err)
			}
		}
	})
}

func TestForbiddenBase(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, "modules/x/", "data/", "alias -> modules")
	o := files.Options{Forbidden: []string{dir + "/modules"}}
	for _, base := range []string{"/modules", "/modules/x", "/alias", "/alias/x"} {
		if _, err := files.Open(map[string]string{"A": dir + base}, o); err == nil {
			t.Errorf("%s was opened", base)
		}
	}
	b, err := files.Open(map[string]string{"A": dir + "/data"}, o)
	must(t, err)
	if _, err := b.With("MODULE", dir+"/modules/x", false); err == nil {
		t.Error("With opened a forbidden folder")
	}
	must(t, b.Close())
	if _, err := files.Open(nil, files.Options{Forbidden: []string{"relative"}}); err == nil {
		t.Error("a relative path is forbidden")
	}
}
