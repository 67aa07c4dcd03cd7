# Sourced by the tests that need Python: a virtual environment outside the repository, and free ports.

# Makes one in a folder, unless it is there: python_environment FOLDER PACKAGE…
python_environment() {
  local folder=$1
  shift
  if ! python3 -m venv --help >/dev/null 2>&1; then
    echo "$0 needs Python 3 with venv; nothing was tested" >&2
    exit 1
  fi
  [ -e "$folder/installed" ] && return
  echo "Installing $* in $folder …" >&2
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet "$@"
  touch "$folder/installed"
}

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}
