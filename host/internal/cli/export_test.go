package cli

import "io"

// Run is Main with another current folder.
func Run(dir string, args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := &cli{dir: dir, env: env, stdin: stdin, stdout: stdout, stderr: stderr}
	return c.main(args)
}

// Names for tests of what has no other way in.
var (
	ParseArgs = parseArgs
)

// Colored says whether text on the stream would be colored.
func Colored(color string, env []string, stream any) bool {
	c := &cli{color: color, env: env}
	return c.colored(stream)
}
