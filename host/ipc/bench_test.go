package ipc_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// BenchmarkInvoke is an invoke over loopback HTTP, of a Go function and of a module,
// beside a request that is answered by a handler which does nothing.
func BenchmarkInvoke(b *testing.B) {
	s := serve(b, nil)
	token := s.token("main")
	empty := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(rw, "{}\n")
	}))
	defer empty.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	request := func(b *testing.B, url string) {
		req, err := http.NewRequestWithContext(b.Context(), "POST", url, strings.NewReader(`{"a":1}`))
		if err != nil {
			b.Fatal(err)
		}
		req.Host = "main.localhost:" + s.port
		req.Header.Set("Origin", s.origin("main"))
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != 200 {
			b.Fatal(resp.Status)
		}
	}
	for _, tt := range []struct{ name, url string }{
		{"bare-http", empty.URL}, {"go-function", "http://" + s.addr + "/_ambit/invoke/app.echo"}, {"module", "http://" + s.addr + "/_ambit/invoke/m.run"},
	} {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				request(b, tt.url)
			}
		})
	}
	b.Run("module-at-once", func(b *testing.B) {
		begun := time.Now()
		b.SetParallelism(8)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				request(b, "http://"+s.addr+"/_ambit/invoke/m.run")
			}
		})
		b.ReportMetric(float64(b.N)/time.Since(begun).Seconds(), "invokes/s")
	})
}
