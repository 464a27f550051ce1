package authority

import "encoding/binary"

// audience is whom the rules of a command mean. Decide looks at nothing else.
// Most commands share theirs with others, so that what is looked at is small
// and stays in the processor's caches, however many rules there are.
type audience struct{ deny, allow []*grantee }

// audiences makes those of all commands.
type audiences struct {
	known map[string]*audience
	ids   map[*grantee]uint32
	key   []byte
}

func newAudiences() *audiences {
	return &audiences{known: map[string]*audience{}, ids: map[*grantee]uint32{}}
}

// of returns the audience of a command with these rules.
func (s *audiences) of(r rules) *audience {
	s.key = s.key[:0]
	s.add(r.deny)
	s.key = append(s.key, 0, 0, 0, 0) // no grantee: the denies end here
	s.add(r.allow)
	known := s.known[string(s.key)]
	if known == nil {
		known = &audience{deny: grantees(r.deny), allow: grantees(r.allow)}
		s.known[string(s.key)] = known
	}
	return known
}

// add adds whom the rules mean to the key.
func (s *audiences) add(list []rule) {
	for _, r := range list {
		id := s.ids[r.who]
		if id == 0 {
			id = uint32(len(s.ids)) + 1
			s.ids[r.who] = id
		}
		s.key = binary.LittleEndian.AppendUint32(s.key, id)
	}
}

// grantees lists whom rules mean. Neighbours are often for the same.
func grantees(list []rule) []*grantee {
	var out []*grantee
	for _, r := range list {
		if n := len(out); n == 0 || out[n-1] != r.who {
			out = append(out, r.who)
		}
	}
	return out
}
