//go:build !wasip1

package http_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/host"
	"github.com/ambit-wasm/ambit/sdk/sdktest"
)

type args = map[string]any

func server(t *testing.T) (*httptest.Server, *int) {
	hits := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits++
		switch r.URL.Path {
		case "/api/away":
			http.Redirect(w, r, "/canary", http.StatusFound)
		case "/api/silent":
			<-r.Context().Done()
		case "/api/large":
			_, _ = w.Write(make([]byte, 200_000))
		default:
			b, _ := io.ReadAll(r.Body)
			_, _ = fmt.Fprintf(w, "%s %s %s %s", r.Method, r.URL.Path, b, r.Header.Get("Authorization"))
		}
	}))
	t.Cleanup(s.Close)
	return s, &hits
}

func TestNative(t *testing.T) {
	s, _ := server(t)
	h := sdktest.New(t, sdktest.Options{Scope: sdktest.Scope{Allow: []any{args{"url": s.URL + "/api/*", "private": true}, args{"topic": "http/*"}}}})
	got, err := sdktest.Call[map[string]any](h, "fetch", args{"url": s.URL + "/api/a", "method": "POST", "data": "body"})
	if err != nil || string(got["body"].([]byte)) != "POST /api/a body " || got["statusText"] != "OK" {
		t.Errorf("%v, %v", got, err)
	}
	if got, err = sdktest.Call[map[string]any](h, "fetch", args{"url": s.URL + "/api/away", "maxRedirections": 0}); err != nil || got["status"] != int64(302) {
		t.Errorf("%v, %v", got, err)
	}
	for what, tt := range map[string]struct {
		args args
		code string
	}{
		"another path": {args{"url": s.URL + "/canary"}, "forbidden"}, "a redirect": {args{"url": s.URL + "/api/away"}, "forbidden"},
		"a file": {args{"url": "file:///etc/passwd"}, "bad-args"}, "data of another type": {args{"url": s.URL + "/api/a", "data": 1}, "bad-args"},
		"too large": {args{"url": s.URL + "/api/large", "maxBytes": 1000}, "too-large"},
		"too late":  {args{"url": s.URL + "/api/silent", "connectTimeout": 50}, "deadline"},
	} {
		if err := h.Invoke("fetch", tt.args, nil); sdktest.Code(err) != tt.code {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := h.Invoke("fetch_stream", args{"url": s.URL + "/api/large", "topic": "http/1"}, nil); err != nil {
		t.Fatal(err)
	}
	size := 0
	events := h.Events()
	for _, e := range events[:len(events)-1] {
		size += len(e.Payload.([]byte))
	}
	if size != 200_000 || events[len(events)-1].Payload != nil {
		t.Errorf("%d bytes in %d events", size, len(events))
	}
}

// TestNull, natively and in a sandbox: null is as if left out, and nothing else of
// another type is.
func TestNull(t *testing.T) {
	s, _ := server(t)
	o := sdktest.Options{Scope: sdktest.Scope{Allow: []any{args{"url": s.URL + "/api/*", "private": true}, args{"topic": "http/*"}}}}
	t.Run("native", func(t *testing.T) { nulls(t, s.URL, sdktest.New(t, o)) })
	t.Run("guest", func(t *testing.T) { nulls(t, s.URL, sdktest.NewGuest(t, "guest", o)) })
}

func nulls(t *testing.T, url string, h *sdktest.Host) {
	for command, optional := range map[string]args{
		"fetch":        {"method": 1, "headers": "a: b", "data": 1, "maxRedirections": "0", "connectTimeout": "1", "maxBytes": "1"},
		"fetch_stream": {"method": 1, "headers": "a: b", "data": 1, "maxRedirections": "0", "connectTimeout": "1"},
	} {
		required := args{"url": url + "/api/a"}
		if command == "fetch_stream" {
			required["topic"] = "http/1"
		}
		call := func(more args) (string, error) {
			before := len(h.Events())
			a := maps.Clone(required)
			maps.Copy(a, more)
			got, err := sdktest.Call[args](h, command, a)
			return fmt.Sprintf("%v %s %q", got["status"], got["body"], h.Events()[before:]), err
		}
		want, err := call(nil)
		if err != nil || !strings.Contains(want, "GET /api/a  ") {
			t.Fatalf("%s: %s, %v", command, want, err)
		}
		for name, wrong := range optional {
			if got, err := call(args{name: nil}); got != want || err != nil {
				t.Errorf("%s, %s null: %s, %v; want %s", command, name, got, err, want)
			}
			if got, err := call(args{name: wrong}); sdktest.Code(err) != "bad-args" {
				t.Errorf("%s, %s %v: %s, %v", command, name, wrong, got, err)
			}
		}
		for name := range required {
			if got, err := call(args{name: nil}); sdktest.Code(err) != "bad-args" {
				t.Errorf("%s, %s null: %s, %v", command, name, got, err)
			}
		}
	}
}

func TestHost(t *testing.T) {
	s, hits := server(t)
	t.Setenv("AMBIT_SECRET_API", "canary-50d1")
	h := sdktest.Open(t, host.Config{Secrets: host.EnvSecrets()}, fmt.Sprintf(`
[[capabilities]]
identifier = "main"
windows = ["main"]
permissions = [{ identifier = "http:default", allow = [{ url = "%s/api/*", private = true, headers = { Authorization = "secret:api" } }] }]
[[capabilities]]
identifier = "bare"
windows = ["bare"]
permissions = ["http:default"]
[[capabilities]]
identifier = "public"
windows = ["public"]
permissions = [{ identifier = "http:default", allow = [{ url = "%s/api/*" }] }]
`, s.URL, s.URL), sdktest.Build(t, "guest"))
	res, err := h.Invoke(t.Context(), host.Window("main"), "http.fetch", args{"url": s.URL + "/api/a"})
	if err != nil || !strings.Contains(fmt.Sprintf("%s", res.Value), "GET /api/a  canary-50d1") {
		t.Errorf("%s, %v", res.Value, err)
	}
	var got []host.Message
	ctx := host.WithChannel(t.Context(), func(_ context.Context, m host.Message) error {
		got = append(got, m)
		return nil
	})
	if _, err := h.Invoke(ctx, host.Window("main"), "http.fetch_stream", args{"url": s.URL + "/api/large", "topic": "http/x"}); err != nil || len(got) < 2 || got[len(got)-1].Value() != nil {
		t.Errorf("%d events, %v", len(got), err)
	}
	if _, err := h.Invoke(t.Context(), host.Window("main"), "http.fetch_stream", args{"url": s.URL + "/api/large", "topic": "http/x"}); sdktest.Code(err) != "http.not-heard" {
		t.Errorf("nobody listens: %v", err)
	}
	if _, err := h.Invoke(ctx, host.Window("main"), "http.fetch_stream", args{"url": s.URL + "/api/large", "topic": "x"}); sdktest.Code(err) != "http.forbidden" {
		t.Errorf("another topic: %v", err)
	}
	*hits = 0
	for window, code := range map[string]string{"bare": "http.forbidden", "public": "http.forbidden", "other": "denied"} {
		if _, err := h.Invoke(t.Context(), host.Window(window), "http.fetch", args{"url": s.URL + "/api/a"}); sdktest.Code(err) != code {
			t.Errorf("%s: %v", window, err)
		}
	}
	if _, err := h.Invoke(t.Context(), host.Window("main"), "http.fetch", args{"url": s.URL + "/canary"}); sdktest.Code(err) != "http.forbidden" {
		t.Errorf("another path: %v", err)
	}
	if *hits != 0 {
		t.Errorf("the server got %d requests that were denied", *hits)
	}
}
