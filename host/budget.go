package host

// budget is what a call may use, or has used, together with those that it makes.
type budget struct {
	cpu       int64 // weighted instructions
	hostCalls int64 // of host functions, bulk work by its size
	invokes   int64 // of other commands
}

// openBudget gives the call what its module may use, and no more than those above
// it have left.
func (c *call) openBudget() {
	l := &c.module.limits
	c.most = budget{cpu: l.CPU, hostCalls: l.HostCalls, invokes: l.Invokes}
	c.depth = l.CallDepth - int64(len(c.caller.Chain))
	if up := c.above; up != nil {
		c.depth = min(c.depth, up.depth-1)
		c.most.cpu = min(c.most.cpu, up.most.cpu-up.used.cpu)
		c.most.hostCalls = min(c.most.hostCalls, up.most.hostCalls-up.used.hostCalls)
		c.most.invokes = min(c.most.invokes, up.most.invokes-up.used.invokes)
	}
}

// add counts what a call below has used.
func (b *budget) add(below budget) {
	b.cpu += below.cpu
	b.hostCalls += below.hostCalls
	b.invokes += below.invokes
}
