package pattern_test

import (
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority/pattern"
)

func BenchmarkLabel(b *testing.B) {
	for _, c := range []struct{ name, pattern, text string }{
		{"literal", "main", "main"}, {"star", "*", "main"}, {"prefix", "main-*", "main-window-12"}, {"middle", "a*b*c", "axxxxbxxxxc"},
		{"hostile", strings.Repeat("*a", 100) + "b", strings.Repeat("a", 1000)},
	} {
		l := label(b, c.pattern)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.Match(c.text)
			}
		})
	}
}

func BenchmarkPath(b *testing.B) {
	const path = "/home/me/.local/share/app/notes/2026/january/first.md"
	for _, c := range []struct {
		name, pattern string
		o             pattern.PathOptions
	}{
		{"deep", "$D/notes/**", allow}, {"glob", "$D/notes/**/*.md", allow}, {"miss", "$D/other/**", allow},
		{"fold", "$D/notes/**", denyFold}, {"foldglob", "$D/**/*.MD", denyFold},
	} {
		m := bind(b, c.pattern, "/home/me/.local/share/app", c.o)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.Match(path)
			}
		})
	}
}

func BenchmarkURL(b *testing.B) {
	p := parse(b, "https://api.example.com/v1/users/42/edit?x=1")
	for _, c := range []struct{ name, pattern string }{
		{"literal", "https://api.example.com"}, {"subdomain", "https://*.example.com/v1/*"}, {"any", "https://*:*"},
		{"groups", "http{s}?://{*.}?example.com/v1/users/:id/edit"},
	} {
		u := urlPattern(b, c.pattern)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !u.Match(p) {
					b.Fatal("no match")
				}
			}
		})
	}
}

func BenchmarkParseURL(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pattern.ParseURL("https://api.example.com:8443/v1/users/42?x=1"); err != nil {
			b.Fatal(err)
		}
	}
}
