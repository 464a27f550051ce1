package authority

// Policy is everything an [Authority] is made of, as the loader read it. Order
// of manifests and capabilities has no meaning.
type Policy struct {
	Manifests    []Manifest
	Capabilities []Capability
	Platform     Platform
	// Dirs are the declared base dirs, without "$". A granted scope that names
	// another variable is an error; MODULE is always declared.
	Dirs []string
	// Windows are the declared window labels; only [Authority.Lint] looks at
	// them.
	Windows []string
	// Unselected are capabilities that the app has and that are not in effect,
	// and Listed says that only those are which ambit.toml lists; only
	// [Decision.Remedy] looks at them.
	Unselected []Capability
	Listed     bool
	// Lenient is for policies read without modules (--policy-only): every
	// permission's commands exist, and scope keys and, if Dirs is nil,
	// variables that nobody declared are warnings.
	Lenient bool
}
