#!/usr/bin/env bash
# Check the container: its size, and that the server runs as another user with read-only files.
#
#   docker/check.sh            with docker or podman if there is an engine that runs, else without
#
# Without an engine, docker/install.sh makes the same virtual environment, and the server runs from it as the
# user nobody, whose only writable folder is that of the jobs. That needs root, for the change of the user.
# PYTHON=... chooses the interpreter, PORT=... the port.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

LIMIT=400000000  # bytes of the image as it is downloaded, compressed
PORT=${PORT:-8765}
PYTHON=${PYTHON:-python3}
work=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

fail() { echo "docker/check.sh: $*" >&2; exit 1; }

engine() {
    for name in docker podman; do
        if "$name" info >/dev/null 2>&1; then echo "$name"; return; fi
    done
}

check_size() {  # bytes, what
    echo "$2: $(($1 / 1000000)) MB compressed, limit $((LIMIT / 1000000)) MB"
    [ "$1" -lt "$LIMIT" ] || fail "$2 is too large"
}

check_answers() {  # address
    for _ in $(seq 240); do
        if curl --silent --fail --output /dev/null "$1/healthz"; then
            curl --silent --fail "$1/v1/bundles" --header 'Authorization: Bearer 0123456789abcdef' >/dev/null \
                || fail "the bundles can't be listed"
            [ "$(curl --silent --output /dev/null --write-out '%{http_code}' "$1/v1/bundles")" = 401 ] \
                || fail "it answers without a token"
            echo "it answers on $1"
            return
        fi
        if [ -n "$server" ] && ! kill -0 "$server" 2>/dev/null; then
            fail "the server ended; if the user nobody can't read $PYTHON, choose another by PYTHON=..."
        fi
        sleep 0.5
    done
    fail "no answer on $1"
}

with_engine() {  # engine
    "$1" build --tag mien-check .
    check_size "$("$1" save mien-check | gzip -1 | wc --bytes)" "image"
    "$1" run --rm --entrypoint python mien-check -c \
        "import importlib.util as u; raise SystemExit(u.find_spec('torch') is not None)" || fail "torch is in it"
    [ "$("$1" run --rm --entrypoint id mien-check -u)" != 0 ] || fail "it runs as root"
    "$1" run --rm --detach --name mien-check --read-only --tmpfs /tmp --cap-drop ALL \
        --publish "127.0.0.1:$PORT:8000" --env MIEN_TOKEN=0123456789abcdef mien-check --detector mtcnn
    trap '"$1" stop mien-check >/dev/null' RETURN
    check_answers "http://127.0.0.1:$PORT"
}

without_engine() {
    sh docker/install.sh "$work/mien" "$PYTHON"
    check_size "$(tar --create --directory "$work" mien | gzip -1 | wc --bytes)" "virtual environment, without the base image,"
    "$work/mien/bin/python" -c \
        "import importlib.util as u; raise SystemExit(u.find_spec('torch') is not None)" || fail "torch is in it"
    chmod -R a+rX,a-w "$work/mien"
    chmod 711 "$work"
    install --directory --owner=nobody --mode=700 "$work/data"
    (cd / && exec setpriv --reuid=nobody --clear-groups --no-new-privs env --ignore-environment \
        PATH="$work/mien/bin" HOME="$work/data" XDG_STATE_HOME="$work/data/state" \
        XDG_CACHE_HOME="$work/data/cache" MIEN_TOKEN=0123456789abcdef \
        "$work/mien/bin/mien" serve --host 0.0.0.0 --port "$PORT" --detector mtcnn) &
    server=$!
    check_answers "http://127.0.0.1:$PORT"
    kill -TERM "$server"
    wait "$server" || true
    server=
    echo "without a container engine: the virtual environment is that of the image, as another user, read-only"
}

found=$(engine)
if [ -n "$found" ]; then with_engine "$found"; else without_engine; fi
