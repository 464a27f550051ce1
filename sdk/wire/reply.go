package wire

// Codes of an [ErrorBody] that guests agree on. The host passes CodeBadArgs
// and CodeGuestError on as they are, since they say nothing that only the host
// can know; any other code of a guest reaches the caller as "<module>.<code>".
const (
	CodeError      = "error"       // an error without a code of its own
	CodeBadArgs    = "bad-args"    // the arguments do not fit the command
	CodeGuestError = "guest-error" // a panic, or a fault of the guest itself
)

// Reply is what a guest answers: OK, or else Err. The result of a power call
// has the same form, without Data.
type Reply struct {
	OK  Raw        // one value; nil only if Err is set
	Err *ErrorBody // nil for a success
}

// ErrorBody is an error on its way to a caller.
type ErrorBody struct {
	Code    string // as [ValidCode]
	Message string
	Data    Raw // one value; nil for none, and then not written
}

// ValidCode reports whether a guest may use code: 1 to 64 characters of
// [a-z0-9-].
func ValidCode(code string) bool {
	const longest = 64
	for i := range len(code) {
		switch c := code[i]; {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-':
		default:
			return false
		}
	}
	return code != "" && len(code) <= longest
}

// BeginOK appends the start of a success. Exactly one value must follow.
func BeginOK(b []byte) []byte { return AppendStr(AppendMap(b, 1), "ok") }

// AppendOK appends a success with a value that is encoded already.
func AppendOK(b []byte, v Raw) []byte { return AppendRaw(BeginOK(b), v) }

// AppendErr appends an error. Code and message must be valid UTF-8.
func AppendErr(b []byte, e *ErrorBody) []byte {
	n := 2
	if len(e.Data) > 0 {
		n = 3
	}
	b = AppendMap(AppendStr(AppendMap(b, 1), "err"), n)
	b = AppendStr(AppendStr(b, "code"), e.Code)
	b = AppendStr(AppendStr(b, "message"), e.Message)
	if n == 3 {
		b = append(AppendStr(b, "data"), e.Data...)
	}
	return b
}

// ParseReply checks b as [Scan] does and reads it: {ok} or {err}, nothing
// else. The depth of the limits holds for the value and for the data, so that
// what fits into a request also fits into its reply. The result aliases b.
func ParseReply(b []byte, l Limits) (Reply, error) {
	l = l.withDefaults()
	if len(b) > l.Bytes {
		return Reply{}, &Error{Text: textTooLarge, At: l.Bytes}
	}
	d := &Dec{b: b, elements: l.Elements}
	var r Reply
	if n := d.Map(); d.err == nil && n != 1 {
		d.failAt("expected ok or err alone", 0)
	}
	switch new(keySet).next(d, replyKeys[:]) {
	case 0:
		r.OK = d.scanned(l.Depth)
	case 1:
		r.Err = d.errorBody(l.Depth)
	}
	if err := d.Done(); err != nil {
		return Reply{}, err
	}
	return r, nil
}

var (
	replyKeys = [...]string{"ok", "err"}
	errorKeys = [...]string{"code", "message", "data"}
)

func (d *Dec) errorBody(depth int) *ErrorBody {
	e := &ErrorBody{}
	var seen keySet
	for n := d.Map(); n > 0 && d.err == nil; n-- {
		at := d.i
		switch seen.next(d, errorKeys[:]) {
		case 0:
			e.Code = d.Str()
			if d.err == nil && !ValidCode(e.Code) {
				d.failAt("invalid error code "+quote(e.Code), at)
			}
		case 1:
			e.Message = d.Str()
		case 2:
			e.Data = d.scanned(depth)
		}
	}
	seen.require(d, 1<<0|1<<1)
	return e
}

// scanned reads one value, checked as Scan does.
func (d *Dec) scanned(depth int) Raw {
	start := d.i
	end, err := scanValue(d.b, d.i, depth, &d.elements)
	if err != nil {
		d.failAt(err.Text, err.At)
		return nil
	}
	d.i = end
	return Raw(d.b[start:end:end])
}
