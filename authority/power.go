package authority

// Power is something outside the sandbox that the host can lend to a call
// (DESIGN §6.2). A power is lent only to a command that declares it, and only
// within scope entries that carry one of the power's keys.
type Power string

// The powers.
const (
	PowerFSRead  Power = "fs.read"
	PowerFSWrite Power = "fs.write"
	PowerHTTP    Power = "http"
	PowerKVRead  Power = "kv.read"
	PowerKVWrite Power = "kv.write"
	PowerEnv     Power = "env"
	PowerExec    Power = "exec"
	PowerInvoke  Power = "invoke"
	PowerEmit    Power = "emit"
)

// powerKeys maps each power to the scope key that an entry must carry to lend
// it, in the order in which powers are listed.
var powerKeys = []struct {
	power Power
	key   string
}{
	{PowerFSRead, "path"}, {PowerFSWrite, "path"}, {PowerHTTP, "url"}, {PowerKVRead, "key"}, {PowerKVWrite, "key"},
	{PowerEnv, "var"}, {PowerExec, "program"}, {PowerInvoke, "invoke"}, {PowerEmit, "topic"},
}

// Powers returns all powers, in a fixed order.
func Powers() []Power {
	out := make([]Power, len(powerKeys))
	for i, pk := range powerKeys {
		out[i] = pk.power
	}
	return out
}

// Key returns the scope key of the power ("path", "url", …), or "" for a
// power that does not exist.
func (p Power) Key() string {
	for _, pk := range powerKeys {
		if pk.power == p {
			return pk.key
		}
	}
	return ""
}

// Keys returns all scope keys that say something about the power, [Power.Key]
// first; nil for a power that does not exist.
func (p Power) Keys() []string {
	key := p.Key()
	if key == "" {
		return nil
	}
	keys := []string{key}
	for _, e := range powerExtras {
		if e.power == p {
			keys = append(keys, e.key)
		}
	}
	return keys
}

// Words says in plain words what the power lends, to go in front of what it is
// lent on: "writing files". It is "" for a power that does not exist.
func (p Power) Words() string { return powerWords[p] }
