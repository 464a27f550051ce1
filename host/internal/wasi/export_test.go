package wasi

import "github.com/tetratelabs/wazero/api"

// Body is a function as [Register] registers it, by name.
func Body(name string) (f api.GoModuleFunc, params, results []api.ValueType) {
	for _, d := range definitions() {
		if d.name == name {
			params, results = d.types()
			return wrap(params, d.body), params, results
		}
	}
	return nil, nil, nil
}
