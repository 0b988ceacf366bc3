# make demo    the main story, with the real programs, in a temporary folder
# make test    every test
# Both install the system packages that are missing, and build.

SHELL := /bin/bash
packages := libsqlite3-dev libcurl4-openssl-dev libzstd-dev pkg-config
targets := $(notdir $(wildcard Tests/*Tests))
python := $(shell python3 -c 'import cryptography' 2>/dev/null && echo python3 || echo /usr/bin/python3)

.PHONY: help demo test test-tls bench lint format proto vectors vectors-check packages

help:
	@sed -n 's/^# //p' $(firstword $(MAKEFILE_LIST))

demo: packages
	swift build --product gloss
	swift build --product gloss-hub
	@Examples/demo/demo.sh "$$(swift build --show-bin-path)"

# A process for each target: all at once open more files than Foundation's Process can tell apart. One that hangs is ended.
test: packages
	swift build --build-tests
	@set -e; for target in $(targets); do \
	  echo "== $$target"; \
	  SWIFT_BACKTRACE=enable=no timeout 900 swift test --skip-build --disable-xctest --quiet \
	    --filter "^$$target\\."; \
	done

# The hub with TLS, in a build of its own: a few minutes more, so CI leaves it out. The tests are those of the ordinary build.
test-tls: packages
	@$(MAKE) --no-print-directory packages packages="openssl"
	swift build --traits TLS --scratch-path .build-tls --product gloss-hub
	swift build --build-tests
	GLOSS_TLS_HUB="$$(swift build --traits TLS --scratch-path .build-tls --show-bin-path)/gloss-hub" \
	  timeout 900 swift test --skip-build --disable-xctest --quiet --filter '^CommandTests\.TLSTests'

bench: packages
	swift run --package-path Benchmarks -c release gloss-bench
	@Benchmarks/list.sh

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks/Package.swift \
	  Benchmarks/Sources

format:
	swift format --in-place --recursive Package.swift Sources Tests Benchmarks/Package.swift \
	  Benchmarks/Sources

# Makes the committed Swift code of Protocol/gloss.proto anew. protoc comes with PyPI's grpcio-tools.
proto:
	python3 -m venv .build/protoc && .build/protoc/bin/pip install --quiet grpcio-tools
	swift build --product protoc-gen-swift
	.build/protoc/bin/python -m grpc_tools.protoc --proto_path=Protocol \
	  --plugin="$$(swift build --show-bin-path)/protoc-gen-swift" \
	  --swift_opt=UseAccessLevelOnImports=true --swift_out=Sources/GlossWire/Generated gloss.proto

# The vectors, made by the Python in Protocol/reference.
vectors:
	$(python) Protocol/reference/generate.py

vectors-check:
	@$(python) -c 'import cryptography' 2>/dev/null || $(MAKE) --no-print-directory packages \
	  packages="$(packages) python3-cryptography"
	$(python) Protocol/reference/generate.py --check

packages:
	@missing=$$(for package in $(packages); do \
	  dpkg-query -W -f='$${Status}\n' $$package 2>/dev/null | grep -q 'ok installed' \
	    || echo $$package; done); \
	if [ -n "$$missing" ]; then \
	  root=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  echo "installing" $$missing; \
	  $$root apt-get update -q && $$root apt-get install -y -q --no-install-recommends $$missing; \
	fi
