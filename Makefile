# The commands of the project. `make run` and `make test` do their own set-up on a plain Debian machine.

CARGO ?= cargo
export CARGO_TERM_COLOR ?= never

.PHONY: run test fuzz api audit fmt clean

## Builds the server and starts the demo: http://127.0.0.1:8080, SIP on 127.0.0.1:5060. ARGS="--http ADDRESS ..." is handed on.
run:
	.ci/setup run
	$(CARGO) build --release --locked
	./target/release/carillon demo $(ARGS)

## Formatting, lints, every test. The last line is `N passed, N failed`.
test:
	.ci/setup test
	.ci/test

## Ten minutes (or SECONDS_EACH=n) of fuzzing for each target in fuzz/.
fuzz:
	.ci/fuzz

## Writes the generated files of docs/api anew.
api:
	$(CARGO) run --quiet --locked -- openapi > docs/api/openapi.json.new
	mv docs/api/openapi.json.new docs/api/openapi.json

## Licences, sources and doubled crates (needs cargo-deny).
audit:
	$(CARGO) deny --offline check bans licenses sources

fmt:
	$(CARGO) fmt --all

clean:
	$(CARGO) clean
	rm -rf run
