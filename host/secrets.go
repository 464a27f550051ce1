package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
)

// Secrets hold what modules may use without seeing it: scope entries name a
// secret, as in headers = { Authorization = "secret:weather-api" }, and the host
// puts its value into what it sends. Secret is called by many goroutines at once,
// for each use; the context is that of the call.
type Secrets interface {
	Secret(ctx context.Context, name string) (string, error)
}

// ErrNoSecret is that there is no secret of a name.
var ErrNoSecret = errors.New("there is no such secret")

// secretVariables begin the environment variables that hold secrets. They are
// never lent as variables.
const secretVariables = "AMBIT_SECRET_"

// EnvSecrets are secrets in the process's environment: "weather-api" is
// AMBIT_SECRET_WEATHER_API. Small letters become capitals, "-" and "." become
// "_".
func EnvSecrets() Secrets { return envSecrets{} }

type envSecrets struct{}

func (envSecrets) Secret(_ context.Context, name string) (string, error) {
	variable := secretVariables + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(name))
	if value, ok := os.LookupEnv(variable); ok {
		return value, nil
	}
	return "", fmt.Errorf("%w: the environment has no %s", ErrNoSecret, variable)
}

// maxSecret bounds the file of a secret, in bytes.
const maxSecret = 64 << 10

// DirSecrets are secrets in a folder, a file each, as containers get them. The
// last line break of a file is not part of the secret. On Unix neither folder nor
// file may be accessible to all users of the machine.
func DirSecrets(dir string) Secrets { return dirSecrets(dir) }

type dirSecrets string

func (d dirSecrets) Secret(_ context.Context, name string) (string, error) {
	if strings.HasPrefix(name, ".") || strings.ContainsAny(name, `/\`) {
		return "", fmt.Errorf("%w: %q is no file's name", ErrNoSecret, name)
	}
	root, err := os.OpenRoot(string(d))
	if err != nil {
		return "", err
	}
	defer func() { _ = root.Close() }()
	f, err := root.Open(name)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNoSecret, err)
	}
	defer func() { _ = f.Close() }()
	for _, stat := range []func() (os.FileInfo, error){func() (os.FileInfo, error) { return root.Stat(".") }, f.Stat} {
		info, err := stat()
		if err != nil {
			return "", err
		}
		if runtime.GOOS != "windows" && info.Mode().Perm()&0o007 != 0 {
			return "", fmt.Errorf("%q is accessible to all users (chmod o-rwx)", info.Name())
		}
	}
	b, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err == nil && len(b) > maxSecret {
		err = fmt.Errorf("the file has more than %d bytes", maxSecret)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r"), err
}
