package image

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// strategy is a way to make a used memory the image again.
type strategy struct {
	name string
	// open prepares it for an image. The snapshot is kept and not changed.
	open func(snapshot []byte) (source, error)
}

// source makes memories that begin as an image.
type source interface {
	// make returns one that can grow to limit bytes.
	make(limit int64) (region, error)
	// close ends the making. What regions need of the source stays until they are
	// freed.
	close() error
}

// The names of the strategies, as they are asked for and reported.
const (
	Auto    = ""        // the fastest, as a trial at load says
	Copy    = "copy"    // copies the whole image
	Compare = "compare" // compares page by page and copies those that differ
	Remap   = "remap"   // a private mapping of the image, whose pages are dropped; Linux
	Scan    = "scan"    // the same, but the kernel says which pages were written; Linux 6.7
	Track   = "track"   // the same, but it knows sooner, by userfaultfd
	Restart = "restart" // no image: each call has an instance that is started for it
)

// strategies are those of this system, in the order in which they are tried.
var strategies = append([]strategy{
	{Copy, openPlain(false)},
	{Compare, openPlain(true)},
}, systemStrategies...)

// Strategies returns the names that [Options] can ask for: of those of this
// system the ones that work in this process, which may be in a container that
// allows less than others.
func Strategies() []string { return slices.Clone(working()) }

var working = sync.OnceValue(func() []string {
	names := []string{Restart}
	for _, s := range strategies {
		if from, _, err := try(s, make([]byte, pageSize)); err == nil && from.close() == nil {
			names = append(names, s.name)
		}
	}
	return names
})

// plainSource makes copies.
type plainSource struct {
	snapshot []byte
	compare  bool
}

func openPlain(compare bool) func([]byte) (source, error) {
	return func(snapshot []byte) (source, error) { return &plainSource{snapshot, compare}, nil }
}

func (s *plainSource) make(limit int64) (region, error) {
	return newPlain(s.snapshot, limit, s.compare), nil
}

func (s *plainSource) close() error { return nil }

// Trial is what the trial of a strategy found.
type Trial struct {
	Strategy string
	Reset    time.Duration // of a memory with some written pages
	Err      error         // why it cannot be used; nil if it can
}

// choose opens the strategy that is asked for, or the fastest.
func choose(want string, snapshot []byte) (string, source, []Trial, error) {
	var trials []Trial
	var best source
	name, fastest := "", time.Duration(0)
	for _, s := range strategies {
		if want != Auto && want != s.name {
			continue
		}
		from, took, err := try(s, snapshot)
		trials = append(trials, Trial{s.name, took, err})
		switch {
		case err != nil:
		case best == nil || took < fastest:
			if best != nil {
				err = best.close()
			}
			name, best, fastest = s.name, from, took
		default:
			err = from.close()
		}
		if err != nil && want != Auto {
			return "", nil, trials, fmt.Errorf("the strategy %q: %w", want, err)
		}
	}
	if best == nil {
		return "", nil, trials, fmt.Errorf("there is no strategy %q here, only %s", want, strings.Join(Strategies(), ", "))
	}
	return name, best, trials, nil
}

// The trial writes to some pages, a few times over: the first rounds are not
// like those that follow. A large image has fewer.
const (
	trialPages  = 16
	trialRounds = 6
	trialBytes  = 8 << 20
)

// try opens a strategy and measures a reset, which must give back each byte.
func try(s strategy, snapshot []byte) (from source, took time.Duration, err error) {
	if from, err = s.open(snapshot); err != nil {
		return nil, 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, from.close())
		}
	}()
	r, err := from.make(int64(len(snapshot)))
	if err != nil {
		return from, 0, err
	}
	defer r.free()
	buf := r.grow(uint64(len(snapshot)), uint64(len(snapshot)))
	if !bytes.Equal(buf, snapshot) {
		return from, 0, errors.New("a new memory is not the image")
	}
	step := max(len(buf)/trialPages, granule)
	took = time.Hour
	for range min(trialRounds, 2+trialBytes/(len(buf)+1)) {
		for at := 0; at < len(buf); at += step {
			buf[at] ^= 0xff
		}
		start := time.Now()
		if err := r.reset(); err != nil {
			return from, 0, err
		}
		took = min(took, time.Since(start))
		if !bytes.Equal(buf, snapshot) {
			return from, 0, errors.New("a reset memory is not the image")
		}
	}
	return from, took, nil
}

// known reports whether a name is that of a strategy, on any system.
func known(name string) bool {
	return slices.Contains([]string{Auto, Copy, Compare, Remap, Scan, Track, Restart}, name)
}
