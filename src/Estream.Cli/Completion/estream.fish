# Completes estream commands in fish. In ~/.config/fish/completions/estream.fish: estream completion fish | source
function __estream_complete
    set -l line (commandline -cp | string replace -r '^\S+\s' '')
    command estream "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
end
complete -c estream -a '(__estream_complete)'
