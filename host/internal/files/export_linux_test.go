package files

// BestOf is the resolver that would be taken for a folder's descriptor.
func BestOf(fd int) Resolver {
	how, _ := bestResolver(fd)
	return how
}
