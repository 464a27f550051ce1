package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ambit-wasm/ambit/authority"
	"github.com/ambit-wasm/ambit/authority/pattern"
	"github.com/ambit-wasm/ambit/authority/suggest"
	"github.com/ambit-wasm/ambit/host"
	"github.com/spf13/cobra"
)

// appFlags say which app is meant and how it is read.
type appFlags struct {
	folder     string
	policyOnly bool
	platform   string
	profile    string
	json       bool
}

func (f *appFlags) add(cmd *cobra.Command) {
	f.addFolder(cmd)
	f.addPolicyOnly(cmd)
	cmd.Flags().StringVar(&f.platform, "platform", "", "resolve for this `platform`: "+platformNames()+" (default: this one)")
	complete(cmd, "platform", platforms...)
}

func (f *appFlags) addFolder(cmd *cobra.Command) {
	f.addApp(cmd)
	cmd.Flags().StringVar(&f.profile, "profile", "", "the `profile` of ambit.toml to use (default: prod)")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON, in a shape that scripts can rely on")
}

func (f *appFlags) addApp(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.folder, "app", ".", "the app's `folder`")
	_ = cmd.MarkFlagDirname("app")
}

func (f *appFlags) addPolicyOnly(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.policyOnly, "policy-only", false, "read no module: permissions/<module>/ is its whole manifest")
}

// platforms are the names that --platform takes, spelled as policies spell
// them.
var platforms = []string{
	string(authority.Linux), string(authority.MacOS), string(authority.Windows),
	string(authority.Android), string(authority.IOS), string(authority.FreeBSD),
}

func platformNames() string { return strings.Join(platforms, ", ") }

// target is the platform to resolve for.
func (f *appFlags) target() (authority.Platform, error) {
	if f.platform == "" {
		return host.Platform(), nil
	}
	if slices.Contains(platforms, f.platform) {
		return authority.Platform(f.platform), nil
	}
	hint := "one of " + platformNames()
	if near := suggest.Nearest(f.platform, platforms); near != "" {
		hint = fmt.Sprintf("did you mean %q? %s", near, hint)
	}
	return "", usagef("--platform: unknown platform %q (%s)", f.platform, hint)
}

// callerFlags say who calls.
type callerFlags struct {
	window     string
	webview    string
	origin     string
	fromModule string
	given      func(flag string) bool
}

func (f *callerFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.window, "window", "", "the `label` of the window that calls")
	cmd.Flags().StringVar(&f.webview, "webview", "", "the `label` of the webview that calls (default: the window's)")
	cmd.Flags().StringVar(&f.origin, "origin", "", "the `URL` of a remote page that calls (default: the app's own pages)")
	cmd.Flags().StringVar(&f.fromModule, "from-module", "", "the `module` that calls; --window is then where the chain of calls began")
	cmd.MarkFlagsMutuallyExclusive("origin", "from-module")
	f.given = cmd.Flags().Changed
}

// caller builds the caller that a transport would build.
func (f *callerFlags) caller() (authority.Caller, error) {
	page := authority.Caller{Window: f.window, Webview: f.webview, Origin: authority.LocalOrigin()}
	if page.Webview == "" {
		page.Webview = page.Window
	}
	// An empty variable in a script must not turn one caller into another.
	for _, flag := range [][2]string{{"webview", f.webview}, {"origin", f.origin}, {"from-module", f.fromModule}} {
		if f.given(flag[0]) && flag[1] == "" {
			return page, usagef("--%s is empty (leave it out, or say who calls)", flag[0])
		}
	}
	switch {
	case f.webview != "" && f.window == "":
		return page, usagef("--webview needs --window, the window that it is in")
	case f.fromModule != "":
		from := authority.Caller{Origin: authority.ModuleOrigin(f.fromModule)}
		if f.window != "" {
			from.Chain = []authority.Caller{page}
		}
		return from, nil
	case f.window == "":
		return page, usagef("who calls? (give --window LABEL, or --from-module NAME)")
	case f.origin != "":
		if _, err := pattern.ParseURL(f.origin); err != nil {
			return page, usagef("--origin %q is no absolute URL: %v", f.origin, err)
		}
		page.Origin = authority.RemoteOrigin(f.origin)
	}
	return page, nil
}
