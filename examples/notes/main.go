// Command notes embeds a host and tells a story with the app in the folder
// app: windows that may do different things, a page on the web that may do one
// thing, and a third-party module that tries to do more than it was granted.
//
// `make demo` builds the modules and runs it.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	app := "examples/notes/app"
	if len(os.Args) > 1 {
		app = os.Args[1]
	}
	if err := reset(app); err != nil {
		fmt.Fprintln(os.Stderr, "notes:", err)
		os.Exit(1)
	}
	if err := tell(context.Background(), os.Stdout, app); err != nil {
		fmt.Fprintln(os.Stderr, "notes:", err)
		os.Exit(1)
	}
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
