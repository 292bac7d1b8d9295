# shellcheck shell=bash
# Shared by ./smalldb-sim, ./run-tests and .ci/run: installs what is missing, and builds what is older than its source.
# Speaks on standard error only, so that what the program itself prints can be piped.
# REQUIRES: $root, the root of the tree.

say() { echo "smalldb-sim: $*" >&2; }
give_up() {
  say "$@"
  exit 4  # the harness itself failed
}

# install_packages PURPOSE...: installs the missing packages of cmake/packages.txt that are for one of the purposes.
install_packages() {
  local purpose package why missing=() reasons="" installed
  installed=$(dpkg-query -W -f ' ${db:Status-Status}:${Package} ' 2>/dev/null)
  while read -r purpose package why; do
    [[ " $* " == *" $purpose "* && $installed != *" installed:$package "* ]] || continue
    missing+=("$package")
    reasons+="    $(printf '%-22s %s' "$package" "$why")"$'\n'
  done <"$root/cmake/packages.txt"
  ((${#missing[@]})) || return 0

  if ! command -v apt-get >/dev/null; then
    say "not a Debian system; going on in the hope that these are here under other names:"
    printf '%s' "$reasons" >&2
    return 0
  fi
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || give_up "missing packages and no sudo; as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing Debian packages with ${as_root[*]:+sudo }apt-get, because they are needed and missing:"
  printf '%s' "$reasons" >&2
  mkdir -p "$root/build" || give_up "cannot make the folder $root/build"
  shown_or_kept "$root/build/install.log" run_apt "${as_root[@]}" || give_up "could not install: ${missing[*]}"
}

# run_apt [sudo]: refreshes the list of packages and installs $missing.
run_apt() {
  local apt=("$@" env DEBIAN_FRONTEND=noninteractive apt-get -qq)
  "${apt[@]}" update || say "could not refresh the list of packages; trying with the old one"
  "${apt[@]}" install --yes --no-install-recommends "${missing[@]}" </dev/null
}

# shown_or_kept FILE COMMAND...: runs it. What it says is shown on a terminal; elsewhere it is kept in the file, and
# shown only if the command fails.
shown_or_kept() {
  local file=$1 outcome=0
  shift
  if [[ -t 2 ]]; then
    "$@" >&2
    return
  fi
  "$@" >"$file" 2>&1 || outcome=$?
  ((outcome == 0)) || cat "$file" >&2
  return "$outcome"
}

# is_built STAMP: true when no source is newer than the last successful build. Folders count, so that a file that has
# gone is noticed too. Starts no cmake: this is what every start of ./smalldb-sim pays.
is_built() {
  local stamp=$1 folders=() folder
  [[ -e $stamp ]] || return 1
  for folder in cmake model sim properties scenarios reports cli server client bench; do
    [[ -d $root/$folder ]] && folders+=("$root/$folder")
  done
  local kinds=(-type d -o -name '*.h' -o -name '*.cpp' -o -name '*.txt' -o -name '*.cmake' -o -name '*.json'
    -o -name '*.toml')
  folders+=("$root/CMakeLists.txt" "$root/CMakePresets.json")
  [[ -z "$(find "${folders[@]}" -newer "$stamp" \( "${kinds[@]}" \) -print -quit)" ]]
}

# build PRESET TARGET: configures and builds build/PRESET if a source changed.
build() {
  local preset=$1 target=$2 tree="$root/build/$1"
  local stamp="$tree/.built-$target"
  is_built "$stamp" && return 0

  mkdir -p "$tree" || give_up "cannot make the folder $tree"
  exec {build_lock}>"$tree/.lock"
  flock "$build_lock"                # another start may be building the same
  if ! is_built "$stamp"; then
    say "building $target ($preset)$([[ -e $stamp ]] || echo '; the first time takes some minutes')"
    touch "$stamp.begun"             # what is edited while the build runs is newer than this
    shown_or_kept "$tree/build.log" configure_and_build "$preset" "$target" ||
      give_up "the $preset build failed; the words of CMake or the compiler stand above"
    mv "$stamp.begun" "$stamp"
    [[ $target != all ]] || touch -r "$stamp" "$tree/.built-smalldb-sim"
  fi
  exec {build_lock}>&-
}

configure_and_build() {
  local fresh=()
  # A build folder that was copied along with the tree knows the old place.
  grep -qsx "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$root/build/$1/CMakeCache.txt" || fresh=(--fresh)
  cd "$root" && cmake "${fresh[@]}" --preset "$1" && cmake --build --preset "$1" --target "$2"
}

# run_ctest PRESET ARGUMENTS...: every test of a build, what failed in full. One more at a time than there are
# processors: of those that start servers, there is always one that waits.
run_ctest() {
  local preset=$1
  shift
  (cd "$root" && ctest --preset "$preset" --parallel "$(($(nproc) + 1))" "$@")
}
