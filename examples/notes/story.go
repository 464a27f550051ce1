package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
)

// step is one invoke of the story.
type step struct {
	chapter string // begins a new chapter if not empty
	caller  authority.Caller
	command string
	args    object
	want    authority.Code // how it must end
}

type object = map[string]any

const ok = authority.CodeAllowed

var (
	editor   = host.Window("main")
	preview  = host.Window("preview")
	handbook = host.Remote("main", "https://handbook.example.com")
	stranger = host.Remote("main", "https://handbook.example.net")
)

var story = []step{
	{"The editor window works on the notes.", editor, "notes.add", object{"title": "Groceries", "text": "milk, eggs, a lemon"}, ok},
	{"", editor, "notes.list", nil, ok},
	{"", editor, "notes.search", object{"text": "markdown"}, ok},
	{"", editor, "fs.read_text_file", object{"path": "$APPDATA/notes/groceries.md"}, ok},

	{"But not on what lies beside them: the host refuses the file, whatever the module does.",
		editor, "fs.read_text_file", object{"path": "$APPDATA/secret.txt"}, "fs.forbidden"},
	{"", editor, "fs.read_text_file", object{"path": "$APPDATA/notes/private/diary.md"}, "fs.forbidden"},
	{"", editor, "fs.read_text_file", object{"path": "$APPDATA/notes/link.md"}, "fs.is-symlink"},

	{"The preview window may read, and the module is not even entered when it wants more.",
		preview, "fs.read_text_file", object{"path": "$APPDATA/notes/welcome.md"}, ok},
	{"", preview, "fs.write_text_file", object{"path": "$APPDATA/notes/welcome.md", "contents": "mine"}, authority.CodeWindowMismatch},
	{"", preview, "notes.add", object{"title": "x", "text": "y"}, authority.CodeDeniedByRule},

	{"A page on the web may use the one command that its origin was granted.",
		handbook, "notes.count_words", object{"text": "to be or not to be"}, ok},
	{"", handbook, "notes.list", nil, authority.CodeOriginMismatch},
	{"", stranger, "notes.count_words", object{"text": "to be or not to be"}, authority.CodeOriginMismatch},

	{"An extension from somebody we do not know does what it was loaded for, and looks around.",
		editor, "rogue.summarise", object{"name": "welcome.md"}, ok},
	{"It writes with a command that declared no power to write:", editor, "rogue.vandalise", nil, ok},
	{"It never returns:", editor, "rogue.spin", nil, authority.CodeDeadline},
	{"It takes all memory:", editor, "rogue.devour", nil, authority.CodeMemoryLimit},
	{"And the host goes on.", editor, "notes.list", nil, ok},
}

// tell runs the story on the app and prints it. It fails if a step does not
// end as it must.
func tell(ctx context.Context, out io.Writer, app string) error {
	// Compiling three Go programs takes its time on a busy machine.
	h, err := host.Open(ctx, app, host.Config{Limits: host.Limits{Load: time.Minute}})
	if err != nil {
		return err
	}
	defer h.Close(ctx)
	for _, s := range story {
		if s.chapter != "" {
			fmt.Fprintf(out, "\n%s\n", s.chapter)
		}
		args := []byte("{}")
		if s.args != nil {
			args, _ = json.Marshal(s.args)
		}
		fmt.Fprintf(out, "\n  %s> %s %s\n", who(s.caller), s.command, args)
		res, err := h.Invoke(ctx, s.caller, s.command, s.args)
		code, err := show(out, res, err)
		if err != nil {
			return err
		}
		if code != s.want {
			return fmt.Errorf("%s: ended with %q, not with %q", s.command, code, s.want)
		}
	}
	st := h.Stats()
	fmt.Fprintf(out, "\n%d invokes: %d were denied, %d entered a module.\n", st.Invokes, st.Denied, st.Entered)
	return nil
}

// show prints how an invoke ended and returns its code.
func show(out io.Writer, res host.Result, err error) (authority.Code, error) {
	var denial *authority.Denial
	var failure *host.Error
	switch {
	case errors.As(err, &denial):
		d := denial.Decision
		fmt.Fprintf(out, "    denied: %s\n", indent(d.Explain()))
		if r := d.Remedy(); r != "" {
			fmt.Fprintf(out, "    remedy: %s\n", indent(r))
		}
		return d.Code(), nil
	case errors.As(err, &failure):
		fmt.Fprintf(out, "    failed, %s: %s\n", failure.Code, failure.Message)
		return failure.Code, nil
	case err != nil:
		return "", err
	}
	items, isList := res.Value.([]any)
	if !isList {
		items = []any{res.Value}
	}
	for _, item := range items {
		text, err := json.Marshal(item)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(out, "    %s\n", text)
	}
	return ok, nil
}

func who(c authority.Caller) string {
	if c.Origin.IsLocal() {
		return c.Window
	}
	return c.Origin.URL()
}

func indent(s string) string {
	return strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n      ")
}
