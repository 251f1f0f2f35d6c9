#compdef estream
# Completes estream commands in zsh. In ~/.zshrc, after compinit: source <(estream completion zsh)
_estream() {
  local line="${words[2,CURRENT]}"
  local -a suggestions
  suggestions=("${(@f)$(command "${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
  compadd -a suggestions
}
compdef _estream estream
