package authority_test

import (
	"fmt"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// benchPolicy makes a policy of n rules: n/10 commands, each with ten rules of
// as many capabilities, window and URL patterns among them.
func benchPolicy(n int) authority.Policy {
	m := mod("bench")
	for i := range n / 10 {
		cmds(fmt.Sprintf("command_%d", i))(&m)
	}
	p := policy(m)
	for i := range n / 10 {
		grant := grants(fmt.Sprintf("bench:allow-command-%d", i))
		for j := range 10 {
			id := fmt.Sprintf("c%05d-%d", i, j)
			var c authority.Capability
			switch j {
			case 0, 1, 2, 3:
				c = capab(id, windows(fmt.Sprintf("window-%d", j)), grant)
			case 4, 5:
				c = capab(id, windows("view-*", "editor-?"), grant)
			case 6, 7:
				c = capab(id, windows("window-6"), notLocal, remote(fmt.Sprintf("https://*.example%d.com", j)), grant)
			case 8:
				c = capab(id, windows("window-8"), modules("other"), grant)
			case 9:
				c = capab(id, windows("main"), remote("https://app.example.com/*"), grant)
			}
			p.Capabilities = append(p.Capabilities, c)
		}
	}
	return p
}

var benchSizes = []int{10, 1000, 10_000}

func benchAuthority(b *testing.B, n int) *authority.Authority {
	a, ps := authority.New(benchPolicy(n))
	if err := ps.Err(); err != nil {
		b.Fatal(err)
	}
	return a
}

// benchDecide asks for all commands in turn, in an order that caches dislike.
func benchDecide(b *testing.B, caller string, code authority.Code) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			a := benchAuthority(b, n)
			reqs := make([]authority.Request, n/10)
			for i := range reqs {
				reqs[i] = ask(caller, fmt.Sprintf("bench.command_%d", i*7919%len(reqs)))
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if d := a.Decide(reqs[i]); d.Code() != code {
					b.Fatal(d.Explain())
				}
				if i++; i == len(reqs) {
					i = 0
				}
			}
		})
	}
}

func BenchmarkDecideLocal(b *testing.B)  { benchDecide(b, "main", authority.CodeAllowed) }
func BenchmarkDecideDenied(b *testing.B) { benchDecide(b, "nobody", authority.CodeWindowMismatch) }
func BenchmarkDecideRemote(b *testing.B) {
	benchDecide(b, "main@https://app.example.com/index.html", authority.CodeAllowed)
}

func BenchmarkNew(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := benchPolicy(n)
			b.ReportAllocs()
			for b.Loop() {
				if _, ps := authority.New(p); ps.Err() != nil {
					b.Fatal(ps)
				}
			}
		})
	}
}

func BenchmarkLiveGrantRevoke(b *testing.B) {
	for _, n := range benchSizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			l, ps := authority.NewLive(benchPolicy(n))
			if ps.Err() != nil {
				b.Fatal(ps)
			}
			c := capab("extra", windows("main"), grants("bench:allow-command-0"))
			b.ReportAllocs()
			for b.Loop() {
				id, ps := l.Grant(c, 0)
				if ps.Err() != nil {
					b.Fatal(ps)
				}
				l.Revoke(id)
			}
		})
	}
}

func BenchmarkGrant(b *testing.B) {
	fs := mod("fs", cmds("read:fs.read", "size"))
	a := compile(b, fs, capab("main", windows("main"), grants("fs:allow-size"), grantsScoped("fs:allow-read", `[{"path":"$APPDATA/**"}]`, "")))
	for _, name := range []string{"fs.size", "fs.read"} {
		b.Run(name, func(b *testing.B) {
			req := ask("main", name)
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := a.Decide(req).Grant(); !ok {
					b.Fatal("denied")
				}
			}
		})
	}
}
