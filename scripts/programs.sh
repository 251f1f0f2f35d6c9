# Functions for run.sh and estream: check whether a program is current, and take the build lock.
# The caller sets `root` to the checkout before it sources this file.

cli_program=$root/src/Estream.Cli/bin/Release/net10.0/estream.dll
host_program=$root/src/Estream.Host/bin/Release/net10.0/Estream.Host.dll

# The time of a stamp file is the start of the last successful build of that program.
cli_stamp=$root/artifacts/estream.built
host_stamp=$root/artifacts/host.built

# is_newer STAMP PATH...: succeeds if a file below one of the paths is newer than the stamp.
# Skips build output and the directory name in PRUNED.
is_newer() {
  local stamp=$1
  shift
  [ -n "$(find -H "$@" \( -name bin -o -name obj -o -name node_modules -o -name wwwroot -o -name "${PRUNED:-bin}" \) -prune \
    -o -type f -newer "$stamp" -print -quit 2>/dev/null)" ]
}

cli_is_current() {
  [ -f "$cli_program" ] && [ -f "$cli_stamp" ] &&
    ! PRUNED=Estream.Host is_newer "$cli_stamp" "$root"/{src,schemas,circuits,native,global.json,Directory.Build.props,Directory.Packages.props}
}

host_is_current() {
  [ -f "$host_program" ] && [ -f "$host_stamp" ] &&
    ! PRUNED=Estream.Cli is_newer "$host_stamp" "$root"/{src,schemas,circuits,native,console,global.json,Directory.Build.props,Directory.Packages.props}
}

# Waits until no other script builds. `exec 9>&-` releases the lock.
lock_builds() {
  mkdir -p "$root/artifacts" && exec 9>"$root/artifacts/build.lock" || return
  ! command -v flock >/dev/null || flock 9
}
