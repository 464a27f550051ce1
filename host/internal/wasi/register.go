package wasi

import (
	"context"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// Module is the name under which guests import the functions.
const Module = "wasi_snapshot_preview1"

// Function is a function that guests may import, for whoever checks imports.
type Function struct {
	Name            string
	Params, Results []api.ValueType
}

// definition is a function with its body. In the signature, i is an i32 and I
// an i64; all but proc_exit return an errno.
type definition struct {
	name, params string
	body         function
}

// definitions are all functions of preview 1. The first group is what Go's
// whole os package needs; the others answer ENOTSUP.
func definitions() []definition {
	return []definition{
		{"args_get", "ii", nothing},
		{"args_sizes_get", "ii", noStrings},
		{"clock_time_get", "iIi", clockTimeGet},
		{"environ_get", "ii", nothing},
		{"environ_sizes_get", "ii", noStrings},
		{"fd_close", "i", fdClose},
		{"fd_fdstat_get", "ii", fdFdstatGet},
		{"fd_fdstat_set_flags", "ii", fdFdstatSetFlags},
		{"fd_filestat_get", "ii", fdFilestatGet},
		{"fd_filestat_set_size", "iI", fdFilestatSetSize},
		{"fd_pread", "iiiIi", fdPread},
		{"fd_prestat_dir_name", "iii", fdPrestatDirName},
		{"fd_prestat_get", "ii", fdPrestatGet},
		{"fd_pwrite", "iiiIi", fdPwrite},
		{"fd_read", "iiii", fdRead},
		{"fd_readdir", "iiiIi", fdReaddir},
		{"fd_seek", "iIii", fdSeek},
		{"fd_sync", "i", fdSync},
		{"fd_tell", "ii", fdTell},
		{"fd_write", "iiii", fdWrite},
		{"path_create_directory", "iii", pathCreateDirectory},
		{"path_filestat_get", "iiiii", pathFilestatGet},
		{"path_filestat_set_times", "iiiiIIi", pathFilestatSetTimes},
		{"path_link", "iiiiiii", refused},
		{"path_open", "iiiiiIIii", pathOpen},
		{"path_readlink", "iiiiii", refused},
		{"path_remove_directory", "iii", pathRemoveDirectory},
		{"path_rename", "iiiiii", pathRename},
		{"path_symlink", "iiiii", refused},
		{"path_unlink_file", "iii", pathUnlinkFile},
		{"poll_oneoff", "iiii", pollOneoff},
		{"proc_exit", "i", procExit},
		{"random_get", "ii", randomGet},
		{"sched_yield", "", nothing},

		{"clock_res_get", "ii", clockResGet},
		{"fd_advise", "iIIi", fdAdvise},
		{"fd_allocate", "iII", fdAllocate},
		{"fd_datasync", "i", fdSync},
		{"fd_fdstat_set_rights", "iII", unsupported},
		{"fd_filestat_set_times", "iIIi", unsupported},
		{"fd_renumber", "ii", unsupported},
		{"proc_raise", "i", unsupported},
		{"sock_accept", "iii", noSocket},
		{"sock_recv", "iiiiii", noSocket},
		{"sock_send", "iiiii", noSocket},
		{"sock_shutdown", "ii", noSocket},
	}
}

// nothing succeeds: there are no arguments and no environment to copy.
func nothing(call, []uint64) errno { return ok }

// unsupported is what a guest gets that goes beyond the subset.
func unsupported(call, []uint64) errno { return eNOTSUP }

// noSocket says that a descriptor is no socket: there are none.
func noSocket(c call, s []uint64) errno {
	if s[0] > stderr {
		if _, e := c.file(s[0]); e != ok {
			return e
		}
	}
	return eNOTSOCK
}

// refused is for links, which are neither made nor read nor followed.
func refused(call, []uint64) errno { return eACCES }

// types spells a signature out.
func (d definition) types() (params, results []api.ValueType) {
	params = make([]api.ValueType, len(d.params))
	for i, p := range d.params {
		params[i] = api.ValueTypeI32
		if p == 'I' {
			params[i] = api.ValueTypeI64
		}
	}
	if d.name != "proc_exit" {
		results = []api.ValueType{api.ValueTypeI32}
	}
	return params, results
}

// Functions lists what [Register] provides, all of preview 1.
func Functions() []Function {
	defs := definitions()
	out := make([]Function, len(defs))
	for i, d := range defs {
		out[i].Name = d.name
		out[i].Params, out[i].Results = d.types()
	}
	return out
}

// Register makes the functions importable by all modules of a runtime. It is
// called once per runtime. The functions find the state of a call by its
// context, see [Key].
func Register(ctx context.Context, r wazero.Runtime) error {
	b := r.NewHostModuleBuilder(Module)
	for _, d := range definitions() {
		params, results := d.types()
		b.NewFunctionBuilder().WithName(d.name).WithGoModuleFunction(wrap(params, d.body), params, results).Export(d.name)
	}
	_, err := b.Instantiate(ctx)
	return err
}
