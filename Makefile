# Ambit. `make` lists what there is to make; `make demo` and `make test` are
# what a newcomer runs. Everything needs only Go and make.

GO        ?= go
GUEST      = GOOS=wasip1 GOARCH=wasm
GUEST_PKGS = ./sdk/... ./modules/... ./examples/*/module ./examples/notes/rogue
BIN        = .bin
AMBIT      = $(BIN)/ambit
LINT       = $(BIN)/golangci-lint
LINT_VER   = v2.15.0
# A number of inputs, not a time: go test may take its own time-out for a
# failure ("context deadline exceeded") on a busy machine. FUZZTIME=1m digs deeper.
FUZZTIME  ?= 3000x
OUT        = .build

.DEFAULT_GOAL := help
.PHONY: help build modules demo serve desktop test js race vet cross lint fmt tidy fuzz cover long mutants guards faults hostile bench check clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

build: $(AMBIT) modules ## build the command line and the first-party modules

# The Go tool decides what is out of date.
.PHONY: $(AMBIT)
$(AMBIT):
	@$(GO) build -o $(AMBIT) ./host/cmd/ambit

modules: $(AMBIT) ## build the first-party modules, and those of the example apps
	@mkdir -p $(OUT)/modules
	@for m in http store shell os log; do $(AMBIT) build -o $(OUT)/modules/$$m.wasm modules/$$m/guest || exit 1; done
	@$(AMBIT) build -o examples/notes/app/modules/fs.wasm modules/fs/guest
	@$(AMBIT) build -o examples/notes/app/modules/notes.wasm examples/notes/module
	@$(AMBIT) build -o examples/notes/app/modules/rogue.wasm examples/notes/rogue
	@$(AMBIT) build -o examples/greet/app/modules/greet.wasm examples/greet/module

demo: modules ## run the example app: allowed calls, denied calls, a hostile module
	@$(GO) run ./examples/notes

serve: modules ## serve the example app to a browser: open the URLs that it prints
	@$(GO) build -o $(BIN)/notes ./examples/notes
	@$(BIN)/notes -serve

# A module of its own: it needs cgo and the system's webview.
desktop: modules ## show the example app in a window of the desktop (Linux: libwebkit2gtk-4.0-dev)
	@test -d examples/notes/app/data || cp -r examples/notes/seed examples/notes/app/data
	@cd examples/desktop && $(GO) run .

# What attacks a host measures whether others are answered in time: it runs alone.
test: ## run all tests
	$(GO) test $$($(GO) list ./... | grep -v /hosttest$$)
	$(GO) test ./host/hosttest

# What goroutines share. Patterns, parsers and rewriters hold nothing that changes.
SHARED = $$($(GO) list ./authority ./host/... | grep -vE '/internal/(wasm|meter|reference)$$|/hosttest$$')

js: ## run the tests of the client of web pages, with node
	cd sdk/js && node --test

race: ## run the tests of what is shared between goroutines with the race detector
	$(GO) test -race -short $(SHARED)

vet: ## go vet for the host and for guests
	$(GO) vet ./...
	$(GUEST) $(GO) vet $(GUEST_PKGS)

cross: ## build for the systems that we do not test on
	GOOS=darwin GOARCH=arm64 $(GO) build ./...
	GOOS=windows GOARCH=amd64 $(GO) build ./...
	GOOS=linux GOARCH=arm64 $(GO) build ./...
	GOOS=linux GOARCH=386 $(GO) build ./...

$(LINT):
	GOBIN=$(CURDIR)/$(BIN) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VER)

lint: $(LINT) ## run the linters of .golangci.yml
	$(LINT) run ./...
	$(GUEST) $(LINT) run $(GUEST_PKGS)

fmt: ## format all Go files
	gofmt -w $$(git ls-files '*.go')

tidy: ## check that go.mod and go.sum are tidy and files are formatted
	$(GO) mod tidy -diff
	cd examples/desktop && $(GO) mod tidy -diff
	@bad=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$bad" || { echo "gofmt would change: $$bad"; exit 1; }

fuzz: ## run each fuzz target for FUZZTIME
	@n=0; for f in $$(grep -rlE '^func Fuzz' --include='*_test.go' .); do \
	  for t in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' $$f); do \
	    echo "fuzz $$(dirname $$f) $$t"; \
	    $(GO) test -run '^$$' -fuzz "^$$t\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x ./$$(dirname $$f) || exit 1; n=$$((n+1)); \
	  done; done; test $$n -gt 0 || { echo "no fuzz target found"; exit 1; }

# All of the authority but the program that makes mutants: what that does is
# run the tests.
COVERED = $$($(GO) list ./authority/... | grep -v /internal/mutants)

cover: ## statement coverage of the authority, which must be whole
	@mkdir -p $(OUT)
	$(GO) test -short -coverpkg="$$(echo $(COVERED) | tr ' ' ',')" -coverprofile=$(OUT)/cover.out $(COVERED)
	@! $(GO) tool cover -func=$(OUT)/cover.out | grep -v '100.0%$$' || { echo "not all statements are covered"; exit 1; }
	@$(GO) tool cover -func=$(OUT)/cover.out | tail -n 1

long: ## compare engine and reference on 10^6 pairs of policy and request, not 10^5
	AMBIT_LONG=1 $(GO) test -count=1 -timeout 30m -v -run 'TestAgainstReference|TestDenyOnlyNarrows|TestLessNeverWidens|TestShuffle' ./authority

mutants: ## change the code that decides in many small ways: the tests must notice each
	$(GO) run ./authority/authoritytest/internal/mutants

guards: ## attack a host without each of its guards: the attacks must notice; writes host/TRACK-RECORD.md
	$(GO) run ./host/hosttest/internal/guards -record

faults: ## force each error path of the host once: what must hold must hold
	$(GO) run ./host/hosttest/internal/guards -faults

# Needs npm and a clang with wasi-libc. The result must be what is in the repository.
HOSTILE = host/hosttest/testdata
WAT2WASM = npm exec --yes --package=wabt@1.0.39 -- wat2wasm

hostile: ## rebuild the attackers that are written as text and in C, and compare
	@for f in $(HOSTILE)/*.wat; do $(WAT2WASM) $$f -o $${f%.wat}.wasm || exit 1; done
	@for f in $(HOSTILE)/*.c; do clang --target=wasm32-wasi -Os -mexec-model=reactor -Wl,--strip-all -o $${f%.c}.wasm $$f || exit 1; chmod 644 $${f%.c}.wasm; done
	git diff --exit-code --stat -- $(HOSTILE)

bench: ## run the benchmarks; the tables at the end have ratios to bare wazero
	@mkdir -p $(OUT)
	$(GO) test -run '^$$' -bench . -benchmem ./authority/... ./sdk/... ./host/... > $(OUT)/bench.txt || { cat $(OUT)/bench.txt; exit 1; }
	@cat $(OUT)/bench.txt
	@echo && $(GO) run ./host/internal/benchtable < $(OUT)/bench.txt

check: tidy vet cross lint test race fuzz cover ## everything that must hold before a commit

clean: ## remove what make made
	rm -rf $(BIN) $(OUT) examples/*/app/modules examples/notes/app/data
	$(GO) clean -testcache
