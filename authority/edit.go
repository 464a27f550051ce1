package authority

// EditKind says what an [Edit] does. The zero value is no change.
type EditKind uint8

// The kinds of changes, and the fields that each needs.
const (
	_                    EditKind = iota
	EditAddEntry                  // Entry is added to the permissions of the capability Target
	EditRemoveEntry               // all entries with Entry.Identifier are taken out of the capability Target
	EditExpires                   // the capability Target runs out at Expires; 0: never
	EditCreateCapability          // the file is made, to hold Capability; where ambit.toml lists capabilities, it is listed
	EditAddMember                 // Entry.Identifier becomes a member of the set Target
	EditRemoveMember              // Entry.Identifier is no member of the set Target any more
	EditRemovePermission          // the permission Target of a permission file is taken out
	EditCreatePermission          // the file is made, to hold Permission
)

// Edit is one change of a policy's files, as data. Package acl makes it in
// their text.
type Edit struct {
	Position   // the file; and, where it is known, what in it is changed
	Kind       EditKind
	Target     string // identifier of the capability, set ("default" for [default]) or permission
	Entry      Entry
	Expires    int64 // Unix nanoseconds
	Capability *Capability
	Permission *Permission
}
