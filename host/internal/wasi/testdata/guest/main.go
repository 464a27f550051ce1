//go:build wasip1

// Guest uses nothing but Go's own packages, as a module's author would.
package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {}

// atStart is what the guest could do before any call.
var atStart = func() string {
	_, err1 := os.ReadFile("/A/f")
	_, err2 := os.Stat("/")
	wd, err3 := os.Getwd()
	return fmt.Sprint(kind(err1), " ", kind(err2), " ", wd, kind(err3), " ", os.Args, os.Environ())
}()

//go:wasmexport run
func run(i int32) { fmt.Println(scenarios[i].name + ": " + scenarios[i].do()) }

//go:wasmexport count
func count() int32 { return int32(len(scenarios)) }

// kind is an error as programs tell errors apart.
func kind(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, fs.ErrPermission):
		return "permission"
	case errors.Is(err, fs.ErrNotExist):
		return "not exist"
	case errors.Is(err, fs.ErrExist):
		return "exist"
	}
	return err.Error()
}

func kinds(errs ...error) string {
	var s []string
	for _, err := range errs {
		s = append(s, kind(err))
	}
	return strings.Join(s, ", ")
}

func text(b []byte, err error) string {
	if err != nil {
		return kind(err)
	}
	return string(b)
}

func walk(root string) string {
	var l []string
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			p += " " + kind(err)
		} else if d.IsDir() && p != "/" {
			p += "/"
		}
		l = append(l, p)
		return nil
	})
	return strings.Join(l, " ") + " " + kind(err)
}

var scenarios = []struct {
	name string
	do   func() string
}{
	{"start", func() string { return atStart }},
	{"read", func() string { return text(os.ReadFile("/A/f")) }},
	{"read relative", func() string { return text(os.ReadFile("A/f")) }},
	{"read denied", func() string { return text(os.ReadFile("/A/private/f")) }},
	{"read dotfile", func() string { return text(os.ReadFile("/A/.env")) }},
	{"read missing", func() string { return text(os.ReadFile("/A/none")) }},
	{"read outside", func() string { return text(os.ReadFile("/etc/passwd")) }},
	{"read above", func() string { return text(os.ReadFile("/A/../../etc/passwd")) }},
	{"read link", func() string { return text(os.ReadFile("/A/link")) }},
	{"write", func() string {
		return kind(os.WriteFile("/A/new", []byte("new"), 0o644)) + " " + text(os.ReadFile("/A/new"))
	}},
	{"write denied", func() string {
		return kinds(os.WriteFile("/A/private/new", nil, 0o644), os.WriteFile("/B/ro", nil, 0o644), os.WriteFile("/A/link", nil, 0o644))
	}},
	{"append", func() string {
		f, err := os.OpenFile("/A/f", os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return kind(err)
		}
		_, err = f.WriteString(" and more")
		return kinds(err, f.Sync(), f.Close()) + " " + text(os.ReadFile("/A/f"))
	}},
	{"exclusive", func() string {
		_, err := os.OpenFile("/A/f", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		return kind(err)
	}},
	{"truncate", func() string { return kind(os.Truncate("/A/f", 2)) + " " + text(os.ReadFile("/A/f")) }},
	{"mkdir all", func() string {
		return kinds(os.MkdirAll("/A/x/y/z", 0o755), os.WriteFile("/A/x/y/z/f", nil, 0o644), os.Mkdir("/A/x", 0o755), os.MkdirAll("/A/private/d", 0o755), os.MkdirAll("/C/d", 0o755))
	}},
	{"read dir", func() string {
		l, err := os.ReadDir("/A")
		var s []string
		for _, e := range l {
			s = append(s, e.Name()+e.Type().String()[:1])
		}
		return strings.Join(s, " ") + " " + kind(err)
	}},
	{"walk", func() string { return walk("/") }},
	{"glob", func() string {
		l, err := filepath.Glob("/A/d/*")
		return strings.Join(l, " ") + " " + kind(err)
	}},
	{"rename", func() string {
		return kinds(os.Rename("/A/f", "/A/d/moved"), os.Rename("/A/d/moved", "/A/private/f"), os.Rename("/A/private/f", "/A/got"), os.Rename("/A/link", "/A/link2")) + " " + text(os.ReadFile("/A/d/moved"))
	}},
	{"rename dir", func() string { return kinds(os.Rename("/A/d", "/A/e")) + " " + walk("/A/e") }},
	{"rename dir with dotfile", func() string { return kinds(os.Rename("/A/hidden", "/A/e")) }},
	{"remove", func() string {
		return kinds(os.Remove("/A/f"), os.Remove("/A/f"), os.Remove("/A/d"), os.Remove("/A/private"), os.Remove("/A/private/f"), os.Remove("/A/link"), os.Remove("/A"))
	}},
	{"remove all", func() string {
		return kinds(os.RemoveAll("/A/d"), os.RemoveAll("/A/none"), os.RemoveAll("/A/private")) + " " + walk("/A")
	}},
	{"stat", func() string {
		fi, err := os.Stat("/A/f")
		if err != nil {
			return kind(err)
		}
		_, err1 := os.Stat("/A/private/f")
		_, err2 := os.Stat("/A/private/none")
		_, err3 := os.Stat("/A/link")
		return fmt.Sprint(fi.Name(), fi.Size(), fi.Mode(), fi.IsDir()) + " " + kinds(err1, err2) + " " + fmt.Sprint(err3 != nil)
	}},
	{"stat slash", func() string {
		_, err1 := os.Stat("/A/f/")
		_, err2 := os.Stat("/A/d/")
		_, err3 := os.ReadFile("/A/f/")
		return fmt.Sprint(err1 != nil, err2, err3 != nil)
	}},
	{"lstat", func() string {
		fi, err := os.Lstat("/A/link")
		if err != nil {
			return kind(err)
		}
		return fi.Mode().Type().String()
	}},
	{"same file", func() string {
		a, err1 := os.Stat("/A/f")
		b, err2 := os.Stat("/A/d/../f")
		c, err3 := os.Stat("/A/d")
		if err := errors.Join(err1, err2, err3); err != nil {
			return kind(err)
		}
		return fmt.Sprint(os.SameFile(a, b), os.SameFile(a, c))
	}},
	{"chtimes", func() string {
		t := time.Unix(1e9, 5)
		err := os.Chtimes("/A/f", t, t)
		fi, err2 := os.Stat("/A/f")
		if err2 != nil {
			return kind(err2)
		}
		return fmt.Sprint(kind(err), ", ", fi.ModTime().Equal(t))
	}},
	{"links", func() string {
		_, err := os.Readlink("/A/link")
		return kinds(os.Symlink("f", "/A/s"), os.Symlink("/etc/passwd", "/A/s"), os.Link("/A/f", "/A/s"), err) + " " + kind(func() error { _, err := os.Lstat("/A/s"); return err }())
	}},
	{"seek", func() string {
		f, err := os.OpenFile("/A/seek", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
		if err != nil {
			return kind(err)
		}
		defer f.Close()
		_, err1 := f.WriteString("0123456789")
		_, err2 := f.WriteAt([]byte("AB"), 4)
		_, err3 := f.Seek(-3, io.SeekEnd)
		b, err4 := io.ReadAll(f)
		c := make([]byte, 4)
		_, err5 := f.ReadAt(c, 3)
		return fmt.Sprint(string(b), " ", string(c), " ", kinds(err1, err2, err3, err4, err5))
	}},
	{"big file", func() string {
		big := make([]byte, 3<<20)
		for i := range big {
			big[i] = byte(i * 7 >> 3)
		}
		err := os.WriteFile("/A/big", big, 0o600)
		back, err2 := os.ReadFile("/A/big")
		return fmt.Sprint(kinds(err, err2), ", ", bytes.Equal(big, back))
	}},
	{"quota", func() string {
		err := os.WriteFile("/A/big", make([]byte, 5<<20), 0o600)
		return fmt.Sprint(err != nil)
	}},
	{"many files", func() string {
		n := 0
		for {
			f, err := os.Open("/A/f")
			if err != nil {
				return fmt.Sprint(n, " ", strings.Contains(err.Error(), "oo many open files"))
			}
			defer f.Close()
			n++
		}
	}},
	{"temp", func() string {
		f, err := os.CreateTemp("/A", "t*.tmp")
		if err != nil {
			return kind(err)
		}
		d, err2 := os.MkdirTemp("/A", "d*")
		return kinds(f.Close(), os.Remove(f.Name()), err2, os.Remove(d))
	}},
	{"os.Root", func() string {
		r, err := os.OpenRoot("/A/d")
		if err != nil {
			return kind(err)
		}
		defer r.Close()
		b, err1 := r.ReadFile("e/g")
		_, err2 := r.ReadFile("../f")
		b2, err3 := fs.ReadFile(os.DirFS("/A"), "d/e/g")
		return fmt.Sprint(string(b), string(b2), " ", kinds(err1, err3), " ", err2 != nil)
	}},
	{"chdir", func() string {
		if err := os.Chdir("/A/d/e"); err != nil {
			return kind(err)
		}
		defer os.Chdir("/")
		return text(os.ReadFile("g")) + " " + text(os.ReadFile("../../f"))
	}},
	{"read dir in parts", func() string {
		for i := range 300 {
			if err := os.WriteFile(fmt.Sprintf("/A/many/%s%03d", strings.Repeat("n", i%60), i), nil, 0o600); err != nil {
				return kind(err)
			}
		}
		f, err := os.Open("/A/many")
		if err != nil {
			return kind(err)
		}
		defer f.Close()
		var all []string
		for {
			l, err := f.Readdirnames(7)
			all = append(all, l...)
			if err != nil {
				break
			}
		}
		slices.Sort(all)
		_, err = f.Seek(0, io.SeekStart)
		again, err2 := f.Readdirnames(-1)
		return fmt.Sprint(len(all), len(slices.Compact(all)), len(again), " ", kinds(err2))
	}},
	{"sleep", func() string {
		start := time.Now()
		done := make(chan int)
		go func() { time.Sleep(5 * time.Millisecond); done <- 1 }()
		select {
		case <-done:
		case <-time.After(5 * time.Second):
			return "late"
		}
		time.Sleep(2 * time.Millisecond)
		return fmt.Sprint(time.Since(start) >= 7*time.Millisecond)
	}},
	{"world", func() string {
		b := make([]byte, 16)
		_, err := rand.Read(b)
		n, err2 := os.Stdin.Read(b)
		y := time.Now().Year()
		return fmt.Sprint(os.Getenv("PATH") == "", os.Environ(), len(os.Args) < 2, ", ", kind(err), ", ", n, err2 == io.EOF, y > 2020 && y < 3000)
	}},
	{"stderr", func() string {
		_, err := os.Stderr.WriteString(strings.Repeat("noise ", 100000))
		return kind(err)
	}},
}
