package authority_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ambit-wasm/ambit/authority"
)

// applyRemedy changes a policy as a remedy says, as a person would in files.
// It returns false if the remedy says that no change helps.
func applyRemedy(t *testing.T, p *authority.Policy, remedy string) bool {
	t.Helper()
	head, body, _ := strings.Cut(remedy, "\n")
	switch {
	case strings.HasPrefix(head, "create capabilities/"):
		p.Capabilities = append(slices.Clone(p.Capabilities), readCapability(t, body))
	case strings.Contains(head, ", add to permissions:"):
		line, _, _ := strings.Cut(body, "\n")
		edit(t, p, head, func(c *authority.Capability) {
			readEntry(t, jsonish(strings.TrimSuffix(strings.TrimSpace(line), ",")))(c)
		})
	case strings.Contains(head, "replace expires"):
		edit(t, p, head, func(c *authority.Capability) { c.Expires = 0 })
	case strings.Contains(head, " out of the permissions of capability "):
		for line := range strings.Lines(remedy) {
			id := regexp.MustCompile(`take "([^"]*)" out`).FindStringSubmatch(line)[1]
			edit(t, p, line, func(c *authority.Capability) {
				c.Permissions = slices.DeleteFunc(slices.Clone(c.Permissions), func(e authority.Entry) bool {
					return e.Identifier == id || "app:"+e.Identifier == id
				})
			})
		}
	default:
		return false
	}
	return true
}

// edit changes the capability that a line of a remedy names.
func edit(t *testing.T, p *authority.Policy, line string, change func(*authority.Capability)) {
	t.Helper()
	id := regexp.MustCompile(`capability "([^"]*)"`).FindStringSubmatch(line)[1]
	p.Capabilities = slices.Clone(p.Capabilities)
	for i := range p.Capabilities {
		if p.Capabilities[i].Identifier == id {
			change(&p.Capabilities[i])
			return
		}
	}
	t.Fatalf("no capability %q for %q", id, line)
}

// jsonish turns the inline tables of a remedy into JSON.
func jsonish(text string) string {
	return regexp.MustCompile(`([a-z]+) = `).ReplaceAllString(text, `"$1": `)
}

func readEntry(t *testing.T, text string) capOption {
	t.Helper()
	var e struct {
		Identifier  string
		Allow, Deny json.RawMessage
	}
	if json.Unmarshal([]byte(text), &e.Identifier) != nil {
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	return grantsScoped(e.Identifier, string(e.Allow), string(e.Deny))
}

func readCapability(t *testing.T, body string) authority.Capability {
	t.Helper()
	c := authority.Capability{Local: true}
	for line := range strings.Lines(body) {
		if !strings.HasPrefix(line, "  ") {
			continue // a remark
		}
		key, value, _ := strings.Cut(strings.TrimSpace(line), " = ")
		var list []string
		var err error
		switch key {
		case "identifier":
			err = json.Unmarshal([]byte(value), &c.Identifier)
			c.File = "capabilities/" + c.Identifier + ".toml"
		case "windows":
			err = json.Unmarshal([]byte(value), &list)
			windows(list...)(&c)
		case "webviews":
			err = json.Unmarshal([]byte(value), &list)
			webviews(list...)(&c)
		case "modules":
			err = json.Unmarshal([]byte(value), &list)
			modules(list...)(&c)
		case "local":
			c.Local = value == "true"
		case "remote":
			var r struct{ URLs []string }
			err = json.Unmarshal([]byte(jsonish(value)), &r)
			remote(r.URLs...)(&c)
		case "permissions":
			readEntry(t, jsonish(value[1:len(value)-1]))(&c)
		default:
			t.Fatalf("unknown line %q", line)
		}
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
	}
	return c
}

// TestRemediesHelp applies remedies to random policies and asks again, until
// the call is allowed. A remedy that grants must allow nobody in another
// window.
func TestRemediesHelp(t *testing.T) {
	helped, hopeless := 0, 0
	eachPolicy(t, 600, func(g generator, _ uint64, p authority.Policy, a *authority.Authority) {
		for range 6 {
			req := g.request()
			req.Now, req.Spent = 15, nil
			first := a.Decide(req)
			q, now := p, a
			d := first
			for range 3 {
				if d.Allowed() || !applyRemedy(t, &q, d.Remedy()) {
					break
				}
				next, ps := authority.New(q)
				if ps.Err() != nil {
					t.Fatalf("%v\nafter %s", ps, d.Remedy())
				}
				if d.Code() != authority.CodeDeniedByRule && d.Code() != authority.CodeExpired {
					wantNoOther(t, g, now, next, req, d)
				}
				now, d = next, next.Decide(req)
			}
			switch {
			case first.Allowed():
			case d.Allowed():
				helped++
			case strings.HasPrefix(d.Remedy(), "no ") || strings.HasPrefix(d.Remedy(), "call ") || strings.HasPrefix(d.Remedy(), "in ambit.toml"):
				hopeless++
			default:
				t.Errorf("%s\nremedy: %s", d.Explain(), d.Remedy())
			}
		}
	})
	if helped < 300 && !testing.Short() || hopeless == 0 {
		t.Errorf("%d helped, %d could not be", helped, hopeless)
	}
}

// wantNoOther checks that a remedy for one caller allows no other window, and
// no module.
func wantNoOther(t *testing.T, g generator, before, after *authority.Authority, req authority.Request, d authority.Decision) {
	t.Helper()
	for range 5 {
		other := req
		other.Caller = g.caller()
		if c := other.Caller; c.Window == req.Caller.Window || c.Webview == req.Caller.Window || c.Window == req.Caller.Webview || c.Webview == req.Caller.Webview || c.Origin.Module() != "" && c.Origin.Module() == req.Caller.Origin.Module() {
			continue
		}
		if after.Decide(other).Allowed() && !before.Decide(other).Allowed() {
			t.Errorf("%s\nthe remedy also allows %s:\n%s", d.Explain(), after.Decide(other).Explain(), d.Remedy())
		}
	}
}

func TestNoRemedyForAnAllow(t *testing.T) {
	a := compile(t, mod("m", cmds("go")), capab("c", windows("main"), grants("m:allow-go")))
	if r := want(t, a, "main", "m.go", allowed).Remedy(); r != "" {
		t.Error(r)
	}
}
