# The commands of the project. They do their own set-up on a plain Debian machine.

CARGO ?= cargo
export CARGO_TERM_COLOR ?= never
# Where rustup puts cargo, for shells that were not told.
export PATH := $(PATH):$(HOME)/.cargo/bin

.PHONY: run build test bench steady fuzz interop api audit fmt clean

## Builds the server and starts the demo: http://127.0.0.1:8080, SIP on 127.0.0.1:5060. ARGS="--http ADDRESS ..." is handed on.
## BIND=ADDRESS serves other machines at that address of this one, with new passwords, which it shows.
run: build
	@exec ./target/release/carillon demo $(if $(BIND),--bind $(BIND)) $(ARGS)

## Builds the web desktop and the server with it: target/release/carillon.
build:
	@.ci/setup build
	@.ci/web build
	$(CARGO) build --release --locked

## Formatting, lints, every test. The last line it prints is `N passed, N failed`.
test:
	@.ci/test

## Measures the release build beside a reference relay and Debian's kamailio and rtpengine: a table, also in target/bench.
## ROWS="relay recording" CALLS=200 WINDOWS=3 choose; without ROWS all are measured. Leave the machine alone meanwhile.
bench: build
	@.ci/setup bench
	$(CARGO) build --release --locked -p carillon-bench
	@$(if $(ROWS),,.ci/web bench)
	@./target/release/carillon-bench $(if $(ROWS),--rows "$(ROWS)") $(if $(CALLS),--calls $(CALLS)) $(if $(WINDOWS),--windows $(WINDOWS)) $(ARGS)

## Tries ten times (or ROUNDS=n) whatever could drop a call of the page, and says the worst of each. `make test` tries each once.
steady:
	@.ci/setup test
	$(CARGO) build --locked
	@ROUNDS=$(or $(ROUNDS),10) .ci/web steady

## Ten minutes (or SECONDS_EACH=n) of fuzzing for each target in fuzz/.
fuzz:
	@.ci/fuzz

## Has the telephones of others live a day with the server, and writes docs/INTEROP.md from what they did.
interop:
	@.ci/setup test
	CARILLON_INTEROP=write $(CARGO) test --locked --test it interop::

## Writes the generated files of docs/api anew.
api:
	$(CARGO) run --quiet --locked -- openapi > docs/api/openapi.json.new
	mv docs/api/openapi.json.new docs/api/openapi.json
	$(CARGO) run --quiet --locked -- events-schema > docs/api/events.schema.json.new
	mv docs/api/events.schema.json.new docs/api/events.schema.json
	cd web && npm run -s api

## Licences, sources and doubled crates.
audit:
	@.ci/setup audit
	$(CARGO) fetch --locked
	$(CARGO) deny --offline check bans licenses sources

fmt:
	$(CARGO) fmt --all

clean:
	$(CARGO) clean
	rm -rf run
