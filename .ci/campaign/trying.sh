# shellcheck shell=bash
# What try_slurm and try_parallel share.

fail() {
  echo "$(basename "$0"): failed: $*" >&2
  exit 1
}

# The program that is tried: the first argument of the script.
tried_program() {
  [[ -f ${1-} && -x $1 ]] || fail "needs a program: $(basename "$0") build/release/bin/smalldb-sim"
  readlink -f "$1"
}

need() {
  local program missing=()
  PATH=$PATH:/usr/sbin:/sbin
  for program in "$@"; do command -v "$program" >/dev/null || missing+=("$program"); done
  ((${#missing[@]} == 0)) || fail "not installed: ${missing[*]}"
}

# All is done in a folder that goes with the script, and so do the processes that it started.
begin_in_temporary_folder() {
  started=()
  folder=$(mktemp -d) && cd "$folder" || fail "no temporary folder"
  trap 'for process in "${started[@]}"; do kill "$process"; done 2>/dev/null; wait; cd /; rm -rf "$folder"' EXIT
}

in_background() {
  "$@" >"$(basename "$1").log" 2>&1 &
  started+=($!)
}

# One that nobody listens on: the system's choice, for programs that cannot leave it to the system themselves.
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

until_true() {
  local what=$1 began=$SECONDS
  shift
  until "$@"; do
    ((SECONDS - began < 120)) || fail "waited in vain until $what: $(tail -n 3 ./*.log)"
    sleep 0.1
  done
}

# kills_the_program_once PROGRAM SHARD: makes ./killed_once, the program but for this: the first to run that shard is
# killed as soon as it has written a result.
kills_the_program_once() {
  cat >killed_once <<SCRIPT
#!/usr/bin/env bash
for ((n = 1; n < \$#; ++n)); do
  [[ \${!n} == --results ]] && { m=\$((n + 1)); results=\${!m}; }
done
if [[ " \$* " != *" --shard $2/"* ]] || ! mkdir "$PWD/was_killed" 2>/dev/null; then exec "$1" "\$@"; fi
"$1" "\$@" &
until [[ -s \$results ]] || ! kill -0 \$! 2>/dev/null; do sleep 0.02; done
kill -KILL \$!
wait \$!
SCRIPT
  chmod +x killed_once
}

# compare_with_one_machine PROGRAM SEEDS DIRECTORY OPTION...: the shards' results add up to what one machine finds.
compare_with_one_machine() {
  local program=$1 seeds=$2 directory=$3
  "$program" fuzz --seeds "$seeds" --results whole.jsonl --out "" "${@:4}" >/dev/null
  "$program" merge --seeds "$seeds" whole.jsonl >whole.txt
  "$program" merge --seeds "$seeds" "$directory"/shard*.jsonl >shards.txt
  ! grep -h '^Nobody has run' whole.txt shards.txt || fail "the campaign is not complete"
  grep -q '^Result' whole.txt && diff shards.txt whole.txt || fail "many machines came to something else than one"
  echo "$(basename "$0"): seeds $seeds in $(ls "$directory"/shard*.jsonl | wc -l) shards, one of them killed:" \
    "complete, and the same as on one machine"
}
