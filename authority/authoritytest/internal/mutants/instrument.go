package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// mutant is one change of the code. All mutants of a program are compiled in,
// and one of them is switched on when it runs.
type mutant struct {
	id   int
	file string // slash-separated, relative to the module
	line int
	key  string // function, what is changed, and into what: it survives changes around it
}

// weak are constants that stand for a deny, by the one of the same type that
// stands for an allow.
var weak = map[string]string{
	"fitsNothing": "fits", "fitsWindow": "fits", "fitsOrigin": "fits", "expired": "fits", "unsureChain": "fits", "unsureTime": "fits", "spent": "fits",
	"CodeUnknownModule": "CodeAllowed", "CodeUnknownCommand": "CodeAllowed", "CodeModuleInvalid": "CodeAllowed", "CodeNotGranted": "CodeAllowed",
	"CodeOriginMismatch": "CodeAllowed", "CodeWindowMismatch": "CodeAllowed", "CodeDeniedByRule": "CodeAllowed", "CodeExpired": "CodeAllowed",
	"CodeDenied": "CodeAllowed", "CodeRate": "CodeAllowed",
	"instanceCall": "instanceCaller",
}

// support is what instrumented files call.
const support = `package %s

import (
	"os"
	"strconv"
)

var mutantOn = func() int { n, _ := strconv.Atoi(os.Getenv("AMBIT_MUTANT")); return n }()

func mutantIs(n int) bool { return n == mutantOn }

func mutantPick[T any](n int, changed, same T) T {
	if n == mutantOn {
		return changed
	}
	return same
}
`

// instrumenter adds mutants to files. All edits are insertions around
// expressions and statements, so lines stay where they are.
type instrumenter struct {
	functions *regexp.Regexp // of which mutants are made; nil: all
	mutants   []mutant

	fset  *token.FileSet
	file  string
	src   []byte
	fn    string
	seen  map[string]int
	edits []edit
}

// edit is text inserted before an offset.
type edit struct {
	at    int
	text  string
	outer int // how long what it is around is: the longer opens first and closes last
	seq   int // among those of the same length
	end   bool
}

// instrument returns the source with its mutants in it.
func (in *instrumenter) instrument(file string, src []byte) ([]byte, error) {
	in.fset, in.file, in.src, in.seen, in.edits = token.NewFileSet(), file, src, make(map[string]int), nil
	tree, err := parser.ParseFile(in.fset, file, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, d := range tree.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
			in.function(f)
		}
	}
	return in.apply(), nil
}

// apply makes the insertions. Of those that open at one place the longest
// expression goes first, of those that close the shortest.
func (in *instrumenter) apply() []byte {
	slices.SortFunc(in.edits, func(a, b edit) int {
		switch {
		case a.at != b.at:
			return a.at - b.at
		case a.end != b.end:
			if a.end {
				return -1
			}
			return 1
		case a.end:
			return cmp.Or(a.outer-b.outer, b.seq-a.seq)
		}
		return cmp.Or(b.outer-a.outer, a.seq-b.seq)
	})
	var out []byte
	last := 0
	for _, e := range in.edits {
		out = append(append(out, in.src[last:e.at]...), e.text...)
		last = e.at
	}
	return append(out, in.src[last:]...)
}

func (in *instrumenter) function(f *ast.FuncDecl) {
	in.fn = f.Name.Name
	if f.Recv != nil {
		in.fn = in.text(f.Recv.List[0].Type) + "." + in.fn
	}
	if in.functions == nil || in.functions.MatchString(in.fn) {
		in.walk(f.Body, f.Type.Results)
	}
}

// walk adds the mutants of a function whose results are known.
func (in *instrumenter) walk(body ast.Node, results *ast.FieldList) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			in.walk(n.Body, n.Type.Results)
			return false
		case *ast.GenDecl:
			return n.Tok == token.VAR
		case *ast.BlockStmt:
			in.statements(n.List)
		case *ast.CaseClause:
			in.statements(n.Body)
		case *ast.IfStmt:
			in.condition(n.Cond, true, true)
		case *ast.ForStmt:
			if n.Cond != nil {
				in.condition(n.Cond, false, true)
			}
		case *ast.SwitchStmt:
			if n.Tag == nil {
				in.cases(n)
			}
		case *ast.ReturnStmt:
			in.returns(n, results)
		case *ast.BinaryExpr:
			in.binary(n)
		case *ast.CallExpr:
			in.call(n)
		case *ast.AssignStmt:
			in.values(n.Rhs)
		case *ast.KeyValueExpr:
			in.values([]ast.Expr{n.Value})
		}
		return true
	})
}

func (in *instrumenter) cases(s *ast.SwitchStmt) {
	for _, c := range s.Body.List {
		for _, e := range c.(*ast.CaseClause).List {
			in.condition(e, true, true)
		}
	}
}

// returns changes constants, and in functions that return a bool any result.
func (in *instrumenter) returns(r *ast.ReturnStmt, results *ast.FieldList) {
	if len(r.Results) == 1 && results != nil && len(results.List) == 1 && in.text(results.List[0].Type) == "bool" {
		in.condition(r.Results[0], true, true)
		return
	}
	in.values(r.Results)
}

// values changes constants that are assigned, passed or returned.
func (in *instrumenter) values(list []ast.Expr) {
	for _, e := range list {
		text := in.text(e)
		if strong := weak[text]; strong != "" {
			in.wrap(e, fmt.Sprintf("mutantPick(%d, %s, ", in.add(e, strong), strong), ")")
		}
		if text == "true" || text == "false" || isBool(e) {
			in.condition(e, true, true)
		}
	}
}

// isBool reports whether an expression is surely a bool, by its operator.
func isBool(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.UnaryExpr:
		return e.Op == token.NOT
	case *ast.BinaryExpr:
		return slices.Contains([]token.Token{
			token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ, token.LAND, token.LOR,
		}, e.Op)
	}
	return false
}

// condition makes an expression true and false.
func (in *instrumenter) condition(e ast.Expr, yes, no bool) {
	text := in.text(e)
	if yes && text != "true" {
		in.wrap(e, "(", fmt.Sprintf(" || mutantIs(%d))", in.add(e, "true")))
	}
	if no && text != "false" {
		in.wrap(e, "((", fmt.Sprintf(") && !mutantIs(%d))", in.add(e, "false")))
	}
}

// binary drops operands of && and ||, and moves the bounds of comparisons.
func (in *instrumenter) binary(b *ast.BinaryExpr) {
	x, y := in.text(b.X), in.text(b.Y)
	var with, bound string
	switch b.Op {
	case token.LAND:
		in.condition(b.X, true, false)
		in.condition(b.Y, true, false)
		return
	case token.LOR:
		in.condition(b.X, false, true)
		in.condition(b.Y, false, true)
		return
	case token.LSS, token.GTR:
		with, bound = b.Op.String()+"=", " || mutantIs(%d) && (%s) == (%s))"
	case token.LEQ, token.GEQ:
		with, bound = b.Op.String()[:1], " && !(mutantIs(%d) && (%s) == (%s)))"
	default:
		return
	}
	in.wrap(b, "(", fmt.Sprintf(bound, in.add(b, x+" "+with+" "+y), x, y))
}

// call exchanges min and max, and changes constants that are passed.
func (in *instrumenter) call(c *ast.CallExpr) {
	in.values(c.Args)
	name := in.text(c.Fun)
	other := map[string]string{"min": "max", "max": "min"}[name]
	if other == "" {
		return
	}
	changed := other + strings.TrimPrefix(in.text(c), name)
	in.wrap(c, fmt.Sprintf("mutantPick(%d, %s, ", in.add(c, changed), changed), ")")
}

// statements leaves out calls and assignments.
func (in *instrumenter) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				continue
			}
		case *ast.ExprStmt, *ast.IncDecStmt:
		default:
			continue
		}
		in.wrap(s, fmt.Sprintf("if !mutantIs(%d) { ", in.add(s, "nothing")), " }")
	}
}

// add notes a mutant and returns its number.
func (in *instrumenter) add(n ast.Node, changed string) int {
	key := in.fn + ": " + short(in.text(n)) + " → " + short(changed)
	if in.seen[key]++; in.seen[key] > 1 {
		key += fmt.Sprintf(" #%d", in.seen[key])
	}
	m := mutant{id: len(in.mutants) + 1, file: in.file, line: in.fset.Position(n.Pos()).Line, key: key}
	in.mutants = append(in.mutants, m)
	return m.id
}

func (in *instrumenter) wrap(n ast.Node, before, after string) {
	from, to := in.offset(n.Pos()), in.offset(n.End())
	e := edit{at: from, text: before, outer: to - from, seq: len(in.edits)}
	in.edits = append(in.edits, e, edit{at: to, text: after, outer: e.outer, seq: e.seq, end: true})
}

func (in *instrumenter) text(n ast.Node) string {
	return string(in.src[in.offset(n.Pos()):in.offset(n.End())])
}

func (in *instrumenter) offset(p token.Pos) int { return in.fset.Position(p).Offset }

// short is code in one line, not too long.
func short(code string) string {
	code = strings.Join(strings.Fields(code), " ")
	if r := []rune(code); len(r) > 100 {
		return string(r[:97]) + "…"
	}
	return code
}
