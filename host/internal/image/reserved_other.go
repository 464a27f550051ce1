//go:build !unix

package image

// newPlain returns a region that begins as the image and can grow.
func newPlain(image []byte, _ int64, compare bool) region { return newHeap(image, compare) }
