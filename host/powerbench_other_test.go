//go:build !linux

package host_test

import "errors"

func systemStat(int, string, string) error { return errors.ErrUnsupported }
func openBase(string) (int, error)         { return 0, errors.ErrUnsupported }
func closeBase(int)                        {}
