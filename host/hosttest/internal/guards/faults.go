package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/host/hosttest"
)

// tour are cases that use all that a host offers: files, keys, requests, programs,
// events, other commands, WASI, and loading.
var tour = []string{
	"050/a file left open", "050/a request left open", "050/a program left running", "052/the request over its own data", "055/arguments changed afterwards", "056/memory grown before the result",
	"072/what a process has", "075/denied or missing", "076/state in memory that was grown", "077/keys of another module", "079/more files than it may have", "117/the parent of an open folder", "123/sets a size with the power to read",
	"124/fills the disk", "129/a secret header", "132/endless", "202/an event is written over", "204/a time to live that overflows", "205/a number of another power", "209/replaces itself", "040/its own command", "108/callers that look alike together", "112/C, files",
}

// forced are the packages in which faults are forced: those of the functions that
// modules call, and what these are made of.
var forced = []string{"host/"}

// cannot are conditions that cannot be forced, since asking them does something that
// the other way undoes, or since what follows uses what they say is not there. What
// they call has conditions of its own.
var cannot = regexp.MustCompile(`\.take\(|\.enter\(\)|: ok$|!c\.decision\.Allowed\(\)$|!c\.ask\(req\)$`)

// faults forces each guard once in each case of the tour that asks it, so that the
// host takes the path of an error there. The case may end as it likes. What must
// hold whatever happens must hold: nothing panics, everything is given back, nothing
// leaks, each call has its record.
func (p *prover) faults(only *regexp.Regexp) error {
	file := filepath.Join(p.dir, "asked")
	seen, broken := 0, 0
	done := map[string]int{} // how often a guard was forced
	for _, name := range tour {
		if !slices.ContainsFunc(hosttest.Cases(), func(c hosttest.Case) bool { return c.Name == name }) {
			return fmt.Errorf("there is no case %q", name)
		}
		_ = os.Remove(file)
		if how, failed := p.fails(name, "", file, "AMBIT_GUARDS_ASKED=1"); failed {
			return fmt.Errorf("%s: %s", name, how)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, id := range strings.Fields(string(text)) {
			guard := p.name(id)
			if done[id] >= 2 || !only.MatchString(guard) || cannot.MatchString(guard) || !slices.ContainsFunc(forced, func(dir string) bool { return strings.HasPrefix(guard, dir) }) {
				continue
			}
			if done[id]++; done[id] == 1 {
				seen++
			}
			how, _ := p.fails(name, "", "", "AMBIT_GUARDS_FORCE="+id)
			if p.verbose {
				fmt.Printf("%s in %s: %s\n", guard, name, how)
			}
			if unsound(how) {
				broken++
				fmt.Printf("%s, forced in %s: %s\n", guard, name, how)
			}
		}
	}
	fmt.Printf("%d faults, %d of them break what must hold\n", seen, broken)
	if broken > 0 {
		return fmt.Errorf("%d faults break what must hold", broken)
	}
	return nil
}

// unsound reports whether a complaint is about what must hold whatever happens.
func unsound(how string) bool {
	return slices.ContainsFunc([]string{
		"it panicked", "the process is gone", "it took the process down", "goroutines are left", "descriptors are open", "still run", "bytes of memory are in use", "have changed from",
		"a secret is in", "a path of the host is in", "the log has", "a record", "the records have the codes", "it took longer",
	}, func(s string) bool { return strings.Contains(how, s) })
}
