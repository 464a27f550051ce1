package ipc

import "testing"

// The hashes are those of openssl dgst -sha256 -binary.
func TestWithInline(t *testing.T) {
	for _, tt := range []struct{ name, policy, page, want string }{
		{"nothing", "default-src 'self'", "<p>script</p><script src=x.js></script>", "default-src 'self'"},
		{"a script", "default-src 'self'", "<script>alert(1)</script>", "default-src 'self'; script-src 'self' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"},
		{"a style", "default-src 'self'; style-src x", "<style>p{}</style>", "default-src 'self'; style-src x 'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y='"},
		{"what is inline is allowed", "script-src 'unsafe-inline'", "<script>alert(1)</script>", "script-src 'unsafe-inline'"},
		{"no policy for it", "img-src x", "<script>alert(1)</script>", "img-src x"},
		{"none", "script-src 'none'", "<script>alert(1)</script>", "script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"},
		{"in a comment", "default-src 'self'", "<!-- <script>alert(1)</script> -->", "default-src 'self'"},
		{"in a text", "default-src 'self'", "<textarea><script>alert(1)</script></textarea><p title='<script>'>", "default-src 'self'"},
		{"no end", "default-src 'self'", "<script>alert(1)", "default-src 'self'; script-src 'self' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"},
		{"lines of Windows", "default-src 'self'", "<script>a\r\nb</script>", "default-src 'self'; script-src 'self' 'sha256-fhj3NzEbLcOy8mndeDlrA1HxT7Zu+oefdoyyMYGIPHg='"},
		{"empty", "default-src 'self'", "<script></script>x", "default-src 'self'"},
	} {
		if got := withInline(tt.policy, []byte(tt.page)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}
