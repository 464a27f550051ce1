package kv

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// childVariable makes the test binary a writer that says what it has stored.
const childVariable = "AMBIT_TEST_KV_CHILD"

func TestMain(m *testing.M) {
	if file := os.Getenv(childVariable); file != "" {
		writeForever(file)
	}
	os.Exit(m.Run())
}

// writeForever stores numbered keys from several goroutines and prints each one
// that is acknowledged.
func writeForever(file string) {
	s, err := Open(file)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	n := s.Namespace("m", Quota{Keys: 1 << 20, Bytes: 1 << 30, Value: 1 << 20})
	start := 0
	if p, err := n.List("", "", 1<<20, false, 0, all); err == nil {
		start = len(p.Entries)
	}
	for w := range 4 {
		go func() {
			for i := start; ; i++ {
				key := fmt.Sprintf("%d-%d", w, i)
				if err := n.Set(key, valueOf(key), 0); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				_, _ = os.Stdout.WriteString(key + "\n")
			}
		}()
	}
	select {}
}

func valueOf(key string) []byte { return []byte(strings.Repeat(key+"/", 50)) }

// TestKill: a hundred times a process that writes keys is killed. No write that it
// acknowledged is lost, none is there by half, and the counts are right.
func TestKill(t *testing.T) {
	rounds := 100
	if testing.Short() {
		rounds = 5
	}
	dir, file := t.TempDir(), ""
	acknowledged := 0
	for round := range rounds {
		if round%5 == 0 {
			file = filepath.Join(dir, fmt.Sprint(round), "kv.db")
		}
		keys := runAndKill(t, file, time.Duration(rand.IntN(12))*time.Millisecond)
		acknowledged += len(keys)
		s, err := Open(file)
		if err != nil {
			t.Fatal(err)
		}
		n := s.Namespace("m", Quota{Keys: 1 << 20, Bytes: 1 << 30, Value: 1 << 20})
		for _, key := range keys {
			if v, ok, err := n.Get(key, nil); !ok || err != nil || string(v) != string(valueOf(key)) {
				t.Fatalf("%s, which was acknowledged, is %d bytes, %t, %v", key, len(v), ok, err)
			}
		}
		checkAll(t, n)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d writes acknowledged", acknowledged)
	if acknowledged < rounds {
		t.Error("hardly anything was written")
	}
}

// runAndKill runs a writer until it has acknowledged something and some time more,
// and returns what it acknowledged.
func runAndKill(t *testing.T, file string, after time.Duration) []string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+file)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if keys = append(keys, lines.Text()); len(keys) == 1 {
			time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Wait()
	return keys
}

// checkAll reads everything, and holds the counts against it.
func checkAll(t *testing.T, n *Namespace) {
	t.Helper()
	p, err := n.List("", "", 1<<20, true, 1<<30, all)
	if err != nil {
		t.Fatal(err)
	}
	var size int64
	for _, e := range p.Entries {
		if string(e.Value) != string(valueOf(e.Key)) {
			t.Fatalf("%s has %d bytes", e.Key, len(e.Value))
		}
		size += int64(len(e.Key) + len(e.Value))
	}
	full := Namespace{s: n.s, quota: Quota{Keys: int64(len(p.Entries)), Bytes: size, Value: 1 << 20}, values: n.values, expiries: n.expiries, count: n.count}
	if err := full.Set("x", []byte{}, 0); !errors.Is(err, ErrQuota) {
		t.Fatalf("the counts are lower than what is stored: %v", err)
	}
	full.quota.Keys++
	full.quota.Bytes++
	if err := full.Set("x", []byte{}, 0); err != nil {
		t.Fatalf("the counts are higher than what is stored: %v", err)
	}
	if _, err := full.Delete("x"); err != nil {
		t.Fatal(err)
	}
}

// TestDamaged: whatever a file holds, using it gives errors and no panic.
func TestDamaged(t *testing.T) {
	file := filepath.Join(t.TempDir(), "kv.db")
	s := openStore(t, file)
	n := s.Namespace("m", Quota{Keys: 1 << 20, Bytes: 1 << 30, Value: 1 << 20})
	for i := range 300 {
		if err := n.Set(strconv.Itoa(i), valueOf(strconv.Itoa(i)), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	failed := 0
	for i := range 200 {
		bad := append([]byte(nil), good...)
		for range 1 + rnd.IntN(20) {
			// The heads of pages, but for where they point: a circle is not caught.
			page := rnd.IntN(len(bad)/4096) * 4096
			bad[page+8+rnd.IntN(8)] ^= byte(1 + rnd.IntN(255))
		}
		if i%4 == 0 {
			bad = bad[:rnd.IntN(len(bad))]
		}
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if use(file) != nil {
			failed++
		}
	}
	if failed < 100 {
		t.Errorf("only %d of 200 damaged files were noticed", failed)
	}
	if err := os.WriteFile(file, good, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := use(file); err != nil {
		t.Errorf("control: %v", err)
	}
}

// use opens a file, reads all and writes.
func use(file string) error {
	s, err := Open(file)
	if err != nil {
		return err
	}
	n := s.Namespace("m", Quota{Keys: 1 << 20, Bytes: 1 << 30, Value: 1 << 20})
	_, err = n.List("", "", 1<<20, true, 1<<30, all)
	_, _, get := n.Get("17", nil)
	return errors.Join(err, get, n.Set("x", []byte("y"), 0), s.Close())
}

// TestCutOff: a file that is cut off while it is mapped is an error of the store,
// then and from then on.
func TestCutOff(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a mapped file cannot be cut off")
	}
	file := filepath.Join(t.TempDir(), "kv.db")
	s, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	n := s.Namespace("m", Quota{Keys: 1 << 20, Bytes: 1 << 30, Value: 1 << 20})
	for i := range 300 {
		if err := n.Set(strconv.Itoa(i), valueOf(strconv.Itoa(i)), 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(file, 4096); err != nil {
		t.Fatal(err)
	}
	if _, _, err := n.Get("17", nil); !errors.Is(err, ErrDamaged) {
		t.Errorf("%v", err)
	}
	if err := n.Set("17", []byte{}, 0); !errors.Is(err, ErrDamaged) {
		t.Errorf("%v", err)
	}
	_ = s.Close() // with or without an error
}

// TestFull: on a full disk a write is an error, what was there before stays, and
// when there is room again the store goes on.
func TestFull(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs a file whose size is limited")
	}
	if file := os.Getenv("AMBIT_TEST_KV_FULL"); file != "" {
		fullChild(t, file)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestFull$", "-test.v")
	cmd.Env = append(os.Environ(), "AMBIT_TEST_KV_FULL="+filepath.Join(t.TempDir(), "kv.db"))
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS: TestFull") {
		t.Errorf("%v\n%s", err, out)
	}
}
