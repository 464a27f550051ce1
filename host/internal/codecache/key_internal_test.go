package codecache

import (
	"errors"
	"runtime/debug"
	"strings"
	"testing"
)

func TestBuildOf(t *testing.T) {
	dep := func(path, version, sum string, replaced bool) *debug.Module {
		m := &debug.Module{Path: path, Version: version, Sum: sum}
		if replaced {
			m.Replace = &debug.Module{Path: "../wazero"}
		}
		return m
	}
	for name, c := range map[string]struct {
		deps  []*debug.Module
		known bool
	}{
		"none":      {nil, false},
		"known":     {[]*debug.Module{dep("a/b", "v1.0.0", "h1:x", false), dep(wazeroPath, "v1.12.0", "h1:y", false)}, true},
		"another":   {[]*debug.Module{dep(wazeroPath+"-fork", "v1.12.0", "h1:y", false)}, false},
		"replaced":  {[]*debug.Module{dep(wazeroPath, "v1.12.0", "h1:y", true)}, false},
		"workspace": {[]*debug.Module{dep(wazeroPath, "(devel)", "", false)}, false},
		"no sum":    {[]*debug.Module{dep(wazeroPath, "v1.12.0", "", false)}, false},
		"unnamed":   {[]*debug.Module{dep(wazeroPath, "", "h1:y", false)}, false},
	} {
		got, err := buildOf(&debug.BuildInfo{Deps: c.deps})
		if c.known != (err == nil) || !c.known && !errors.Is(err, ErrBuild) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if c.known && !strings.HasPrefix(got, "v1.12.0 h1:y go") {
			t.Errorf("%s: %q", name, got)
		}
	}
}
