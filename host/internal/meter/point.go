package meter

// point is a place where a debit may stand. What it dominates, up to the next
// points inside, is its weight; if that is little, its dominator pays for it,
// and no debit stands there.
type point struct {
	weight int64
	parent int32 // the point that dominates it; -1 of those that stay
	check  bool  // of the fuel, after the debit
	all    bool  // of the stack, too
	gone   bool  // its parent pays
	again  bool  // it is the head of a loop, which may begin again after a refill
}

// most is how much a point may have to pay for without that paths through it
// are told apart. More makes the code smaller and faster, and what is charged
// less exact: with 128 Go guests pay 1.17 times their time and a fifth as many
// units.
const most = 1024

// settle decides which points stay. Points stand after those that dominate
// them, so the last ones come first.
func settle(points []point) {
	for i := len(points) - 1; i >= 0; i-- {
		p := &points[i]
		if p.parent < 0 {
			continue
		}
		if up := &points[p.parent]; p.weight == 0 || up.weight+p.weight <= most {
			up.weight += p.weight
			p.gone = true
		}
	}
}
