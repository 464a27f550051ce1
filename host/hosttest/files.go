package hosttest

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// files are attacks on the files that a call is lent: those in the attacker's own
// folder, $MODULE, into which somebody has put what leads out of it.
func files() (all []Case) {
	// Names of a file outside, and other names that reach nothing.
	for name, path := range map[string]string{
		"up": "MODULE/../outside/secret", "up twice": "MODULE/../../outside/secret", "up from below": "MODULE/d/../../../outside/secret", "up from what is not there": "MODULE/none/../../../outside/secret",
		"absolute": "/etc/passwd", "root": "/", "dot": ".", "two dots": "..", "many slashes": "MODULE//..//..//outside//secret", "backslashes": "MODULE\\..\\..\\outside\\secret",
		"another module": "MODULE/../" + neighbour + "/f", "the store": "MODULE/../.kv/kv.db", "percent": "MODULE/%2e%2e/%2e%2e/outside/secret", "percent twice": "MODULE/%252e%252e/outside/secret",
		"NUL": "MODULE/f\x00/../../outside/secret", "5000 bytes": "MODULE/" + strings.Repeat("x", 5000), "5000 folders": "MODULE/" + strings.Repeat("d/", 2500) + "f", "empty": "", "only the variable": "MODULE/", "another variable": "DATA/f", "a variable in small letters": "module/f",
		"a dollar": "$MODULE/f", "tilde": "~/f", "proc": "/proc/self/environ", "proc of the process": "/proc/self/root/etc/passwd", "device": "/dev/zero", "trailing slash": "MODULE/f/", "trailing dot": "MODULE/f/.",
	} {
		row := "112"
		if strings.HasPrefix(name, "percent") || name == "backslashes" {
			row = "094"
		}
		all = append(all, Case{
			Name: row + "/" + name, Tries: "open a file outside by a name that leads out of the scope", attack: func(a *attack) { a.outOfReach(path) },
		})
	}
	for name, path := range map[string]string{
		"absolute link": "MODULE/absolute", "relative link": "MODULE/relative", "link to a folder": "MODULE/folder/secret", "link in a folder": "MODULE/d/up/secret", "link to a link": "MODULE/twice", "link and trailing slash": "MODULE/folder/",
		"link to itself": "MODULE/loop", "link to proc": "MODULE/proc/environ",
	} {
		row := "113"
		if name == "link and trailing slash" {
			row = "115"
		}
		all = append(all, Case{
			Name: row + "/" + name, Tries: "open a file outside by a link that is there", attack: func(a *attack) {
				a.links()
				a.outOfReach(path)
			},
		})
	}
	for name, path := range map[string]string{"FIFO": "MODULE/fifo", "socket": "MODULE/socket", "device": "MODULE/zero", "memory of the process": "MODULE/mem"} {
		all = append(all, Case{
			Name: "120/" + name, Tries: "open what is no file, to block the host or to read for ever", attack: func(a *attack) {
				a.specialFiles()
				a.outOfReach(path)
			},
		})
	}
	for name, path := range map[string]string{
		"CON": "MODULE/CON", "COM1": "MODULE/COM¹", "NUL with an ending": "MODULE/NUL.txt", "stream": "MODULE/f::$DATA", "drive": "MODULE/C:f", "short name": "MODULE/PROGRA~1", "percent backslash": "MODULE/f%5c..%5c..%5coutside", "dot at the end": "MODULE/f.", "space at the end": "MODULE/f ",
	} {
		all = append(all, Case{
			Name: "121/" + name, Tries: "write a file by a name that means something else on Windows", attack: func(a *attack) { a.plainName(path) },
		})
	}
	slices.SortFunc(all, func(a, b Case) int { return strings.Compare(a.Name, b.Name) })
	return append(all, []Case{
		{Name: "114/makes a link", Tries: "make a link to a file outside, and open it", attack: func(a *attack) {
			a.ownFolder(map[string]string{"f": "text"})
			data := []byte("/etc/passwdMODULE/newMODULE/f")
			a.files(data, []string{`{ path = "$MODULE/**" }`}, []step{
				wasiStep("path_symlink", scriptData, 11, 3, scriptData+11, 10), wasiStep("path_link", 3, 0, scriptData+21, 8, 3, scriptData+11, 10), wasiStep("path_readlink", 3, scriptData+21, 8, outAt, 64, outAt+64),
			}, false, false, false)
			if _, err := os.Lstat(filepath.Join(a.data, attacker, "new")); err == nil {
				a.breachf("the link was made")
			}
		}},
		{Name: "117/the parent of an open folder", Tries: "leave an open folder by its parent", attack: func(a *attack) {
			a.ownFolder(map[string]string{"f": "text", "d/f": "text"})
			data := []byte("MODULE/df../f../../../outside/secret../../..d")
			const folder = 2 // of the flags of path_open
			below := func(at, n, flags int) step {
				return wasiStep("path_open", 4, 0, scriptData+at, n, flags, rightRead, int64(0), 0, outAt+32)
			}
			a.files(data, []string{`{ path = "$MODULE/**" }`}, []step{
				wasiStep("path_open", 3, 0, scriptData, 8, folder, rightRead, int64(0), 0, outAt),
				below(8, 1, 0), below(9, 4, 0), below(13, 24, 0), below(37, 8, folder),
			}, true, true, false, false, false)
		}},
		{Name: "118/makes a hard link", Tries: "make a hard link", attack: func(a *attack) {
			a.ownFolder(map[string]string{"f": "text"})
			data := []byte("MODULE/fMODULE/g")
			a.files(data, []string{`{ path = "$MODULE/**" }`}, []step{wasiStep("path_link", 3, 0, scriptData, 8, 3, scriptData+8, 8)}, false)
		}},
		{Name: "118/a hard link to the policy", Tries: "read the policy by a hard link that is there", attack: func(a *attack) {
			a.opens(map[string]string{"ambit.toml": "[dirs]\nX = \"d\"\n[[module]]\nname = \"hosttest\"\n", "d/f": "text"}, func(dir string) {
				_ = os.Link(filepath.Join(dir, "ambit.toml"), filepath.Join(dir, "d", "policy")) // not everywhere
				_ = os.Link(filepath.Join(dir, "modules", "hosttest.wasm"), filepath.Join(dir, "d", "module"))
			}, "X/f", "X/policy", "X/module")
		}},
		{Name: "119/a folder that is swapped", Tries: "open a file while another process swaps its folder for a link", Child: true, attack: swappedFolder},
		{Name: "122/a deny and another case", Tries: "reach what is denied by the same name in another case", attack: deniedBy("MODULE/Secrets/f", "MODULE/secrets/f", "MODULE/SECRETS/F")},
		{Name: "122/a deny and another normal form", Tries: "reach what is denied by the same name in another normal form", attack: deniedBy("MODULE/\u00e4/f", "MODULE/a\u0308/f", "MODULE/\u00c4/f")},
		{Name: "122/a deny and a ligature", Tries: "reach what is denied by a name with a ligature", attack: deniedBy("MODULE/file/f", "MODULE/\ufb01le/f")},
		{Name: "123/truncates with the power to read", Tries: "truncate a file with the power to read only", attack: func(a *attack) {
			a.ownFolder(map[string]string{"f": "text"})
			var data []byte
			a.readOnly(&data, pathOpen("MODULE/f", &data, flagTrunc, rightRead, outAt))
		}},
		{Name: "123/writes with the power to read", Tries: "open for writing with the power to read only", attack: func(a *attack) {
			a.ownFolder(map[string]string{"f": "text"})
			var data []byte
			a.readOnly(&data, pathOpen("MODULE/f", &data, 0, rightRead|rightWrite, outAt))
		}},
		{Name: "123/creates with the power to read", Tries: "create a file with the power to read only", attack: func(a *attack) {
			var data []byte
			a.ownFolder(map[string]string{"f": "text"})
			a.readOnly(&data, pathOpen("MODULE/new", &data, flagCreate, rightRead, outAt))
		}},
		{Name: "123/makes a folder with the power to read", Tries: "make a folder with the power to read only", attack: changes(func(at, n int) step { return wasiStep("path_create_directory", 3, at, n) }, "MODULE/new")},
		{Name: "123/removes with the power to read", Tries: "remove a file with the power to read only", attack: changes(func(at, n int) step { return wasiStep("path_unlink_file", 3, at, n) }, "MODULE/f")},
		{Name: "123/renames with the power to read", Tries: "rename a file with the power to read only", attack: changes(func(at, n int) step { return wasiStep("path_rename", 3, at, n, 3, scriptData+512, 8) }, "MODULE/f")},
		{Name: "123/sets a size with the power to read", Tries: "cut a file that was opened for reading", attack: func(a *attack) {
			a.ownFolder(map[string]string{"f": "text"})
			var data []byte
			open := pathOpen("MODULE/f", &data, 0, rightRead, outAt)
			a.files(data, []string{`{ path = "$MODULE/**" }`}, []step{open, wasiStep("fd_filestat_set_size", 4, int64(0)), wasiStep("fd_allocate", 4, int64(0), int64(1<<30)), wasiStep("fd_pwrite", 4, scriptData, 1, int64(0), outAt+64)}, true, false, false, false)
			a.unchanged("f", "text")
		}},
		{Name: "124/fills the disk", Tries: "write more than the limit", Child: true, attack: func(a *attack) {
			a.ownFolder(map[string]string{"f": ""})
			var data []byte
			open := pathOpen("MODULE/f", &data, 0, rightRead|rightWrite, outAt)
			iovec := scriptData + 64
			data = append(data, make([]byte, 64-len(data))...)
			data = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(data, 0), 1<<17)
			write := wasiStep("fd_write", 4, iovec, 1, outAt+64)
			write.times = int32(a.limitsOf(neighbour).WriteBytes>>17) + 8
			a.files(data, []string{`{ path = "$MODULE/**" }`}, []step{open, write}, true, false)
			info, err := os.Stat(filepath.Join(a.data, attacker, "f"))
			a.must(err)
			if most := a.limitsOf(neighbour).WriteBytes; info.Size() > most {
				a.breachf("it wrote %d bytes, more than %d", info.Size(), most)
			}
			a.must(os.Remove(filepath.Join(a.data, attacker, "f")))
		}},
		{Name: "124/a sparse file of 1 TB", Tries: "make a file of 1 TB without writing it", attack: func(a *attack) {
			a.ownFolder(map[string]string{"f": ""})
			var data []byte
			open := pathOpen("MODULE/f", &data, 0, rightRead|rightWrite, outAt)
			a.files(append(data, "xxxxxxxxxxxxxxxx"...), []string{`{ path = "$MODULE/**" }`}, []step{open, wasiStep("fd_filestat_set_size", 4, int64(1<<40)), wasiStep("fd_allocate", 4, int64(0), int64(1<<40)), wasiStep("fd_filestat_set_size", 4, int64(-1))}, true, false, false, false)
		}},
		{Name: "124/more files than the limit", Tries: "create more files than the limit", Child: true, attack: manyCreated},
		{Name: "125/dotfiles", Tries: "read secrets in files that begin with a dot", attack: func(a *attack) {
			a.ownFolder(map[string]string{"f": "text", ".env": "text", ".ssh/id": "text", "d/.git/config": "text"})
			var data []byte
			steps := []step{pathOpen("MODULE/f", &data, 0, rightRead, outAt), pathOpen("MODULE/.env", &data, 0, rightRead, outAt), pathOpen("MODULE/.ssh/id", &data, 0, rightRead, outAt), pathOpen("MODULE/d/.git/config", &data, 0, rightRead, outAt)}
			a.files(data, []string{`{ path = "$MODULE/**" }`}, steps, true, false, false, false)
		}},
	}...)
}

// files runs a script with entries for files, and asserts which steps succeed.
func (a *attack) files(data []byte, entries []string, steps []step, succeeds ...bool) {
	a.load(attacker, script(fsManifest, data, steps...))
	a.allow(entries...)
	a.honest = true
	got, err := a.try()
	a.works(err)
	list, _ := errnos(got, len(steps))
	a.happens(fmt.Sprintf("errno %v", list))
	for i, e := range list {
		if (e == 0) != succeeds[i] {
			a.breachf("step %d, %s: errno %d", i+1, steps[i].name, e)
		}
	}
}

// outOfReach opens, stats and lists a path that must not be reached, beside one that
// is.
func (a *attack) outOfReach(path string) {
	a.ownFolder(map[string]string{"f": "text", "d/f": "text"})
	var data []byte
	control := pathOpen("MODULE/f", &data, 0, rightRead, outAt)
	at := scriptData + len(data)
	steps := []step{control, pathOpen(path, &data, 0, rightRead, outAt)}
	if strings.HasPrefix(path, "MODULE") { // others are of the machine: what if the host does not hold?
		steps = append(steps, wasiStep("path_open", 3, 0, at, len(path), flagCreate, rightRead|rightWrite, int64(0), 0, outAt), wasiStep("path_unlink_file", 3, at, len(path)), wasiStep("path_remove_directory", 3, at, len(path)))
	}
	a.load(attacker, script(fsManifest, data, steps...))
	a.allow(`{ path = "$MODULE/**", dotfiles = true }`)
	a.honest = true
	got, err := a.try()
	a.works(err)
	list, _ := errnos(got, len(steps))
	a.happens(fmt.Sprintf("errno %v", list))
	if err != nil {
		return
	}
	if list[0] != 0 {
		a.breachf("control: errno %d", list[0])
	}
	folders := path == "." || path == "/" || path == "" || path == "MODULE/" || path == ".." // which are the root or a base dir, and can be listed
	removable := strings.HasPrefix(path, "MODULE/") && strings.Count(path, "/") == 1
	for i, e := range list[1:] {
		its := i == 0 && folders || i == 2 && removable // a link or a FIFO of its own it may remove
		if e == 0 && !its {
			a.breachf("step %d of %.40q: it was reached", i+2, path)
		}
	}
}

// links puts links that lead out into the attacker's folder.
func (a *attack) links() {
	a.ownFolder(map[string]string{"f": "text", "d/f": "text"})
	dir := filepath.Join(a.data, attacker)
	for name, target := range map[string]string{
		"absolute": filepath.Join(a.outside, "secret"), "relative": "../../outside/secret", "folder": a.outside, "d/up": "../../../outside", "twice": "absolute", "loop": "loop", "proc": "/proc/self",
	} {
		_ = os.Remove(filepath.Join(dir, name))
		a.must(os.Symlink(target, filepath.Join(dir, name)))
	}
}

// specialFiles puts what is no file into the attacker's folder.
func (a *attack) specialFiles() {
	a.ownFolder(map[string]string{"f": "text"})
	dir := filepath.Join(a.data, attacker)
	makeFIFO(filepath.Join(dir, "fifo"))
	for name, target := range map[string]string{"zero": "/dev/zero", "mem": "/proc/self/mem"} {
		_ = os.Remove(filepath.Join(dir, name))
		a.must(os.Symlink(target, filepath.Join(dir, name)))
	}
	_ = os.Remove(filepath.Join(dir, "socket"))
	if l, err := net.Listen("unix", filepath.Join(dir, "socket")); err == nil {
		l.(*net.UnixListener).SetUnlinkOnClose(false)
		_ = l.Close()
	}
}

// plainName creates a file with a name that Windows reads as another one: it is
// refused there, and a name as any other elsewhere.
func (a *attack) plainName(path string) {
	a.ownFolder(map[string]string{"f": "text"})
	var data []byte
	control := pathOpen("MODULE/f", &data, 0, rightRead, outAt)
	create := pathOpen(path, &data, flagCreate, rightRead|rightWrite, outAt)
	a.files(data, []string{`{ path = "$MODULE/**" }`}, []step{control, create}, true, runtime.GOOS != "windows")
	a.unchanged("f", "text")
	made := filepath.Join(a.data, attacker, strings.TrimPrefix(path, "MODULE/"))
	if err := os.Remove(made); (err == nil) != (runtime.GOOS != "windows") {
		a.breachf("what was made is not at %q: %v", made, err)
	}
}

// readOnly runs steps with the power to read only, the last of which must fail.
func (a *attack) readOnly(data *[]byte, last step) {
	control := pathOpen("MODULE/f", data, 0, rightRead, outAt)
	a.load(attacker, script(manifestOf(attacker, "1s", "fs.read"), *data, control, last))
	a.allow(`{ path = "$MODULE/**" }`)
	a.honest = true
	got, err := a.try()
	a.works(err)
	list, _ := errnos(got, 2)
	a.happens(fmt.Sprintf("errno %v", list))
	if err == nil && (list[0] != 0 || list[1] == 0) {
		a.breachf("%s: errno %v", last.name, list)
	}
	a.unchanged("f", "text")
	if _, err := os.Lstat(filepath.Join(a.data, attacker, "new")); err == nil {
		a.breachf("something was made")
	}
}

// changes changes a path with the power to read only.
func changes(change func(at, n int) step, path string) func(*attack) {
	return func(a *attack) {
		a.ownFolder(map[string]string{"f": "text"})
		data := make([]byte, 512)
		copy(data, path)
		data = append(data, "MODULE/n"...)
		a.readOnly(&data, change(scriptData, len(path)))
	}
}

// unchanged asserts what a file of the attacker's folder holds.
func (a *attack) unchanged(name, want string) {
	if text, err := os.ReadFile(filepath.Join(a.data, attacker, name)); err != nil || string(text) != want {
		a.breachf("%s holds %q, %v", name, text, err)
	}
}

// deniedBy denies one path and opens others that may mean the same.
func deniedBy(denied string, paths ...string) func(*attack) {
	return func(a *attack) {
		a.ownFolder(map[string]string{"f": "text", strings.TrimPrefix(denied, "MODULE/"): "text"})
		var data []byte
		steps := []step{pathOpen("MODULE/f", &data, 0, rightRead, outAt), pathOpen(denied, &data, 0, rightRead, outAt)}
		for _, p := range paths {
			steps = append(steps, pathOpen(p, &data, 0, rightRead, outAt))
		}
		a.load(attacker, script(fsManifest, data, steps...))
		a.capability(fmt.Sprintf("windows = [%q]\npermissions = [{ identifier = \"%s:allow-run\", allow = [{ path = \"$MODULE/**\" }], deny = [{ path = %q }] }]", window, attacker, "$"+denied))
		a.honest = true
		got, err := a.try()
		a.works(err)
		list, _ := errnos(got, len(steps))
		a.happens(fmt.Sprintf("errno %v", list))
		for i, e := range list {
			if (e == 0) != (i == 0) {
				a.breachf("step %d: errno %d", i+1, e)
			}
		}
	}
}

// swappedFolder opens a file of a folder again and again, while somebody swaps the
// folder for a link to one outside that has a file of the same name.
func swappedFolder(a *attack) {
	a.ownFolder(map[string]string{"swap/secret": "mine"})
	dir := filepath.Join(a.data, attacker)
	folder, aside, link := filepath.Join(dir, "swap"), filepath.Join(dir, "aside"), filepath.Join(dir, "link")
	_ = os.Remove(link)
	a.must(os.Symlink(a.outside, link))
	stop := make(chan struct{})
	var swaps sync.WaitGroup
	swaps.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			_ = os.Rename(folder, aside)
			_ = os.Rename(link, folder)
			_ = os.Rename(folder, link)
			_ = os.Rename(aside, folder)
		}
	})
	defer func() { close(stop); swaps.Wait() }()
	var data []byte
	open := pathOpen("MODULE/swap/secret", &data, 0, rightRead, outAt)
	iovec := scriptData + 64
	data = append(data, make([]byte, 64-len(data))...)
	data = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(data, outAt+256), 64)
	a.load(attacker, script(fsManifest, data, open, wasiStep("fd_read", 4, iovec, 1, outAt+64)))
	a.allow(`{ path = "$MODULE/**" }`)
	a.honest = true
	opened := 0
	for range 3000 {
		got, err := a.try()
		if err != nil {
			a.works(err)
			return
		}
		list, out := errnos(got, 2)
		if list[0] != 0 {
			continue
		}
		opened++
		if text := string(out[256:260]); list[1] == 0 && text != "mine" {
			a.breachf("it read %q", text)
			return
		}
	}
	a.happens(fmt.Sprintf("opened %d of 3000 times", opened))
}

func manyCreated(a *attack) {
	a.ownFolder(map[string]string{"f": ""})
	// What is made counts, also if it is removed again.
	n := a.limitsOf(neighbour).FilesCreated
	data := []byte("MODULE/d")
	a.load(attacker, repeated(fsManifest, data, int32(n+10), wasiStep("path_create_directory", 3, scriptData, len(data)), wasiStep("path_remove_directory", 3, scriptData, len(data))))
	a.allow(`{ path = "$MODULE/**" }`)
	a.honest = true
	got, err := a.try()
	if err != nil {
		a.happens(string(codeOf(err)))
		return
	}
	list, _ := errnos(got, 2)
	a.happens(fmt.Sprintf("errno %v", list))
	if list[0] == 0 {
		a.breachf("it created %d files, more than %d", n+10, n)
	}
}
