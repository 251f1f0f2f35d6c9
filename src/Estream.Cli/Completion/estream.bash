# Completes estream commands in bash. In ~/.bashrc: source <(estream completion bash)
_estream() {
  local line="${COMP_LINE:0:COMP_POINT}" word current suggestion
  [[ "$line" == *" "* ]] || return
  line="${line#* }"
  word="${line##* }"
  # Bash also ends words at '@' and ':', and uses only the text after them.
  current="${COMP_WORDS[COMP_CWORD]}"
  [[ "$COMP_WORDBREAKS" == *"$current"* ]] && current=""
  COMPREPLY=()
  while IFS= read -r suggestion; do
    [[ "$suggestion" == "$word"* ]] && COMPREPLY+=("${suggestion#"${word%"$current"}"}")
  done < <(command "${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null)
}
complete -o default -F _estream estream
