package ipc_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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

// BenchmarkIdleSockets is what a page costs that only listens: the memory of both ends
// of its socket, since both are in this process.
func BenchmarkIdleSockets(b *testing.B) {
	s := serve(b, nil)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	const n = 1000
	for range n {
		s.attach(s.token("main"), 0)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapInuse+after.StackInuse-before.HeapInuse-before.StackInuse)/float64(n)/1024, "KiB/page")
}

// BenchmarkLoad is many pages that invoke a command of a module at the same time, as
// fast as they can: how many it is a second, and how long the slowest in a hundred take.
func BenchmarkLoad(b *testing.B) {
	s := serve(b, nil)
	token := s.token("main")
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	const pages = 32
	took := make([][]time.Duration, pages)
	var left atomic.Int64
	left.Store(int64(b.N))
	var all sync.WaitGroup
	b.ResetTimer()
	begun := time.Now()
	for i := range pages {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				at := time.Now()
				req, _ := http.NewRequestWithContext(b.Context(), "POST", "http://"+s.addr+"/_ambit/invoke/m.run", strings.NewReader("{}"))
				req.Host = "main.localhost:" + s.port
				req.Header.Set("Origin", s.origin("main"))
				req.Header.Set("Authorization", "Bearer "+token)
				resp, err := client.Do(req)
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				if resp.StatusCode != 200 {
					b.Error(resp.Status)
				}
				took[i] = append(took[i], time.Since(at))
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/time.Since(begun).Seconds(), "invokes/s")
	list := slices.Sorted(slices.Values(slices.Concat(took...)))
	b.ReportMetric(float64(list[(len(list)-1)*99/100].Microseconds())/1000, "p99-ms")
}
