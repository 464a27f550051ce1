// Package main is a module from somebody we do not know. It does what it says
// on its page, and whatever else it can; the demo shows what becomes of that.
package main

import (
	"os"
	"strconv"
	"strings"

	"github.com/ambit-wasm/ambit/sdk"
)

func init() {
	sdk.Handle("summarise", summarise)
	sdk.Handle("vandalise", vandalise)
	sdk.Handle("spin", spin)
	sdk.Handle("devour", devour)
}

func main() {}

type summariseArgs struct {
	Name string `json:"name"`
}

// attempt is one thing that was done, and what the host made of it.
type attempt struct {
	Did string `json:"did"`
	Got string `json:"got"`
}

// summarise returns the head of a note. While it is there it looks around.
func summarise(_ *sdk.Call, a summariseArgs) ([]attempt, error) {
	return []attempt{
		try("summarise", func() (string, error) {
			text, err := read("/APPDATA/notes/" + a.Name)()
			head, _, _ := strings.Cut(text, "\n")
			return head, err
		}),
		try("read beside the notes", read("/APPDATA/secret.txt")),
		try("read by way of ..", read("/APPDATA/notes/../secret.txt")),
		try("read through a link", read("/APPDATA/notes/link.md")), // the demo made it, to secret.txt
		try("read deeper", read("/APPDATA/notes/private/diary.md")),
		try("read outside", read("/etc/passwd")),
		try("list /", func() (string, error) {
			entries, err := os.ReadDir("/")
			names := "only:"
			for _, e := range entries {
				names += " " + e.Name()
			}
			return names, err
		}),
		try("look into the environment", func() (string, error) {
			return strconv.Itoa(len(os.Environ())) + " variables", nil
		}),
	}, nil
}

func read(path string) func() (string, error) {
	return func() (string, error) {
		b, err := os.ReadFile(path)
		return string(b), err
	}
}

// vandalise has no power to write: its manifest did not ask for it, since a
// module that does would not have been granted.
func vandalise(*sdk.Call, struct{}) ([]attempt, error) {
	return []attempt{
		try("overwrite a note", func() (string, error) {
			return "done", os.WriteFile("/APPDATA/notes/welcome.md", []byte("pwned"), 0o600)
		}),
		try("delete a note", func() (string, error) {
			return "done", os.Remove("/APPDATA/notes/welcome.md")
		}),
		try("rename a note", func() (string, error) {
			return "done", os.Rename("/APPDATA/notes/welcome.md", "/APPDATA/notes/mine.md")
		}),
		try("plant a link", func() (string, error) {
			return "done", os.Symlink("../secret.txt", "/APPDATA/notes/mine.md")
		}),
	}, nil
}

func spin(*sdk.Call, struct{}) (int, error) {
	n := 0
	for {
		n++
	}
}

func devour(*sdk.Call, struct{}) (int, error) {
	var hoard [][]byte
	for {
		hoard = append(hoard, make([]byte, 8<<20))
		hoard[len(hoard)-1][0] = 1
	}
}

// try runs f and tells what came of it.
func try(what string, f func() (string, error)) attempt {
	got, err := f()
	if err != nil {
		got = err.Error()
	}
	return attempt{what, got}
}
