# Functions for run.sh and estream: check whether a program is current, and take the build lock.
# The caller sets `root` to the checkout before it sources this file.

cli_program=$root/src/Estream.Cli/bin/Release/net10.0/estream.dll
host_program=$root/src/Estream.Host/bin/Release/net10.0/Estream.Host.dll

# The time of a stamp file is the start of the last successful build of that program.
cli_stamp=$root/artifacts/estream.built
host_stamp=$root/artifacts/host.built

sources=("$root"/{src,schemas,circuits,native,global.json,Directory.Build.props,Directory.Packages.props})

# is_current PROGRAM STAMP UNUSED [PATH...]: succeeds if no file of the sources or of PATH is newer than the stamp.
# Skips build output and the project UNUSED, which the program does not refer to.
is_current() {
  local program=$1 stamp=$2 unused=$3
  shift 3
  [ -f "$program" ] && [ -f "$stamp" ] && [ -z "$(find -H "${sources[@]}" "$@" \
    \( -name bin -o -name obj -o -name node_modules -o -name wwwroot -o -name "$unused" \) -prune \
    -o -type f -newer "$stamp" -print -quit 2>/dev/null)" ]
}

cli_is_current() {
  is_current "$cli_program" "$cli_stamp" Estream.Host
}

host_is_current() {
  is_current "$host_program" "$host_stamp" Estream.Cli "$root/console"
}

# Waits until no other script builds. `exec 9>&-` releases the lock.
lock_builds() {
  mkdir -p "$root/artifacts" && exec 9>"$root/artifacts/build.lock" || return
  ! command -v flock >/dev/null || flock 9
}
