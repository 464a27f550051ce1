// A module in C, with a libc: what malloc, stdio and the environment are to it when it
// wants more than it was given. The request says which: its arguments hold a text
// "do=<what>". It replies {ok: a text}.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

__attribute__((import_module("ambit"), import_name("request"))) void ambit_request(void *);
__attribute__((import_module("ambit"), import_name("reply"))) void ambit_reply(const void *, uint32_t);

// reply replies {ok: text}.
static int reply(const char *text) {
	static unsigned char out[256];
	size_t n = strlen(text);
	if (n > 200)
		n = 200;
	memcpy(out, "\x81\xa2ok\xd9", 5);
	out[5] = (unsigned char)n;
	memcpy(out + 6, text, n);
	ambit_reply(out, (uint32_t)(n + 6));
	return 0;
}

// opens tells whether a file can be read.
static int opens(const char *path) {
	FILE *f = fopen(path, "r");
	char c;
	if (f == NULL)
		return 0;
	int n = (int)fread(&c, 1, 1, f);
	fclose(f);
	return n == 1;
}

__attribute__((export_name("ambit_invoke"))) int32_t ambit_invoke(uint32_t length) {
	char text[128] = "honest";
	char *request = malloc(length + 1);
	if (request == NULL)
		return 1;
	ambit_request(request);
	request[length] = 0;
	const char *what = "";
	for (uint32_t i = 0; i + 3 < length; i++)
		if (memcmp(request + i, "do=", 3) == 0)
			what = request + i + 3;
	if (strncmp(what, "malloc", 6) == 0) { // all there is
		size_t all = 0;
		char *p;
		while ((p = malloc(1 << 16)) != NULL) {
			memset(p, 1, 1 << 16);
			all += 1 << 16;
		}
		snprintf(text, sizeof text, "%zu", all >> 16);
	} else if (strncmp(what, "recurse", 7) == 0) { // by alloca, so that the stack in memory is used up
		volatile char *p = NULL;
		for (;;)
			p = __builtin_alloca(1 << 16), p[0] = 1;
	} else if (strncmp(what, "environ", 7) == 0) {
		extern char **environ;
		snprintf(text, sizeof text, "%d", environ != NULL && environ[0] != NULL);
	} else if (strncmp(what, "files", 5) == 0) {
		snprintf(text, sizeof text, "%d%d%d%d", opens("/etc/passwd"), opens("../outside/secret"), opens("/proc/self/environ"), opens("/dev/zero"));
	} else if (strncmp(what, "print", 5) == 0) { // 100 MB
		for (int i = 0; i < 1000000; i++)
			printf("%0100d\n", i);
		snprintf(text, sizeof text, "printed");
	} else if (strncmp(what, "format", 6) == 0) { // what a log might take for a format, or for its own
		printf("%%s%%n%%x {\"@level\":\"error\"}\x1b[31m\n");
		fprintf(stderr, "\r\x1b]52;c;x\x07");
		snprintf(text, sizeof text, "printed");
	} else if (strncmp(what, "exit", 4) == 0) {
		exit(0);
	} else if (strncmp(what, "abort", 5) == 0) {
		abort();
	} else if (strncmp(what, "sleep", 5) == 0) {
		sleep(3600);
	}
	free(request);
	return reply(text);
}
