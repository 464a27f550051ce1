//go:build !wasip1

package sdktest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ambit-wasm/ambit/sdk"
	sdkexec "github.com/ambit-wasm/ambit/sdk/exec"
	"github.com/ambit-wasm/ambit/sdk/httpx"
	"github.com/ambit-wasm/ambit/sdk/kv"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
)

// current is what the command sdktest_do does: a test's own function.
var current func() error

func init() {
	sdk.Handle("sdktest_do", func(*sdk.Call, any) (any, error) { return nil, current() })
}

// do runs f as a command with a scope.
func do(t *testing.T, o sdktest.Options, f func() error) *sdktest.Host {
	t.Helper()
	h := sdktest.New(t, o)
	again(t, h, f)
	return h
}

func again(t *testing.T, h *sdktest.Host, f func() error) {
	t.Helper()
	current = f
	if err := h.Invoke("sdktest_do", nil, nil); err != nil {
		t.Fatal(err)
	}
}

// scope is a command scope of allow entries, and one deny entry at the end.
func scope(allow ...any) sdktest.Scope { return sdktest.Scope{Allow: allow} }

type entry = map[string]any

// wantRefused asserts that the scope did not lend it.
func wantRefused(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, sdk.ErrDenied) || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%s: %v, want it denied", what, err)
	}
}

func wantPowerError(t *testing.T, what string, err error, code string) {
	t.Helper()
	e, ok := errors.AsType[*sdk.PowerError](err)
	if !ok || e.Code != code || errors.Is(err, sdk.ErrDenied) {
		t.Errorf("%s: %v, want code %s", what, err, code)
	}
}

func TestFetch(t *testing.T) {
	hits := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits++
		body, _ := io.ReadAll(r.Body)
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, "/secret/x", http.StatusFound)
			return
		case "/near":
			http.Redirect(w, r, "/api/near", http.StatusFound)
			return
		case "/large":
			_, _ = w.Write(make([]byte, 300_000))
			return
		}
		w.Header().Set("X-Method", r.Method)
		_, _ = fmt.Fprintf(w, "%s auth %q own %q body %d", r.URL.Path, r.Header.Get("Authorization"), r.Header.Get("X-Own"), len(body))
	}))
	defer server.Close()
	allowed := sdktest.Options{
		Scope: scope(
			entry{"url": server.URL + "/api/*", "private": true, "methods": []any{"GET", "POST"}, "headers": entry{"Authorization": "secret:key"}},
			entry{"url": server.URL + "/away", "private": true}, entry{"url": server.URL + "/near", "private": true},
			entry{"url": server.URL + "/large", "private": true}, entry{"url": server.URL + "/public/*"},
		),
		Secrets: map[string]string{"key": "canary-9a1b"},
	}
	fetch := func(r *sdk.Request) (string, *sdk.Response, error) {
		resp, err := sdk.Fetch(r)
		if err != nil {
			return "", nil, err
		}
		b, err := io.ReadAll(resp)
		return string(b), resp, errors.Join(err, resp.Close())
	}
	do(t, allowed, func() error {
		body, resp, err := fetch(&sdk.Request{URL: server.URL + "/api/a", Header: [][2]string{{"X-Own", "o"}, {"authorization", "mine"}}})
		if err != nil || body != `/api/a auth "canary-9a1b" own "o" body 0` || resp.Status != 200 || resp.Get("x-method") != "GET" || resp.URL != server.URL+"/api/a" {
			t.Errorf("%q, %+v, %v", body, resp, err)
		}
		if body, _, err := fetch(&sdk.Request{Method: "POST", URL: server.URL + "/api/b", Body: []byte("12345")}); err != nil || !strings.HasSuffix(body, "body 5") {
			t.Errorf("%q, %v", body, err)
		}
		if body, resp, err := fetch(&sdk.Request{URL: server.URL + "/near"}); err != nil || !strings.HasPrefix(body, "/api/near") || resp.URL != server.URL+"/api/near" {
			t.Errorf("redirect: %q, %v", body, err)
		}
		if _, resp, err := fetch(&sdk.Request{URL: server.URL + "/away", Redirect: "manual"}); err != nil || resp.Status != 302 {
			t.Errorf("manual: %v, %v", resp, err)
		}
		if body, _, err := fetch(&sdk.Request{URL: server.URL + "/large"}); err != nil || len(body) != 300_000 {
			t.Errorf("large: %d, %v", len(body), err)
		}
		u, err := sdk.StartFetch(&sdk.Request{Method: "POST", URL: server.URL + "/api/up"})
		if err != nil {
			return err
		}
		for range 20 {
			if _, err := u.Write(make([]byte, 50_000)); err != nil {
				t.Error(err)
			}
		}
		resp, err = u.Finish()
		if err != nil {
			return err
		}
		if b, err := io.ReadAll(resp); err != nil || !strings.HasSuffix(string(b), "body 1000000") {
			t.Errorf("upload: %q, %v", b, err)
		}
		return nil
	})
	hits = 0
	h := do(t, allowed, func() error {
		for what, r := range map[string]*sdk.Request{
			"another path": {URL: server.URL + "/secret/x"}, "another method": {Method: "DELETE", URL: server.URL + "/api/a"},
			"another port": {URL: "http://127.0.0.1:1/api/a"}, "dots": {URL: server.URL + "/api/../secret/x"}, "escaped dots": {URL: server.URL + "/api/%2e%2e/secret/x"},
			"not private": {URL: server.URL + "/public/x"},
		} {
			_, _, err := fetch(r)
			if what == "escaped dots" && !errors.Is(err, sdk.ErrDenied) {
				wantPowerError(t, what, err, "bad-args")
				continue
			}
			wantRefused(t, what, err)
		}
		for what, r := range map[string]*sdk.Request{
			"a user": {URL: strings.Replace(server.URL, "http://", "http://a:b@", 1) + "/api/a"}, "a file": {URL: "file:///etc/passwd"}, "no URL": {},
			"a host header": {URL: server.URL + "/api/a", Header: [][2]string{{"Host", "x"}}}, "TRACE": {Method: "TRACE", URL: server.URL + "/api/a"},
			"a mode": {URL: server.URL + "/api/a", Redirect: "always"},
		} {
			_, _, err := fetch(r)
			wantPowerError(t, what, err, "bad-args")
		}
		return nil
	})
	if hits != 0 {
		t.Errorf("the server got %d requests that were denied", hits)
	}
	again(t, h, func() error {
		_, _, err := fetch(&sdk.Request{URL: server.URL + "/away"})
		wantRefused(t, "a redirect out of the scope", err)
		return nil
	})
	if hits != 1 {
		t.Errorf("the server got %d requests, want the first", hits)
	}
	do(t, sdktest.Options{}, func() error {
		_, _, err := fetch(&sdk.Request{URL: server.URL + "/api/a"})
		wantRefused(t, "no scope", err)
		return nil
	})
	noSecret := allowed
	noSecret.Secrets = nil
	do(t, noSecret, func() error {
		_, _, err := fetch(&sdk.Request{URL: server.URL + "/api/a"})
		wantPowerError(t, "no secret", err, "host-error")
		if strings.Contains(err.Error(), "key") {
			t.Errorf("the module reads %v", err)
		}
		return nil
	})
	gone := allowed
	gone.Scope = scope(entry{"url": "http://127.0.0.1:1/*", "private": true})
	do(t, gone, func() error {
		_, _, err := fetch(&sdk.Request{URL: "http://127.0.0.1:1/"})
		wantPowerError(t, "nobody listens", err, "unreachable")
		return nil
	})
}

// TestHTTPX: net/http as Go programs use it, over the same scope.
func TestHTTPX(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/slow" {
			time.Sleep(time.Second)
		}
		if r.URL.Path == "/api/away" {
			http.Redirect(w, r, "/secret", http.StatusFound)
		}
		n, _ := io.Copy(io.Discard, r.Body)
		_, _ = fmt.Fprint(w, r.Method, " ", n)
	}))
	defer server.Close()
	client := &http.Client{Transport: httpx.Transport{}}
	do(t, sdktest.Options{Scope: scope(entry{"url": server.URL + "/api/*", "private": true})}, func() error {
		for _, size := range []int64{0, 10, 400_000, -1} {
			var body io.Reader = strings.NewReader(strings.Repeat("x", int(max(size, 0))))
			if size < 0 {
				size, body = 400_000, io.LimitReader(strings.NewReader(strings.Repeat("x", 400_000)), 400_000)
			}
			resp, err := client.Post(server.URL+"/api/a", "text/plain", body)
			if err != nil {
				return err
			}
			b, err := io.ReadAll(resp.Body)
			if err != nil || string(b) != fmt.Sprint("POST ", size) || resp.Status != "200 OK" {
				t.Errorf("%d: %q, %s, %v", size, b, resp.Status, err)
			}
			if err := resp.Body.Close(); err != nil {
				t.Error(err)
			}
		}
		get := func(path string) error {
			resp, err := client.Get(server.URL + path)
			if err == nil {
				err = resp.Body.Close()
			}
			return err
		}
		wantRefused(t, "out of the scope", get("/secret"))
		wantRefused(t, "a redirect out of the scope", get("/api/away"))
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		r, _ := http.NewRequestWithContext(ctx, "GET", server.URL+"/api/slow", nil)
		if resp, err := client.Do(r); err == nil {
			t.Error("the deadline of the context was not held", resp.Body.Close())
		}
		return nil
	})
}

func TestKV(t *testing.T) {
	h := do(t, sdktest.Options{Scope: sdktest.Scope{
		Allow: []any{entry{"key": "notes/*"}, entry{"key": "log/*", "powers": []any{"kv.write"}}, entry{"key": "seen", "powers": []any{"kv.read"}}},
		Deny:  []any{entry{"key": "notes/private/*"}},
	}}, func() error {
		for i := range 450 {
			if err := kv.Set(fmt.Sprintf("notes/%03d", i), []byte{byte(i)}); err != nil {
				return err
			}
		}
		if v, ok, err := kv.Get("notes/007"); len(v) != 1 || v[0] != 7 || !ok || err != nil {
			t.Errorf("%v, %t, %v", v, ok, err)
		}
		if _, ok, err := kv.Get("notes/none"); ok || err != nil {
			t.Errorf("%t, %v", ok, err)
		}
		if done, err := kv.CompareAndSet("notes/cas", nil, []byte{}); !done || err != nil {
			t.Errorf("%t, %v", done, err)
		}
		if done, err := kv.CompareAndSet("notes/cas", []byte{}, nil); !done || err != nil {
			t.Errorf("%t, %v", done, err)
		}
		if was, err := kv.Delete("notes/449"); !was || err != nil {
			t.Errorf("%t, %v", was, err)
		}
		if err := kv.SetFor("notes/brief", []byte("x"), 1); err != nil {
			t.Error(err)
		}
		time.Sleep(5 * time.Millisecond)
		if _, ok, err := kv.Get("notes/brief"); ok || err != nil {
			t.Errorf("%t, %v", ok, err)
		}
		return kv.Set("log/a", []byte("hidden"))
	})
	again(t, h, func() error { // another call finds what the first has stored
		n := 0
		for e, err := range kv.List("") {
			if n++; err != nil || !strings.HasPrefix(e.Key, "notes/") || len(e.Value) != 1 {
				t.Errorf("%v, %v", e, err)
			}
		}
		if n != 449 {
			t.Errorf("%d keys", n)
		}
		for e, err := range kv.Keys("notes/44") {
			if err != nil || e.Value != nil || e.Key == "notes/449" {
				t.Errorf("%v, %v", e, err)
			}
		}
		for _, key := range []string{"log/a", "other", "notes/private/x", "notes", "../notes/x", ""} {
			_, _, err := kv.Get(key)
			wantRefused(t, "get "+key, err)
		}
		for _, key := range []string{"seen", "other", "notes/private/x"} {
			wantRefused(t, "set "+key, kv.Set(key, nil))
			_, err := kv.Delete(key)
			wantRefused(t, "delete "+key, err)
		}
		_, err := kv.CompareAndSet("log/a", []byte("guess"), []byte("x"))
		wantRefused(t, "comparing what cannot be read", err)
		wantPowerError(t, "a long key", kv.Set("notes/"+strings.Repeat("k", 1025), nil), "bad-args")
		wantPowerError(t, "a large value", kv.Set("notes/large", make([]byte, 1<<20+1)), "too-large")
		for i := range 20 {
			if err := kv.Set(fmt.Sprint("notes/large", i), make([]byte, 1<<20)); err != nil {
				wantPowerError(t, "too much", err, "quota")
				if i != 15 {
					t.Errorf("%d values of 1 MiB", i)
				}
				return nil
			}
		}
		t.Error("there is no quota")
		return nil
	})
	do(t, sdktest.Options{}, func() error {
		_, _, err := kv.Get("notes/a")
		wantRefused(t, "no scope", err)
		for _, err := range kv.List("") {
			wantRefused(t, "no scope", err)
		}
		return nil
	})
}

func TestExec(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("needs a shell as the program")
	}
	const script = `cat; echo "$1" >&2; exit $2`
	do(t, sdktest.Options{Scope: sdktest.Scope{Allow: []any{
		entry{"name": "script", "cmd": "sh", "args": []any{"-c", script, "sh", entry{"validator": "[a-z ]+"}, entry{"validator": "[0-9]"}}},
		entry{"program": "sleep", "args": []any{"100"}},
		entry{"program": "no-such-program"},
	}, Deny: []any{entry{"program": "script", "args": []any{"-c", script, "sh", "denied", entry{"validator": ".*"}}}}}}, func() error {
		cmd := sdkexec.Command("script", "-c", script, "sh", "a b", "0")
		cmd.Stdin = strings.NewReader("input")
		if out, err := cmd.Output(); string(out) != "input" || err != nil {
			t.Errorf("%q, %v", out, err)
		}
		_, err := sdkexec.Command("script", "-c", script, "sh", "oops", "7").Output()
		if e, ok := errors.AsType[*sdkexec.ExitError](err); !ok || e.Code != 7 || string(e.Stderr) != "oops\n" || e.Error() != "exit status 7" {
			t.Errorf("%v", err)
		}
		p, err := sdkexec.Start("sleep", []string{"100"}, false)
		if err != nil {
			return err
		}
		if err := p.Kill(); err != nil {
			t.Error(err)
		}
		if err := p.Wait(); err == nil || err.Error() != "signal: killed" {
			t.Errorf("%v", err)
		}
		for what, c := range map[string]*sdkexec.Cmd{
			"another program": sdkexec.Command("ls"), "its file": sdkexec.Command("/bin/sh", "-c", script, "sh", "a", "0"), "its cmd": sdkexec.Command("sh", "-c", script, "sh", "a", "0"),
			"fewer": sdkexec.Command("script"), "more": sdkexec.Command("script", "-c", script, "sh", "a", "0", "x"), "another script": sdkexec.Command("script", "-c", "id", "sh", "a", "0"),
			"validator": sdkexec.Command("script", "-c", script, "sh", "a;id", "0"), "a line break": sdkexec.Command("script", "-c", script, "sh", "a", "0\n"),
			"denied": sdkexec.Command("script", "-c", script, "sh", "denied", "0"), "nothing": sdkexec.Command(""),
		} {
			wantRefused(t, what, c.Run())
		}
		wantPowerError(t, "NUL", sdkexec.Command("sleep", "1\x00").Run(), "bad-args")
		wantPowerError(t, "not there", sdkexec.Command("no-such-program").Run(), "host-error")
		for i := range 10 {
			if _, err := sdkexec.Start("sleep", []string{"100"}, false); err != nil {
				wantPowerError(t, "too many", err, "quota")
				if i != 4 {
					t.Errorf("%d programs", i)
				}
				return nil
			}
		}
		t.Error("there is no limit")
		return nil
	})
	do(t, sdktest.Options{}, func() error {
		wantRefused(t, "no scope", sdkexec.Command("sleep", "100").Run())
		return nil
	})
}
