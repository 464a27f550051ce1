package authority

// Code is the stable reason of a decision or of the end of a call (DESIGN
// §4.4). Codes never contain a dot, so that a guest's own codes, which reach
// a caller as "<module>.<code>", cannot be mistaken for ours.
type Code string

// The codes. Decide answers with those of the first group; the host uses all.
const (
	CodeAllowed        Code = "allowed"
	CodeUnknownModule  Code = "unknown-module"
	CodeUnknownCommand Code = "unknown-command"
	CodeModuleInvalid  Code = "module-invalid" // named by the app, but refused or missing
	CodeNotGranted     Code = "not-granted"    // no allow names the command
	CodeOriginMismatch Code = "origin-mismatch"
	CodeWindowMismatch Code = "window-mismatch"
	CodeDeniedByRule   Code = "denied-by-rule"
	CodeExpired        Code = "expired"

	CodeDenied          Code = "denied" // what remote and module callers see of all the above
	CodeScopeEmpty      Code = "scope-empty"
	CodeScopeMismatch   Code = "scope-mismatch"
	CodeRevoked         Code = "revoked"
	CodeQuota           Code = "quota"
	CodeRate            Code = "rate"
	CodeImportDenied    Code = "import-denied"
	CodeABIMismatch     Code = "abi-mismatch"
	CodeDeadline        Code = "deadline"
	CodeCPULimit        Code = "cpu-limit"
	CodeMemoryLimit     Code = "memory-limit"
	CodeTableLimit      Code = "table-limit"
	CodeStackLimit      Code = "stack-limit"
	CodeOutputLimit     Code = "output-limit"
	CodeCallLimit       Code = "call-limit"
	CodeReentrancyLimit Code = "reentrancy-limit"
	CodeTooLarge        Code = "too-large"
	CodeRefused         Code = "refused"
	CodeBadArgs         Code = "bad-args"
	CodeBadResult       Code = "bad-result"
	CodeGuestError      Code = "guest-error"
	CodeHostError       Code = "host-error"
	CodeCanceled        Code = "canceled"
)
