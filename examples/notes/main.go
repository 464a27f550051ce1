// Command notes embeds a host and tells a story with the app in the folder
// app: windows that may do different things, a page on the web that may do one
// thing, and a third-party module that tries to do more than it was granted.
//
// `make demo` builds the modules and runs it. `make serve` runs it with -serve:
// then it serves the app's windows to a browser, and the page on the web, too.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

func main() {
	app := flag.String("app", "examples/notes/app", "the app's `folder`")
	show := flag.Bool("serve", false, "serve the app to a browser")
	flag.Parse()
	if err := start(*app, *show); err != nil {
		fmt.Fprintln(os.Stderr, "notes:", err)
		os.Exit(1)
	}
}

func start(app string, show bool) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if show {
		if _, err := os.Stat(filepath.Join(app, "data")); err != nil {
			if err := reset(app); err != nil {
				return err
			}
		}
		return serve(ctx, app)
	}
	if err := reset(app); err != nil {
		return err
	}
	return tell(ctx, os.Stdout, app)
}

// reset puts the files of the folder seed where the app keeps its data, and
// plants a link from inside the granted folder to a file outside of it.
func reset(app string) error {
	data := filepath.Join(app, "data")
	if err := os.RemoveAll(data); err != nil {
		return err
	}
	if err := os.CopyFS(data, os.DirFS(filepath.Join(app, "..", "seed"))); err != nil {
		return err
	}
	return os.Symlink(filepath.Join("..", "secret.txt"), filepath.Join(data, "notes", "link.md"))
}
