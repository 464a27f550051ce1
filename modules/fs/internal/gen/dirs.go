package main

// A dir is a base dir, or several that have one name in permissions.
type dir struct {
	id      string   // as in scope-<id>
	vars    []string // without "$"
	what    string
	secrets []string // below the variable: what an app hardly ever means to lend
}

// dirs are Tauri's base dirs, without those that an app has no use for in a
// permission (executables, fonts, the runtime folder, templates).
func dirs() []dir {
	app := []string{"APPCONFIG", "APPDATA", "APPLOCALDATA", "APPCACHE", "APPLOG"}
	return []dir{
		{id: "app", vars: app, what: "all folders of the app, which must all be declared"},
		{id: "appconfig", vars: app[0:1], what: "the app's settings"},
		{id: "appdata", vars: app[1:2], what: "the app's data"},
		{id: "applocaldata", vars: app[2:3], what: "the app's data of this machine"},
		{id: "appcache", vars: app[3:4], what: "the app's cache"},
		{id: "applog", vars: app[4:5], what: "the app's logs"},
		{id: "audio", vars: []string{"AUDIO"}, what: "the user's music"},
		{id: "cache", vars: []string{"CACHE"}, what: "the caches of all the user's programs"},
		{id: "config", vars: []string{"CONFIG"}, what: "the settings of all the user's programs", secrets: configSecrets()},
		{id: "data", vars: []string{"DATA"}, what: "the data of all the user's programs", secrets: dataSecrets()},
		{id: "desktop", vars: []string{"DESKTOP"}, what: "the user's desktop"},
		{id: "document", vars: []string{"DOCUMENT"}, what: "the user's documents"},
		{id: "download", vars: []string{"DOWNLOAD"}, what: "the user's downloads"},
		{id: "home", vars: []string{"HOME"}, what: "the user's home", secrets: homeSecrets()},
		{id: "localdata", vars: []string{"LOCALDATA"}, what: "the data of all the user's programs on this machine", secrets: dataSecrets()},
		{id: "picture", vars: []string{"PICTURE"}, what: "the user's pictures"},
		{id: "public", vars: []string{"PUBLIC"}, what: "what the user shares"},
		{id: "resource", vars: []string{"RESOURCE"}, what: "what the app came with"},
		{id: "temp", vars: []string{"TEMP"}, what: "temporary files of all programs"},
		{id: "video", vars: []string{"VIDEO"}, what: "the user's videos"},
	}
}

// The secrets are keys, tokens, browser profiles, mail, and files that run when
// the user logs in. Below $HOME they are listed for Linux, macOS and Windows.

func homeSecrets() []string {
	out := []string{
		".ssh/**", ".gnupg/**", ".pki/**", ".password-store/**",
		".aws/**", ".azure/**", ".kube/**", ".docker/**", ".cargo/credentials*",
		".netrc", ".git-credentials", ".npmrc", ".pypirc", ".pgpass", ".*_history",
		".mozilla/**", ".thunderbird/**", "snap/firefox/**", "snap/chromium/**",
		".bash*", ".zsh*", ".zprofile", ".zlogin", ".profile", ".login", ".xprofile", ".xinitrc", ".xsession*", ".gitconfig",
		"Library/Keychains/**", "Library/Cookies/**", "Library/Safari/**", "Library/Mail/**", "Library/Messages/**", "Library/LaunchAgents/**",
	}
	out = append(out, below(".config/", configSecrets())...)
	out = append(out, below(".local/share/", dataSecrets())...)
	out = append(out, below("Library/Application Support/", dataSecrets())...)
	out = append(out, below("AppData/Local/", dataSecrets())...)
	return append(out, below("AppData/Roaming/", dataSecrets())...)
}

func configSecrets() []string {
	return []string{
		"gh/**", "gcloud/**", "git/**", "rclone/**",
		"google-chrome*/**", "chromium/**", "BraveSoftware/**", "microsoft-edge*/**",
		"autostart/**", "systemd/**", "environment.d/**", "fish/**",
	}
}

func dataSecrets() []string {
	return []string{
		"keyrings/**", "kwalletd/**", "applications/**", "systemd/**",
		"Google/**", "Chromium/**", "BraveSoftware/**", "Microsoft/**", "Microsoft Edge*/**", "Firefox/**", "Mozilla/**", "Thunderbird/**",
	}
}

func below(folder string, names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = folder + name
	}
	return out
}
