//go:build !unix || aix || solaris

package files

import "errors"

// kind turns what the operating system said into an [Error]; nil stays nil.
func kind(err error) error {
	if err == nil {
		return nil
	}
	if e := Error(0); errors.As(err, &e) {
		return e
	}
	return kindPortable(err)
}
