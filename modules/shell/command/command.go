// Package command holds the commands of the shell module, over package sdk/exec.
//
// Errors are [*sdk.Error] with one of these codes:
//
//	forbidden   the scope does not lend the program with these arguments
//	bad-args    an argument that cannot be given
//	quota       too many programs, or too much output
//	not-heard   spawn: nobody listens to the topic
//	host-error  the program's file cannot be run
package command

import (
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/ambit-wasm/ambit/sdk"
	"github.com/ambit-wasm/ambit/sdk/exec"
)

// Register registers the commands with the SDK and returns their names.
func Register() []string {
	sdk.Handle("execute", func(_ *sdk.Call, a Program) (Output, error) { return execute(a) })
	sdk.Handle("spawn", func(_ *sdk.Call, a Spawn) (Status, error) { return spawn(a) })
	return []string{"execute", "spawn"}
}

// Program is the arguments of execute. What is nil is left out.
type Program struct {
	Program string   `json:"program"`
	Args    []string `json:"args"`
	Stdin   any      `json:"stdin"` // bytes or a string; null: none
	Options *Options `json:"options"`
}

// Options are those of Tauri's plugin that a program can have here.
type Options struct {
	Encoding *string `json:"encoding"` // "raw": output is bytes; else text
}

// Status is how a program ended.
type Status struct {
	Code   *int   `json:"code"`   // null if a signal ended it
	Signal string `json:"signal"` // or ""
}

// Output is the result of execute.
type Output struct {
	Status
	Stdout any `json:"stdout"`
	Stderr any `json:"stderr"`
}

// Spawn is the arguments of spawn.
type Spawn struct {
	Program
	Topic string `json:"topic"`
}

func execute(a Program) (Output, error) {
	var out, errs buffer
	status, err := a.run(&out, &errs)
	if err != nil {
		return Output{}, err
	}
	return Output{Status: status, Stdout: a.encode(out), Stderr: a.encode(errs)}, nil
}

// event is what spawn emits, as the plugin does.
type event struct {
	Event   string `json:"event"` // Stdout, Stderr or Terminated
	Payload any    `json:"payload"`
}

func spawn(a Spawn) (Status, error) {
	status, err := a.run(emitter{&a, "Stdout"}, emitter{&a, "Stderr"})
	if err != nil {
		return status, err
	}
	return status, sdk.Coded(emit(a.Topic, event{"Terminated", status}))
}

// emitter emits what is written.
type emitter struct {
	a    *Spawn
	name string
}

func (e emitter) Write(p []byte) (int, error) {
	return len(p), emit(e.a.Topic, event{e.name, e.a.encode(p)})
}

func emit(topic string, e event) error {
	heard, err := sdk.Emit(topic, e)
	if err == nil && !heard {
		err = sdk.NewError("not-heard", "nobody listens to the topic")
	}
	return err
}

type buffer []byte

func (b *buffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

// run runs the program and hands on what it prints.
func (a *Program) run(out, errs io.Writer) (Status, error) {
	c := exec.Command(a.Program, a.Args...)
	c.Stdout, c.Stderr = out, errs
	switch in := a.Stdin.(type) {
	case nil:
	case string:
		c.Stdin = strings.NewReader(in)
	case []byte:
		c.Stdin = strings.NewReader(string(in))
	default:
		return Status{}, sdk.NewError("bad-args", "stdin is bytes or a string")
	}
	err := c.Run()
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		if e.Signal != "" {
			return Status{Signal: e.Signal}, nil
		}
		return Status{Code: &e.Code}, nil
	}
	if err != nil {
		return Status{}, sdk.Coded(err)
	}
	return Status{Code: new(int)}, nil
}

// encode makes text of output, unless it is wanted as bytes.
func (a *Program) encode(b []byte) any {
	if o := a.Options; o != nil && o.Encoding != nil && *o.Encoding == "raw" {
		return b
	}
	var text []byte
	for _, r := range string(b) { // an invalid byte is read as U+FFFD
		text = utf8.AppendRune(text, r)
	}
	return string(text)
}
