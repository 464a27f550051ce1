package acl

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// parseTOML reads a TOML 1.1 document. go-toml's parser knows the grammar and
// where things stand; what a document means (which table a header opens, what
// is defined twice) is decided here, in linear time, so that every duplicate
// is reported with both places. It returns nil after a problem of grammar.
func parseTOML(src *source, k *sink) *node {
	if !src.plainText(k) {
		return nil
	}
	r := tomlReader{src: src, sink: k}
	r.root = &node{pos: src.at(0), kind: kindTable, made: madeHeader}
	r.table, r.depth = r.root, 1

	var p unstable.Parser
	p.Reset(src.data)
	for !r.failed && p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			r.header(e)
		default:
			r.table.end = r.keyValue(r.table, e, r.depth)
		}
	}
	if err := p.Error(); err != nil && !r.failed {
		r.syntax(err)
	}
	if r.failed {
		return nil
	}
	return r.root
}

// tomlReader turns go-toml's expressions into a tree.
type tomlReader struct {
	src    *source
	sink   *sink
	root   *node
	table  *node // where keys go: what the last header opened
	depth  int   // of table
	values int
	failed bool
}

func (r *tomlReader) syntax(err error) {
	r.failed = true
	at, message := len(r.src.data), err.Error()
	var parse *unstable.ParserError
	if errors.As(err, &parse) {
		// A highlight is a slice of the document, up to its end.
		at, message = len(r.src.data)-cap(parse.Highlight), parse.Message
	}
	r.sink.errorf(r.src.at(at), codeSyntax, "", "not valid TOML: %s", message)
}

// room counts a value against the bounds of a file.
func (r *tomlReader) room(at authority.Position, depth int) bool {
	r.values++
	if !r.failed && (depth > maxDepth || r.values > maxValues) {
		r.failed = true
		tooMuch(r.sink, at, depth)
	}
	return !r.failed
}

// tooMuch reports a file that goes beyond maxDepth or maxValues.
func tooMuch(k *sink, at authority.Position, depth int) {
	if depth > maxDepth {
		k.errorf(at, codeTooLarge, "", "values are nested more than %d deep", maxDepth)
		return
	}
	k.errorf(at, codeTooLarge, "split the file", "the file holds more than %d values", maxValues)
}

// keyValue puts a key-value pair into the table and returns the offset behind
// the value.
func (r *tomlReader) keyValue(table *node, e *unstable.Node, depth int) int {
	keys := e.Key()
	var key *unstable.Node
	for keys.Next() {
		key = keys.Node()
		if keys.IsLast() || r.failed {
			break
		}
		table = r.dotted(table, string(key.Data), r.src.at(int(key.Raw.Offset)), depth)
		depth++
	}
	pos := r.src.at(int(key.Raw.Offset))
	start := r.skip(int(key.Raw.Offset+key.Raw.Length), " \t=")
	value, end := r.value(e.Value(), start, depth+1)
	if r.failed {
		return end
	}
	r.put(table, string(key.Data), pos, value)
	return end
}

// skip returns the offset of the next byte that is none of the set and not in
// a comment. The parser has been over the text already.
func (r *tomlReader) skip(at int, set string) int {
	for at < len(r.src.data) && (r.src.data[at] == '#' || strings.IndexByte(set, r.src.data[at]) >= 0) {
		if r.src.data[at] == '#' {
			at = r.src.lineEnd(at)
		} else {
			at++
		}
	}
	return at
}

const betweenItems = " \t\r\n,"

// value reads a value that starts at the offset, and returns the offset behind
// it. (go-toml tells the place of a scalar, but not of a list.)
func (r *tomlReader) value(e *unstable.Node, start, depth int) (*node, int) {
	n := &node{pos: r.src.at(start)}
	if !r.room(n.pos, depth) {
		return n, start
	}
	end := start + int(e.Raw.Length)
	switch e.Kind {
	case unstable.Array:
		n.kind = kindList
		end = r.skip(start+1, betweenItems)
		for items := e.Children(); !r.failed && items.Next(); {
			var item *node
			item, end = r.value(items.Node(), end, depth+1)
			n.items = append(n.items, item)
			end = r.skip(end, betweenItems)
		}
		end++ // the bracket
	case unstable.InlineTable:
		n.kind = kindTable
		end = r.skip(start+1, betweenItems)
		for pairs := e.Children(); !r.failed && pairs.Next(); {
			end = r.keyValue(n, pairs.Node(), depth)
			end = r.skip(end, betweenItems)
		}
		n.made = madeValue
		end++
	case unstable.String:
		n.kind, n.text = kindString, string(e.Data)
	case unstable.Bool:
		n.kind, n.flag = kindBool, string(e.Data) == "true"
	case unstable.Integer:
		r.integer(n, string(e.Data))
	case unstable.Float:
		r.float(n, string(e.Data))
	default:
		r.time(n, string(e.Data))
	}
	n.end = end
	return n, end
}

func (r *tomlReader) integer(n *node, text string) {
	n.kind = kindInt
	var err error
	if n.integer, err = strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 0, 64); err != nil {
		r.sink.errorf(n.pos, codeBadValue, "", "the number %s does not fit 64 bits", quote(text))
	}
}

func (r *tomlReader) float(n *node, text string) {
	n.kind = kindFloat
	var err error
	n.float, err = strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64)
	if err != nil || math.IsNaN(n.float) || math.IsInf(n.float, 0) {
		r.sink.errorf(n.pos, codeBadValue, "", "%s is not a finite number of 64 bits", quote(text))
		n.float = 0
	}
}

// time checks a date or time with go-toml's decoder, since its parser only
// finds where the value ends.
func (r *tomlReader) time(n *node, text string) {
	n.kind = kindTime
	n.text = strings.ReplaceAll(strings.ToUpper(text), " ", "T")
	var into struct{ V any }
	if err := toml.Unmarshal([]byte("v = "+text), &into); err != nil {
		r.sink.errorf(n.pos, codeBadValue, "", "%s is not a date or time: %s", quote(text), strings.TrimPrefix(err.Error(), "toml: "))
	}
}
