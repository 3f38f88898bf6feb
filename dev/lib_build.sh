# Building the programs and the web assets. Sourced.
# shellcheck shell=bash

# POTTO_BUILD_DIR: use the programs of that directory and do not build.
# shellcheck disable=SC2034 # used by scripts that source this
BUILD=${POTTO_BUILD_DIR:-$PROJECT/build}

build_configure() { # DIR LOG, further cmake options
    local dir=$1 log=$2 cache=()
    shift 2
    if command -v ccache >/dev/null; then
        cache=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    fi
    step 'Configuring the build' "$log.cmake" cmake -S "$PROJECT" -B "$dir" -G Ninja "${cache[@]}" "$@"
}

build_programs() { # DIR LOG [TARGET…]
    local dir=$1 log=$2
    shift 2
    [ -f "$dir/build.ninja" ] || build_configure "$dir" "$log"
    step "Building ${dir#"$PROJECT/"}" "$log" ninja -C "$dir" "$@"
}

# A hash of all files that the bundle is made of.
web_inputs() {
    (cd "$PROJECT/web" && find . -path ./node_modules -prune -o -path ./dist -prune -o -type f -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-32)
}

# Run npm ci and the build, but only if something has changed since the last time.
build_web() { # LOG
    local stamp=$PROJECT/static/app/.inputs inputs modules
    [ -f "$PROJECT/web/package.json" ] || return 0
    inputs=$(web_inputs)
    if [ "$(cat "$stamp" 2>/dev/null)" = "$inputs" ]; then return 0; fi
    web_modules "$1"
    step 'Bundling web assets' "$1" npm --prefix "$PROJECT/web" run build
    say "$(web_inputs)" | write_file 644 "$stamp"
}

web_modules() { # LOG: install the packages of package-lock.json
    local lock modules=$PROJECT/web/node_modules/.potto-lock
    lock=$(sha256sum <"$PROJECT/web/package-lock.json")
    if [ "$(cat "$modules" 2>/dev/null)" = "$lock" ]; then return 0; fi
    step 'Installing web packages' "$1.npm" npm --prefix "$PROJECT/web" ci --no-audit --no-fund
    say "$lock" >"$modules"
}
