package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// guard is a condition under which something is refused.
type guard struct {
	id   int
	file string // slash-separated, relative to the module
	line int
	text string // the condition
}

// String leaves the line out: it changes with what is above it.
func (g guard) String() string { return g.file + ": " + g.text }

// support is what instrumented files call. A guard that is hit says so in a file, or
// one that is only asked; one that is taken out does not hold, and one that is forced
// holds once, when a case has begun.
const support = `package %s

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

var (
	guardsOff   = strings.Split(os.Getenv("AMBIT_GUARDS_OFF"), ",")
	guardsHit   = os.Getenv("AMBIT_GUARDS_HIT")
	guardsAsked = os.Getenv("AMBIT_GUARDS_ASKED") != ""
	guardsForce = os.Getenv("AMBIT_GUARDS_FORCE")
	guardsDone  atomic.Bool
	guardsSeen  sync.Map
)

func guardHit(n string, holds bool) bool {
	if n == guardsForce && os.Getenv("AMBIT_GUARDS_ARMED") != "" && guardsDone.CompareAndSwap(false, true) {
		return true
	}
	if !holds && !(guardsAsked && os.Getenv("AMBIT_GUARDS_ARMED") != "") {
		return false
	}
	if guardsHit != "" {
		if _, seen := guardsSeen.LoadOrStore(n, true); !seen {
			if f, err := os.OpenFile(guardsHit, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
				fmt.Fprintln(f, n)
				f.Close()
			}
		}
	}
	return holds && !slices.Contains(guardsOff, n)
}
`

// instrumenter finds guards in files and wraps them.
type instrumenter struct {
	guards []guard
	file   string // that is being read
}

// insertion is text put before an offset.
type insertion struct {
	at   int
	text string
}

// instrument returns the source with its guards wrapped, or nil if it has none.
func (in *instrumenter) instrument(file string, src []byte) ([]byte, error) {
	in.file = file
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, file, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var edits []insertion
	wrap := func(cond ast.Expr) {
		from, to := fset.Position(cond.Pos()), fset.Position(cond.End())
		text := strings.Join(strings.Fields(string(src[from.Offset:to.Offset])), " ")
		g := guard{len(in.guards) + 1, file, from.Line, text}
		in.guards = append(in.guards, g)
		edits = append(edits, insertion{from.Offset, fmt.Sprintf("guardHit(\"%d\", ", g.id)}, insertion{to.Offset, ")"})
	}
	// bare wraps statements that refuse whatever holds: what is left when nothing was
	// accepted.
	bare := func(list []ast.Stmt, results *ast.FieldList) {
		for _, s := range list {
			var permissive string
			switch s := s.(type) {
			case *ast.ReturnStmt:
				permissive = in.allowing(s, results)
			case *ast.ExprStmt:
				call, _ := s.X.(*ast.CallExpr)
				if call == nil || !in.isRefusal(s.X) {
					continue
				}
				if f, ok := call.Fun.(*ast.Ident); !ok || f.Name != "panic" { // a function may end by it
					permissive = "{}"
				}
			}
			if permissive == "" {
				continue
			}
			from, to := fset.Position(s.Pos()), fset.Position(s.End())
			text := strings.Join(strings.Fields(string(src[from.Offset:to.Offset])), " ")
			g := guard{len(in.guards) + 1, file, from.Line, text}
			in.guards = append(in.guards, g)
			edits = append(edits, insertion{from.Offset, fmt.Sprintf("if !guardHit(\"%d\", true) %s else {", g.id, permissive)}, insertion{to.Offset, "}"})
			if strings.HasPrefix(permissive, "{ return") { // or it would be missing
				edits[len(edits)-2].text = fmt.Sprintf("if !guardHit(\"%d\", true) %s; ", g.id, permissive)
				edits[len(edits)-1].text = ""
			}
		}
	}
	// walk wraps what is in a function with these results.
	var walk func(node ast.Node, results *ast.FieldList)
	walk = func(node ast.Node, results *ast.FieldList) {
		ast.Inspect(node, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Body == nil {
					return false
				}
				if !refusing.MatchString(n.Name.Name) && !makes(n) {
					bare(n.Body.List, n.Type.Results)
				}
				walk(n.Body, n.Type.Results)
				return false
			case *ast.FuncLit:
				walk(n.Body, n.Type.Results)
				return false
			case *ast.ForStmt:
				bare(n.Body.List, nil)
			case *ast.RangeStmt:
				bare(n.Body.List, nil)
			case *ast.IfStmt:
				if in.refuses(n.Body.List) && (!propagates(n.Cond) || in.says(n.Body.List)) {
					wrap(n.Cond)
				}
			case *ast.SwitchStmt:
				for _, s := range n.Body.List {
					c, ok := s.(*ast.CaseClause)
					if ok && (n.Tag != nil || c.List == nil) {
						bare(c.Body, results)
					} else if ok && in.refuses(c.Body) {
						for _, cond := range c.List {
							if !propagates(cond) {
								wrap(cond)
							}
						}
					}
				}
			}
			return true
		})
	}
	walk(tree, nil)
	if len(edits) == 0 {
		return nil, nil
	}
	slices.SortStableFunc(edits, func(a, b insertion) int { return a.at - b.at })
	var out []byte
	last := 0
	for _, e := range edits {
		out = append(append(out, src[last:e.at]...), e.text...)
		last = e.at
	}
	return append(out, src[last:]...), nil
}

// makes reports whether a function does nothing but make an error: who calls it has
// refused already. An errno is an answer, though.
func makes(f *ast.FuncDecl) bool {
	for _, s := range f.Body.List[:max(len(f.Body.List)-1, 0)] {
		switch s.(type) {
		case *ast.AssignStmt, *ast.DeclStmt:
		default:
			return false
		}
	}
	if r := f.Type.Results; r != nil && len(r.List) == 1 {
		id, ok := r.List[0].Type.(*ast.Ident)
		return !ok || id.Name != "errno"
	}
	return true
}

// allowing is the block that returns what allows, in place of a return that refuses,
// or "" if that is not known.
func (in *instrumenter) allowing(s *ast.ReturnStmt, results *ast.FieldList) string {
	if len(s.Results) != 1 || results == nil || len(results.List) != 1 || !in.isRefusal(s.Results[0]) {
		return ""
	}
	if id, ok := s.Results[0].(*ast.Ident); ok && id.Name == "false" {
		return "" // that is how many functions end
	}
	switch t := results.List[0].Type.(type) {
	case *ast.Ident:
		switch t.Name {
		case "error":
			return "{ return nil }"
		case "errno":
			return "{ return ok }"
		}
	case *ast.StarExpr:
		return "{ return nil }"
	}
	return ""
}

// refuses reports whether statements refuse something: they fail, or return an error
// that they make.
func (in *instrumenter) refuses(body []ast.Stmt) bool {
	for _, s := range body {
		switch s := s.(type) {
		case *ast.ReturnStmt:
			if slices.ContainsFunc(s.Results, in.isRefusal) {
				return true
			}
		case *ast.ExprStmt:
			if in.isRefusal(s.X) {
				return true
			}
		case *ast.AssignStmt:
			if slices.ContainsFunc(s.Rhs, in.isRefusal) {
				return true
			}
		}
	}
	return false
}

// refusing are names of functions that fail, and of errors and codes.
var refusing = regexp.MustCompile(`^(Denial|fault|tooLarge|badValue|duplicate|unknown\w*|Bad\w+|refusef?|Refuse|refusal|failuref?|failf?|failAt|badArgs|Errorf|errorf|ended|panic|denied|deny|drop|skip|e[A-Z]{2,}\w*|[eE]rr[A-Z]\w*|Code[A-Z]\w+|code[A-Z]\w+|text[A-Z]\w+|fits[A-Z]\w+)$`)

// saying are folders in which functions say whether something may be: false refuses.
var saying = regexp.MustCompile(`^(authority|host/internal/(egress|files|kv|codecache))/`)

// isRefusal reports whether an expression makes an error or a code, or fails.
func (in *instrumenter) isRefusal(x ast.Expr) bool {
	found := false
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CompositeLit:
			switch t := n.Type.(type) {
			case *ast.Ident:
				found = found || strings.HasSuffix(t.Name, "Error") || strings.HasPrefix(t.Name, "Bad")
			case *ast.SelectorExpr:
				found = found || strings.HasSuffix(t.Sel.Name, "Error")
			}
		case *ast.Ident:
			found = found || refusing.MatchString(n.Name) || n.Name == "false" && saying.MatchString(in.file)
		}
		return !found
	})
	return found
}

// says reports whether statements call a function that fails, so that they do more
// than hand an error on.
func (in *instrumenter) says(body []ast.Stmt) bool {
	return slices.ContainsFunc(body, func(s ast.Stmt) bool {
		x, ok := s.(*ast.ExprStmt)
		return ok && in.isRefusal(x.X)
	})
}

// propagates reports whether a condition only says that something failed before.
func propagates(cond ast.Expr) bool {
	b, ok := cond.(*ast.BinaryExpr)
	if !ok || b.Op != token.NEQ && b.Op != token.EQL {
		return false
	}
	name := ""
	switch y := b.Y.(type) {
	case *ast.Ident:
		name = y.Name
	}
	return name == "nil" || name == "ok"
}
