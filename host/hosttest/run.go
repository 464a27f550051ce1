package hosttest

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Run runs all cases against the host that open opens, each as a subtest of t by its
// name, so that -run selects. Cases that can take a process down run in another
// process of the same test. A case that does not run fails. The subtests are not
// parallel: what a case measures would be that of the others.
func Run(t *testing.T, open Open) {
	t.Helper()
	if IsChild() {
		if err := Serve(t.Context(), open, os.Stdin, os.Stdout); err != nil {
			t.Error(err)
		}
		return
	}
	var pattern []string
	for part := range strings.SplitSeq(t.Name(), "/") {
		pattern = append(pattern, "^"+part+"$")
	}
	a := NewAttacker(open, func(ctx context.Context) *exec.Cmd {
		return exec.CommandContext(ctx, os.Args[0], "-test.run="+strings.Join(pattern, "/"), "-test.count=1", "-test.timeout=1h")
	})
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx := t.Context()
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			r := a.Attack(ctx, c)
			t.Logf("%s (%v, gap %v, neighbour %v)", r.Happened, r.Took.Round(time.Millisecond), r.Gap.Round(time.Millisecond), r.Neighbour.Round(100*time.Microsecond))
			for _, b := range r.Breaches {
				t.Error(b)
			}
		})
	}
}
