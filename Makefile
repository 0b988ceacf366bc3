# make demo    the main story, with the real programs, in a temporary folder
# make test    every test
# make simulate    worlds in which everything goes wrong: SEEDS of them (400), from FIRST_SEED (1), each of STEPS (200)
# make orders    many more small worlds in every order of delivery, than the tests take
# make mutate    the tests of the merge core against each of its mutants (ARGUMENTS="--sample 60 1" for some)
# make test-threads    the tests of store, sync and hub under the thread sanitizer
# make coverage    what no test of the merge core and of the envelope reaches
# make conformance    the protocol held against a second implementation, in Python
# make crash   real processes: commands with failing calls of the system, three machines over a bad network,
#              eight processes at once; POINTS=500 SESSIONS=100 CROWDS=5 SEED=1 ONLY=command, POINTS=all for every fault
# make fuzz    every decoder and the merge under libFuzzer and the address sanitizer: SECONDS_EACH (600) for each, or only for TARGETS
# make suites  the list of naughty strings through the real command; what no package brings is named
# make install    the programs, manual pages, completions for shells and systemd's units: PREFIX=/usr/local, DESTDIR=
# All install the system packages that are missing, and build.

SHELL := /bin/bash
# What the tests of the hub over PostgreSQL need. Where it cannot be installed they are left out.
postgres := libpq-dev postgresql
# What else is tested with what a person has: shells that complete, and what shows manual pages. The same.
shells := bash zsh fish mandoc groff
packages := libsqlite3-dev libcurl4-openssl-dev libzstd-dev pkg-config
# CrashTests are run by `make crash`.
targets := $(filter-out CrashTests,$(notdir $(wildcard Tests/*Tests)))
venv := .build/reference
python := $(venv)/bin/python

# The hub over PostgreSQL is built where libpq is here, so that the two builds of it do not take turns.
traits = $(shell pkg-config --exists libpq && echo --traits PostgreSQL)

.PHONY: help install demo crash test test-tls simulate orders mutate test-threads coverage fuzz suites bench lint format proto decompositions reference vectors vectors-check conformance packages packages-postgres packages-shells

help:
	@sed -n '/^# /!q; s/^# //p' $(firstword $(MAKEFILE_LIST))

demo: packages
	swift build $(traits) --product gloss
	swift build $(traits) --product gloss-hub
	@Examples/demo/demo.sh "$$(swift build --show-bin-path)"

# Programs that start soon: the runtimes of Swift and of C++ are in them, and the places that have to be adjusted to where a
# program is loaded are packed (glibc 2.36 or later), which is a seventh of the time of a short command.
cxx := .build/static/libstdc++.a
release = -c release --static-swift-stdlib -Xswiftc -use-ld=bfd -Xswiftc -L$(CURDIR)/$(dir $(cxx)) \
  -Xlinker -z -Xlinker pack-relative-relocs

# A folder with nothing but the library that is to be linked into programs.
$(cxx):
	@mkdir -p $(@D)
	@library=$$(clang -print-file-name=libstdc++.a); [ -f "$$library" ] \
	  || { echo "there is no libstdc++.a: install libstdc++-12-dev" >&2; exit 69; }; ln -sf "$$library" $@

# What is installed was built before where BUILT names the folder of the two programs.
PREFIX = /usr/local
DESTDIR =
BUILT =
install: packages $(if $(BUILT),,$(cxx))
	@set -e; built="$(BUILT)"; \
	if [ -z "$$built" ]; then \
	  built=$$(swift build $(traits) $(release) --show-bin-path); \
	  for product in gloss gloss-hub; do swift build $(traits) $(release) --product $$product; done; \
	fi; \
	Documentation/man/install.sh "$$built" "$(DESTDIR)" "$(PREFIX)"

# A process for each target: all at once open more files than Foundation's Process can tell apart. One that hangs is ended.
test: packages packages-postgres packages-shells
	swift build $(traits) --build-tests
	@set -e; for target in $(targets); do \
	  echo "== $$target"; \
	  SWIFT_BACKTRACE=enable=no timeout 1500 swift test $(traits) --skip-build --disable-xctest --quiet \
	    --filter "^$$target\\."; \
	done

# Real processes that are killed, whose calls of the system fail, and that a bad network parts. A line for each part.
crash: packages packages-postgres
	@$(MAKE) --no-print-directory packages packages="strace"
	swift build $(traits) --build-tests
	@GLOSS_CRASH_POINTS="$(POINTS)" GLOSS_CRASH_SESSIONS="$(SESSIONS)" GLOSS_CRASH_CROWDS="$(CROWDS)" \
	  GLOSS_CRASH_SEED="$(SEED)" GLOSS_CRASH_ONLY="$(ONLY)" GLOSS_CRASH_VERBOSE="$(VERBOSE)" \
	  SWIFT_BACKTRACE=enable=no swift test $(traits) --skip-build --disable-xctest --quiet \
	  --filter '^CrashTests\.'

# The hub with TLS, in a build of its own: a few minutes more, so CI leaves it out. The tests are those of the ordinary build.
test-tls: packages
	@$(MAKE) --no-print-directory packages packages="openssl"
	swift build --traits TLS --scratch-path .build-tls --product gloss-hub
	swift build $(traits) --build-tests
	GLOSS_TLS_HUB="$$(swift build --traits TLS --scratch-path .build-tls --show-bin-path)/gloss-hub" \
	  timeout 900 swift test $(traits) --skip-build --disable-xctest --quiet --filter '^CommandTests\.TLSTests'

# Half of the seeds in each of two processes. The build is that of the tests: a seed takes half a second of a core in it, and an
# optimised build would take longer than it saves.
SEEDS = 400
FIRST_SEED = 1
STEPS = 200
simulate: packages
	swift build $(traits) --product gloss-simulate
	@Tests/simulate.sh "$$(swift build $(traits) --show-bin-path)" $(FIRST_SEED) $(SEEDS) $(STEPS)

# What is fuzzed is compiled anew; what it depends on is that of the ordinary build.
SECONDS_EACH = 600
TARGETS =
fuzz: packages packages-postgres
	swift build $(traits) --build-tests
	Fuzzing/build.sh .build-fuzz "$$(swift build --show-bin-path)"
	nice Fuzzing/run.sh .build-fuzz $(SECONDS_EACH) $(TARGETS)

# The strings come from PyPI into the Python of Protocol.
suites: packages reference
	@$(MAKE) --no-print-directory packages packages="unicode-data"
	swift build $(traits) --product gloss
	$(python) Tests/suites.py "$$(swift build --show-bin-path)/gloss"

bench: packages $(cxx)
	swift run --package-path Benchmarks -c release gloss-bench
	@Benchmarks/reading.sh $(release)
	@Benchmarks/first-sync.sh $(release)
	@Benchmarks/hub.sh $(release)

# The merge core alone, optimised: small worlds in every order. The tests take a selection of them.
orders:
	Mutations/core-alone.sh .build-core
	swift build --package-path .build-core -c release -Xswiftc -enable-testing --build-tests
	GLOSS_ORDERS=all SWIFT_BACKTRACE=enable=no swift test --package-path .build-core -c release \
	  -Xswiftc -enable-testing --skip-build --disable-xctest --quiet --filter SmallWorldTests

mutate:
	Mutations/mutate.sh $(ARGUMENTS)

# The merge core and the envelope alone, in a build that counts what their tests reach. The counters are in the file at any time
# (`%c`), so that a process which ends in a trap says what it reached, too.
covered = --package-path .build-coverage --enable-code-coverage -Xswiftc -Xllvm -Xswiftc -runtime-counter-relocation
coverage:
	Mutations/core-alone.sh .build-coverage with-seal
	swift build $(covered) --build-tests
	@rm -rf .build-coverage/profiles; mkdir -p .build-coverage/profiles
	LLVM_PROFILE_FILE=$(CURDIR)/.build-coverage/profiles/%c%p.profraw SWIFT_BACKTRACE=enable=no \
	  "$$(swift build $(covered) --show-bin-path)/glossPackageTests.xctest" --testing-library swift-testing \
	  --skip 'SmallWorldTests|InvariantTests' --quiet
	Tests/coverage.py "$$(swift build $(covered) --show-bin-path)/glossPackageTests.xctest" \
	  .build-coverage/profiles .build-coverage GlossCore GlossCrypto GlossSeal

# A report of a race makes the exit status 66. The sanitizer makes the tests some ten times slower, so what ends one that hangs is far away.
checked := --sanitize=thread --scratch-path .build-threads
test-threads: packages packages-postgres
	swift build $(traits) $(checked) --build-tests
	@set -e; tests="$$(swift build $(traits) $(checked) --show-bin-path)/glossPackageTests.xctest"; \
	for target in GlossStoreTests GlossSyncTests GlossHubTests; do \
	  echo "== $$target"; \
	  SWIFT_BACKTRACE=enable=no timeout 5400 "$$tests" --testing-library swift-testing --quiet --filter "^$$target\\."; \
	done

# Foundation, with its tables of the world's languages, would be two thirds of gloss and a fifth of a short command's time.
lean := $(addprefix Sources/,gloss Gloss GlossCore GlossCrypto GlossFormats GlossHTTP GlossSeal GlossStore GlossSync GlossWire)
lint:
	@grep -rnE --include=*.swift --exclude-dir=Generated '^(@[a-z]+ )*([a-z]+ )?import (Foundation|GRDB)$$' $(lean); [ $$? = 1 ]
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks/Package.swift \
	  Benchmarks/Sources Fuzzing/Sources

format:
	swift format --in-place --recursive Package.swift Sources Tests Benchmarks/Package.swift \
	  Benchmarks/Sources Fuzzing/Sources

# Makes the committed Swift code of Protocol/gloss.proto anew.
proto: reference
	swift build --product protoc-gen-swift
	$(python) -m grpc_tools.protoc --proto_path=Protocol \
	  --plugin="$$(swift build --show-bin-path)/protoc-gen-swift" \
	  --swift_opt=UseAccessLevelOnImports=true --swift_out=Sources/GlossWire/Generated gloss.proto
	sed -i 's|: @unchecked Sendable {$$|&  // The storage is a class that is copied before it is written to.|' \
	  Sources/GlossWire/Generated/gloss.pb.swift

# Makes the committed table of Unicode's decompositions anew. Its version is that of Foundation, which it replaced.
decompositions:
	@$(MAKE) --no-print-directory packages packages="unicode-data"
	python3 Tests/decompositions.py 15.0.0

# The Python of Protocol in an environment of its own: packages from PyPI, and gloss_pb2, made of gloss.proto.
reference: $(venv)/ready

$(venv)/ready: Protocol/reference/requirements.txt Protocol/gloss.proto
	@python3 -c 'import ensurepip' 2>/dev/null || $(MAKE) --no-print-directory packages \
	  packages="$(packages) python3-venv"
	python3 -m venv $(venv)
	$(venv)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@set -e; site=$$($(python) -c 'import sysconfig; print(sysconfig.get_path("purelib"))'); \
	$(python) -m grpc_tools.protoc --proto_path=Protocol --python_out="$$site" gloss.proto; \
	echo "$(CURDIR)/Protocol/reference" >"$$site/gloss.pth"
	@touch $@

# The vectors, made by the Python in Protocol/reference.
vectors: reference
	$(python) Protocol/reference/generate.py

vectors-check: reference packages
	$(python) Protocol/reference/generate.py --check

# Vectors both ways, the OpenAPI document, schemathesis on a running hub, and Python's replica beside those of gloss.
conformance: reference packages packages-postgres
	swift build $(traits) --build-tests
	@PYTHONDONTWRITEBYTECODE=1 $(python) Protocol/conformance/run.py "$$(swift build --show-bin-path)"

packages-postgres:
	@$(MAKE) --no-print-directory packages packages="$(postgres)" \
	  || echo "skipped: the tests of the hub over PostgreSQL ($(postgres) cannot be installed)"

packages-shells:
	@$(MAKE) --no-print-directory packages packages="$(shells)" \
	  || echo "skipped: the tests with those of $(shells) that cannot be installed"

packages:
	@missing=$$(for package in $(packages); do \
	  dpkg-query -W -f='$${Status}\n' $$package 2>/dev/null | grep -q 'ok installed' \
	    || echo $$package; done); \
	if [ -n "$$missing" ]; then \
	  root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  echo "installing" $$missing; \
	  $$root apt-get update -q && $$root apt-get install -y -q --no-install-recommends $$missing; \
	fi
