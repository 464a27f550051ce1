// Command goguest is an attacker in Go: what the standard library and the runtime are to
// a module that was lent nothing.
package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/ambit-wasm/ambit/sdk"
)

type doing struct {
	Do string `json:"do"`
}

func init() {
	sdk.Handle("run", func(_ *sdk.Call, a doing) (string, error) {
		do, ok := attempts[a.Do]
		if !ok {
			return "", errors.New("it does not do that")
		}
		if got, err := do(); err != nil || got != "" {
			return "", fmt.Errorf("it got %q, %w", got, err)
		}
		return "", nil
	})
}

// attempts return what they got of the host: nothing.
var attempts = map[string]func() (string, error){
	"files": func() (got string, _ error) {
		for _, path := range []string{"/etc/passwd", "../outside/secret", "/proc/self/environ", "/dev/zero", ".", "/"} {
			b, _ := os.ReadFile(path)
			list, _ := os.ReadDir(path)
			got += string(b[:min(len(b), 10)])
			for _, e := range list {
				got += e.Name()
			}
			if os.WriteFile(path+"/x", nil, 0o600) == nil || os.Mkdir(path+"/y", 0o700) == nil || os.Symlink("/etc/passwd", filepath.Join(path, "z")) == nil {
				got += "wrote " + path
			}
		}
		return got, nil
	},
	"process": func() (string, error) {
		env := strings.Join(os.Environ(), "")
		if len(os.Args) > 1 || os.Getpid() > 1 && os.Getpid() != 3 { // Go's own numbers for wasip1
			env += fmt.Sprint(os.Args, os.Getpid())
		}
		return env, nil
	},
	"net": func() (string, error) {
		c, err := net.DialTimeout("tcp", "127.0.0.1:22", time.Second)
		if err == nil {
			return "connected", c.Close()
		}
		return "", nil // to listen works, in a network that Go makes up inside the module
	},
	"exec": func() (string, error) {
		out, _ := exec.Command("id").CombinedOutput()
		return string(out), nil
	},
	"goroutines": func() (string, error) {
		for range 100_000 {
			go func() {
				for {
					runtime.Gosched()
				}
			}()
		}
		select {}
	},
	"memory": func() (string, error) {
		var all [][]byte
		for {
			all = append(all, make([]byte, 1<<20))
		}
	},
	"stack": func() (string, error) { return deeper(1), nil },
	"panic": func() (string, error) { panic("\x1b[2Jlast words\n{\"@level\":\"error\"}") },
	"exit":  func() (string, error) { os.Exit(0); return "", nil },
	"sleep": func() (string, error) { time.Sleep(time.Hour); return "", nil },
	"deadlock": func() (string, error) {
		<-make(chan int)
		return "", nil
	},
}

func deeper(n int) string {
	var frame [1024]byte
	frame[n%1024] = byte(n)
	return deeper(n+1) + string(frame[:1])
}

func main() {}
