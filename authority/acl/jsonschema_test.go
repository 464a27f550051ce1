package acl_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/acl"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The app whose schemas are tried: a module that has all powers, one that has
// its own scope beside one power, one that has only its own scope, one that
// cannot be used, and the app's own commands.
const (
	schemaAmbit = `
[dirs]
APPDATA = "data"
[[window]]
label = "main"
[[module]]
name = "all"
trusted = true
[[module]]
name = "mixed"
trusted = true
[[module]]
name = "own"
trusted = true
[[module]]
name = "bare"
[[module]]
name = "gone"
`
	schemaAll = `
[module]
name = "all"
abi = 1
[[command]]
name = "do_it"
description = "Does it"
powers = ["fs.read", "fs.write", "http", "kv.read", "kv.write", "env", "exec", "invoke", "emit"]
[default]
description = "What most want"
permissions = ["allow-do-it"]
[[set]]
identifier = "both"
permissions = ["default", "deny-do-it"]
`
	schemaBare = `
[module]
name = "bare"
abi = 1
[[command]]
name = "do_it"
powers = ["fs.read", "http"]
`
	schemaMixed = `
[module]
name = "mixed"
abi = 1
[[command]]
name = "look"
powers = ["fs.read"]
[scope]
"$schema" = "https://json-schema.org/draft/2020-12/schema"
type = "object"
required = ["region"]
maxProperties = 2
[scope.properties]
region = { type = ["string", "string"], format = "uri", title = "Region", maxLength = 20 }
zoom = { type = "array", items = { minimum = 1, exclusiveMaximum = 9.5 } }
more = { additionalProperties = { type = "boolean" }, properties = { format = { const = 1 } } }
path = { maxLength = 20 }
`
	schemaOwn = `
[module]
name = "own"
abi = 1
[[command]]
name = "show"
[scope]
type = "object"
additionalProperties = false
minProperties = 1
[scope.properties]
region = { enum = ["eu", "us"] }
powers = { type = "boolean" }
`
)

func schemaModules(t testing.TB) map[string]acl.Module {
	t.Helper()
	modules := map[string]acl.Module{"gone": {Invalid: "the file is torn"}}
	for _, text := range []string{schemaAll, schemaBare, schemaMixed, schemaOwn} {
		m, problems := acl.ParseManifest("manifest.toml", []byte(text))
		if problems.Err() != nil {
			t.Fatal(problems)
		}
		modules[m.Name] = acl.Module{Manifest: m}
	}
	return modules
}

// schemaApp loads the app with some more files.
func schemaApp(files map[string]string) (*acl.App, authority.Problems) {
	fsys := fstest.MapFS{
		"ambit.toml":           {Data: []byte(schemaAmbit)},
		"permissions/own.json": {Data: []byte(`{"permission": [{"identifier": "mine"}]}`)},
	}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return acl.Load(fsys, acl.Options{Platform: authority.Linux})
}

func compileSchema(t testing.TB, data []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatalf("the schema is none: %v", err)
	}
	return s
}

func fits(t testing.TB, s *jsonschema.Schema, data []byte) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return s.Validate(v)
}

// The documents that are altered, one by file name. Each is right as it is.
var schemaDocuments = map[string]string{
	acl.CapabilitySchema: `{"$schema": "../schemas/capability.schema.json", "version": 1, "capabilities": [
		{"identifier": "main", "description": "d", "local": true, "remote": {"urls": ["https://example.org"]},
		 "windows": ["main", "ma*"], "webviews": ["main"], "modules": ["own"], "via": ["main"], "platforms": ["linux"],
		 "expires": "2030-01-31T12:00:00Z", "mode": "observe", "limits": {"calls_per_second": 5, "concurrent": 2}, "instance": "caller",
		 "permissions": ["all:default", "mine", "app:mine", "gone:anything", {"identifier": "gone:more", "allow": [5]},
			{"identifier": "all:allow-do-it", "allow": [
				{"path": "$APPDATA/**", "dotfiles": true, "powers": ["fs.read"]},
				{"url": "https://example.org", "methods": ["GET"], "private": false},
				{"key": "a/*"}, {"var": "LC_*"}, {"invoke": "a.*"}, {"topic": "t"}, {},
				{"program": "git", "cmd": "git", "args": ["status", {"validator": "[a-z]+", "raw": true}]},
				{"name": "ls", "args": true}],
			  "deny": [{"path": "$APPDATA/x"}]},
			{"identifier": "mixed:allow-look", "allow": ["eu", {"region": "eu", "path": "$APPDATA/x", "dotfiles": false},
				{"path": "$APPDATA/y", "powers": ["fs.read"], "region": "x"}, {"region": "us", "zoom": [1, 2.5]}]},
			{"identifier": "own:allow-show", "deny": [{"region": "eu"}, {"powers": true, "region": "us"}]}]}]}`,
	acl.PermissionSchema: `{"$schema": "s", "version": "2", "commands": ["do_it"],
		"default": {"version": 1, "description": "d", "permissions": ["files"]},
		"set": [{"version": 1, "identifier": "some", "description": "d", "permissions": ["files", "own:allow-show"]}],
		"permission": [{"version": 1, "identifier": "files", "description": "d", "commands": {"allow": ["do_it"], "deny": ["do_it"]},
			"scope": {"allow": [{"path": "$APPDATA/**", "dotfiles": true}], "deny": [{"url": "https://example.org"}]}, "platforms": ["macOS"]}]}`,
	acl.AmbitSchema: `{"$schema": "s", "version": 1, "app": {"version": "1", "name": "n", "capabilities": ["main"]},
		"dirs": {"APPDATA": "data", "HOME": "/home"},
		"window": [{"label": "main", "host": "m", "assets": "web/main", "remote": "https://example.org:8443"}, {"label": "a/b:c_d"}],
		"module": [{"name": "all", "file": "modules/..a/.b/all.wasm", "trusted": true, "limits": {"memory": "64MiB", "deadline": "1m0.5s", "cpu": 5}}],
		"limits": {"module_size": "16 MiB", "memory": 65536, "memory_total": "1GiB", "concurrent_total": 4},
		"profile": {"dev": {"version": 1, "capabilities": ["more", {"identifier": "own", "windows": ["main"], "mode": "observe", "permissions": []}]}}}`,
	acl.ManifestSchema: `{"$schema": "s", "version": 1,
		"module": {"name": "all", "version": "1", "description": "d", "abi": 1, "instance": "caller", "freeze": false},
		"command": [{"name": "do_it", "description": "d", "powers": ["fs.read"], "timeout": "2s", "args": {"type": "object",
			"properties": {"a": {"type": ["string", "null"], "minLength": 1, "enum": ["x"]}}, "required": ["a"], "additionalProperties": false}}],
		"scope": {"additionalProperties": {"items": {"minimum": 1, "const": 5, "title": "t", "examples": [1], "default": 3}}},
		"default": {"description": "d", "permissions": ["files"]},
		"set": [{"identifier": "some", "permissions": ["files"]}],
		"permission": [{"identifier": "files", "commands": {"allow": ["do_it"]}, "scope": {"allow": [{"path": "$APPDATA/**"}]}, "platforms": ["linux"]}]}`,
}

// verdict is what the loader and the authority find wrong with a document.
func verdict(modules map[string]acl.Module, schema string, data []byte) authority.Problems {
	files := map[string]string{}
	switch schema {
	case acl.AmbitSchema:
		return acl.AmbitJSON(data)
	case acl.ManifestSchema:
		_, problems := acl.ParseManifestJSON("m", data)
		return problems
	case acl.PermissionSchema:
		files["permissions/bare/p.json"] = string(data)
	default:
		files["capabilities/c.json"] = string(data)
	}
	app, problems := schemaApp(files)
	_, problems = acl.Check(app, problems, modules)
	return problems
}

// beyond are the codes of what a schema cannot see.
var beyond = []string{
	"duplicate", "name-conflict", "cycle", "bad-pattern", "unknown-variable", "not-accepted", "unknown-command", "lost-rule",
	"unknown-capability", "abi-mismatch",
}

// TestSchemasAgree alters documents everywhere, in all ways that matter, and
// compares the schema with the loader: the schema refuses nothing that the
// loader takes, and takes nothing of what a schema can see that it refuses.
func TestSchemasAgree(t *testing.T) {
	modules := schemaModules(t)
	app, problems := schemaApp(nil)
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	for name, data := range app.Schemas(modules) {
		t.Run(name, func(t *testing.T) {
			s := compileSchema(t, data)
			doc := schemaDocuments[name]
			if err, problems := fits(t, s, []byte(doc)), verdict(modules, name, []byte(doc)).Err(); err != nil || problems != nil {
				t.Fatalf("the document is not right as it is:\n%v\n%v", err, problems)
			}
			tried, refused := 0, 0
			for altered := range alterations(t, doc) {
				tried++
				err := fits(t, s, []byte(altered))
				problems := verdict(modules, name, []byte(altered))
				seen := slices.DeleteFunc(slices.Clone(problems), func(p authority.Problem) bool {
					return p.Severity != authority.SeverityError || slices.Contains(beyond, p.Code) || excuses[name].MatchString(p.Message)
				})
				switch {
				case err != nil && problems.Err() == nil:
					t.Errorf("%s\nthe loader takes it, the schema does not: %v", altered, err)
				case err == nil && len(seen) > 0:
					t.Errorf("%s\nthe schema takes it, the loader does not: %v", altered, seen)
				}
				if err != nil {
					refused++
				}
			}
			if refused < 100 || tried-refused < 20 {
				t.Errorf("of %d alterations %d were refused: too few of either kind", tried, refused)
			}
		})
	}
}

// excuses match the problems that a schema of this kind cannot see: what a
// power's keys and a module's own schema ask of one entry together, and in
// files that are for any module, what one module asks of its scope.
var excuses = map[string]*regexp.Regexp{
	acl.CapabilitySchema: regexp.MustCompile(`must have at most 2 properties`),
	acl.PermissionSchema: regexp.MustCompile(`^permission "bare:.*scope|^set .* not found|^permission "bare:.*"[a-z]*" must be`),
	acl.AmbitSchema:      regexp.MustCompile(`^$`),
	acl.ManifestSchema:   regexp.MustCompile(`required names|^permission "all:.*(scope|"p[a-z]*" must be)|^set .* not found`),
}

// alterations yields the document with one thing changed.
func alterations(t *testing.T, doc string) func(func(string) bool) {
	var root any
	if err := json.Unmarshal([]byte(doc), &root); err != nil {
		t.Fatal(err)
	}
	values := []any{nil, true, false, 7, -1, 0, 1.5, "", "x", "no such thing", []any{}, []any{""}, []any{7}, map[string]any{}, map[string]any{"zzzzzz": 1}}
	return func(yield func(string) bool) {
		stopped := false
		emit := func() {
			text, err := json.Marshal(root)
			if err != nil {
				t.Fatal(err)
			}
			stopped = stopped || !yield(string(text))
		}
		var walk func(v any, put func(any))
		walk = func(v any, put func(any)) {
			if stopped {
				return
			}
			for _, other := range values {
				put(other)
				emit()
			}
			put(v)
			switch v := v.(type) {
			case []any:
				for i := range v {
					walk(v[i], func(n any) { v[i] = n })
				}
			case map[string]any:
				for _, key := range slices.Sorted(maps.Keys(v)) {
					was := v[key]
					walk(was, func(n any) { v[key] = n })
					delete(v, key)
					emit()
					v[strings.ToUpper(key)] = was
					emit()
					delete(v, strings.ToUpper(key))
					v[key] = was
				}
				for _, key := range []string{"zzzzzz", "$schema", "version", "path", "powers", "region"} {
					if _, there := v[key]; !there {
						v[key] = "x"
						emit()
						delete(v, key)
					}
				}
			}
		}
		walk(root, func(n any) { root = n })
	}
}

// TestSchemasAreStable: equal apps give equal bytes, and every definition that
// is referred to is there (the validator would complain).
func TestSchemasAreStable(t *testing.T) {
	first, _ := schemaApp(nil)
	second, _ := schemaApp(nil)
	a, b := first.Schemas(schemaModules(t)), second.Schemas(schemaModules(t))
	for name := range a {
		if !bytes.Equal(a[name], b[name]) {
			t.Errorf("%s differs between two runs", name)
		}
		compileSchema(t, a[name])
	}
	if len(a) != 4 {
		t.Errorf("there are %d schemas", len(a))
	}
}

// TestSchemasOfNothing: an app without modules has schemas, too.
func TestSchemasOfNothing(t *testing.T) {
	app, _ := acl.Load(fstest.MapFS{"ambit.toml": {}}, acl.Options{})
	schemas := app.Schemas(nil)
	capability := compileSchema(t, schemas[acl.CapabilitySchema])
	if err := fits(t, capability, []byte(`{"identifier": "a", "permissions": []}`)); err != nil {
		t.Error(err)
	}
	if fits(t, capability, []byte(`{"identifier": "a", "permissions": ["fs:default"]}`)) == nil {
		t.Error("a permission of no module is taken")
	}
	compileSchema(t, schemas[acl.PermissionSchema])
	compileSchema(t, schemas[acl.AmbitSchema])
}

// TestSchemasPolicyOnly: without modules their own scope keys are not known, so
// none is refused, as the loader does; what it does refuse is.
func TestSchemasPolicyOnly(t *testing.T) {
	app, problems := acl.Load(fstest.MapFS{
		"permissions/fs/p.toml": {Data: []byte("[[permission]]\nidentifier = \"read\"\ncommands.allow = [\"read_file\"]\n")},
	}, acl.Options{PolicyOnly: true})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	s := compileSchema(t, app.Schemas(nil)[acl.CapabilitySchema])
	entry := func(e string) []byte {
		return []byte(`{"identifier": "a", "permissions": [{"identifier": "fs:read", "allow": [` + e + `]}]}`)
	}
	for _, good := range []string{`{"path": "$HOME/x", "mine": 5}`, `"bare"`, `7`, `{"path": 5}`, `{"path": "x", "powers": ["fs.read"]}`} {
		if err := fits(t, s, entry(good)); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{`{"path": "x", "powers": ["fs.raed"]}`, `{"path": "x", "powers": []}`} {
		if fits(t, s, entry(bad)) == nil {
			t.Errorf("%s is taken", bad)
		}
	}
	if fits(t, s, []byte(`{"identifier": "a", "permissions": ["fs:raed"]}`)) == nil {
		t.Error("a permission that does not exist is taken")
	}
	if err := fits(t, s, []byte(`{"identifier": "a", "permissions": ["fs:allow-read-file", "fs:deny-read-file"]}`)); err != nil {
		t.Error(err)
	}
}

// TestSchemasForeignText: what strangers write is data, cut where it is long,
// and makes no editor fetch anything.
func TestSchemasForeignText(t *testing.T) {
	long := strings.Repeat("ä", 400)
	m, problems := acl.ParseManifest("m", []byte(`
[module]
name = "own"
abi = 1
[[command]]
name = "show"
description = "\"}, {\"$ref\": \"file:///etc/passwd\"}\u0001<b>`+long+`"
[scope]
"$schema" = "https://evil.example/schema"
[scope.properties]
a = { "$schema" = "https://evil.example/other", description = "`+long+`", items = { "$schema" = "https://evil.example/third" } }
`))
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	app, _ := acl.Load(fstest.MapFS{"ambit.toml": {Data: []byte("[[module]]\nname = \"own\"\n")}}, acl.Options{})
	schemas := app.Schemas(map[string]acl.Module{"own": {Manifest: m}})
	for name, data := range schemas {
		compileSchema(t, data)
		if text := string(data); strings.Contains(text, "evil.example") || strings.Contains(text, long) {
			t.Errorf("%s holds foreign references or long text", name)
		}
	}
	if !strings.Contains(string(schemas[acl.PermissionSchema]), `"description": "own: \"}, {\"$ref\": \"file:///etc/passwd\"}\u0001<b>ä`) {
		t.Error("the description is not there as text")
	}
}

// TestOffers: what a module offers, in the order of its manifest; what is
// written replaces what is generated.
func TestOffers(t *testing.T) {
	m, problems := acl.ParseManifest("m", []byte(`
[module]
name = "m"
abi = 1
[[command]]
name = "read_it"
[[command]]
name = "show"
[default]
description = "d"
permissions = ["some"]
[[set]]
identifier = "some"
permissions = ["allow-show"]
[[permission]]
identifier = "allow-show"
description = "written"
commands.allow = ["show"]
`))
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	var got []string
	for _, o := range acl.Offers(&m) {
		line := o.Identifier + ": " + o.Description
		switch {
		case o.Set != nil:
			line = "set " + line
		case o.Generated:
			line = "generated " + line
		}
		got = append(got, line)
	}
	want := []string{
		"set default: d", "set some: ", "allow-show: written",
		"generated allow-read-it: Allows read_it, with no scope of its own", "generated deny-read-it: Denies read_it", "generated deny-show: Denies show",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := acl.Offers(&authority.Manifest{Name: "m", Invalid: "torn", Default: m.Default}); got != nil {
		t.Errorf("a module that cannot be used offers %v", got)
	}
}
