package wasm_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/ambit-wasm/ambit/host/internal/wasm"
)

// compiler compiles with wazero's default features.
type compiler struct{ wazero.Runtime }

func newCompiler(t testing.TB, c wazero.RuntimeConfig) compiler {
	t.Helper()
	r := wazero.NewRuntimeWithConfig(context.Background(), c.WithDebugInfoEnabled(false))
	t.Cleanup(func() { _ = r.Close(context.Background()) })
	return compiler{r}
}

// engine is the compiler, or in short runs the interpreter: it decodes and
// validates alike, and is ready sooner.
func engine(t testing.TB) compiler {
	if testing.Short() {
		return newCompiler(t, wazero.NewRuntimeConfigInterpreter())
	}
	return newCompiler(t, wazero.NewRuntimeConfigCompiler())
}

// panicked is a panic of wazero.
type panicked struct{ value any }

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// compile says whether wazero takes a binary. A panic is a [*panicked].
func (c compiler) compile(bin []byte) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &panicked{r}
		}
	}()
	m, err := c.CompileModule(context.Background(), bin)
	if err != nil {
		return err
	}
	return m.Close(context.Background())
}

// accept asserts that the gate and wazero take a module.
func (c compiler) accept(t *testing.T, bin []byte) {
	t.Helper()
	if _, err := wasm.Parse(bin, wasm.Limits{}); err != nil {
		t.Errorf("control: %v", err)
	} else if err := c.compile(bin); err != nil {
		t.Errorf("control: wazero: %v", err)
	}
}
