package hosttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/host"
)

// sound asserts what must hold whatever was tried: the host is alive and answers
// others in time, nothing leaked, everything was given back, and each call left one
// record that says why. It returns the 99th percentile of the neighbour's calls.
func (a *attack) sound(before resources, gap time.Duration) time.Duration {
	if gap > longestGap {
		a.late = append(a.late, fmt.Sprintf("the host did not move for %v, more than %v", gap.Round(time.Millisecond), longestGap))
	}
	took, err := a.next.report()
	if most := 2*a.next.solo + longestGap; took > most {
		a.late = append(a.late, fmt.Sprintf("the neighbour waited %v, more than %v", took.Round(time.Millisecond), most.Round(time.Millisecond)))
	}
	if err != nil {
		a.breachf("the neighbour's call: %v", err)
	}
	a.backToBase(before)
	records := a.sink.take()
	a.leaks(records)
	a.audited(records)
	return took
}

// resources are what a case must give back.
type resources struct {
	goroutines, descriptors int
	running                 int64 // calls
	memory                  int64 // of instances that neither wait nor are kept
	outside                 string
}

// slack is how many goroutines and descriptors a host may have more than before:
// those that it makes once, when they are needed.
const slack = 4

// resources counts them, while the neighbour waits.
func (a *arena) resources() resources {
	a.alone.Lock()
	defer a.alone.Unlock()
	s := a.host.Stats()
	list, _ := os.ReadDir("/proc/self/fd") // nothing on other systems
	return resources{runtime.NumGoroutine(), len(list), s.Running, s.Memory - s.Kept, a.tree()}
}

// tree is what there is in the folders of the arena, but for the modules' own, and
// what the files hold that nobody is lent.
func (a *arena) tree() string {
	var b strings.Builder
	_ = filepath.WalkDir(a.dir, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(a.dir, path)
		if err != nil {
			return nil //nolint:nilerr // it is gone meanwhile
		}
		if strings.HasPrefix(rel, filepath.Join("data", "hosttest")) || rel == filepath.Join("data", ".kv") {
			return fs.SkipDir
		}
		fmt.Fprintln(&b, rel, d.Type())
		if strings.HasPrefix(rel, "outside") && d.Type().IsRegular() {
			text, _ := os.ReadFile(path)
			fmt.Fprintf(&b, "%q\n", text)
		}
		return nil
	})
	return b.String()
}

// backToBase waits until everything is given back.
func (a *attack) backToBase(before resources) {
	var now resources
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		now = a.resources()
		if now.goroutines <= before.goroutines+slack && now.descriptors <= before.descriptors+slack &&
			now.running == 0 && now.memory <= before.memory || time.Now().After(end) {
			break
		}
	}
	switch {
	case now.goroutines > before.goroutines+slack:
		a.breachf("%d goroutines are left, %d before", now.goroutines, before.goroutines)
	case now.descriptors > before.descriptors+slack:
		a.breachf("%d descriptors are open, %d before", now.descriptors, before.descriptors)
	case now.running != 0:
		a.breachf("%d calls still run", now.running)
	case now.memory > before.memory:
		a.breachf("%d bytes of memory are in use, %d before", now.memory, before.memory)
	}
	if now.outside != before.outside {
		a.breachf("folders that nobody was lent have changed from\n%sto\n%s", before.outside, now.outside)
	}
}

// leaks looks for what was hidden: in what guests and callers saw, in the log and in
// the records.
func (a *attack) leaks(records []host.Record) {
	written, err := json.Marshal(records)
	if err != nil {
		a.breachf("the records: %v", err)
	}
	log := a.log.take()
	for where, text := range map[string]string{"what was returned": strings.Join(a.seen, "\n"), "the log": log, "the records": string(written)} {
		for _, canary := range a.canaries {
			if strings.Contains(text, canary) {
				a.breachf("a secret is in %s", where)
			}
		}
		if where == "what was returned" && strings.Contains(text, a.dir) {
			a.breachf("a path of the host is in %s", where)
		}
	}
	for line := range bytes.Lines([]byte(log)) {
		var entry map[string]any
		if err := json.Unmarshal(line, &entry); err != nil {
			a.breachf("the log has a line of its own: %q", line)
		} else if bad := unprintableIn(entry); bad != "" {
			a.breachf("the log has a text that does not print: %q", bad)
		}
	}
}

// audited asserts that each call of the case left one record, with its code, the
// policy that was asked and, if it was allowed, the place of the rule.
func (a *attack) audited(records []host.Record) {
	got := map[authority.Code]int{}
	for _, r := range records {
		if len(r.Caller.Chain) == 0 {
			got[r.Code]++
		}
		if r.ID == "" || r.Policy == "" && r.Decision == "allow" || r.Decision != "allow" && r.Decision != "deny" {
			a.breachf("an incomplete record: %+v", r)
		}
		if r.Decision == "allow" && (len(r.Rules) == 0 || r.Rules[0].Source == "") {
			a.breachf("a record without a rule: %+v", r)
		}
		var fields any
		if b, err := json.Marshal(r); err != nil || json.Unmarshal(b, &fields) != nil {
			a.breachf("a record that does not encode: %+v", r)
		} else if bad := unprintableIn(fields); bad != "" {
			a.breachf("a record has a text that does not print: %q", bad)
		}
	}
	want := map[authority.Code]int{}
	for _, code := range a.codes {
		want[code]++
	}
	if !maps.Equal(got, want) {
		a.breachf("the records have the codes %v, want %v", got, want)
	}
}

// unprintable reports whether a character can change how a text around it looks.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
}

// unprintableIn returns a text in a value of JSON that does not print.
func unprintableIn(v any) string {
	switch v := v.(type) {
	case string:
		if strings.ContainsFunc(v, unprintable) {
			return v
		}
	case []any:
		for _, e := range v {
			if bad := unprintableIn(e); bad != "" {
				return bad
			}
		}
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if bad := unprintableIn(v[k]); bad != "" || strings.ContainsFunc(k, unprintable) {
				return k + bad
			}
		}
	}
	return ""
}
