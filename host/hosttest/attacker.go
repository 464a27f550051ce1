package hosttest

import (
	"context"
	"fmt"
	"os/exec"
)

// Attacker attacks one host, case by case. It is for one goroutine at a time, and
// must be closed.
type Attacker struct {
	open  Open
	child func(context.Context) *exec.Cmd
	arena *arena
	other *other
}

// NewAttacker returns an attacker of the host that open opens, when it is first
// needed. Cases that can take a process down run in one that child starts: it must
// open the same host and call [Serve]. A nil child runs them in this process, too.
func NewAttacker(open Open, child func(context.Context) *exec.Cmd) *Attacker {
	return &Attacker{open: open, child: child}
}

// Attack runs a case.
func (a *Attacker) Attack(ctx context.Context, c Case) Result {
	if c.Child && a.child != nil {
		return a.attackElsewhere(ctx, c)
	}
	if a.arena == nil {
		var err error
		if a.arena, err = newArena(ctx, a.open); err != nil {
			return Result{Case: c.Name, Breaches: []string{fmt.Sprintf("it did not run: %v", err)}}
		}
	}
	return a.arena.run(ctx, &c)
}

// Close closes the host. An error means that something was not given back.
func (a *Attacker) Close() error {
	a.other.stop()
	if a.arena == nil {
		return nil
	}
	return a.arena.close()
}
