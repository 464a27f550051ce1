//go:build !unix || aix || solaris

package files

// kind turns what the operating system said into an [Error]; nil stays nil.
func kind(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := err.(Error); ok {
		return e
	}
	return kindPortable(err)
}
