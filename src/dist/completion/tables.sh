
# What the generated part cannot know: the tables that there are, and files after --config.

# Prints the names of the tables of the configuration that is typed, one on a line. Asks the catalogs at most once a
# minute. Names that the shell would have to quote are left out.
function _sink_table_names() {
  local config=() i key
  for (( i = 1; i < COMP_CWORD; i++ )); do
    case ${COMP_WORDS[i]} in
      -c | --config) [ "${COMP_WORDS[i+1]}" != = ] || (( i++ )); config=(--config "${COMP_WORDS[i+1]}") ;;
    esac
  done
  key="$PWD ${SINK_CONFIG:-} ${config[*]}"
  if [ "$key" != "${_sink_tables_key:-}" ] || (( SECONDS - ${_sink_tables_at:-0} > 60 )); then
    _sink_tables=$(SINK_NO_BUILD=1 timeout 10 "${COMP_WORDS[0]}" tables "${config[@]}" </dev/null 2>/dev/null |
      awk -F '  +' 'NR > 1 && $1 ~ /^[A-Za-z0-9_.-]+$/ { print $1 }')
    _sink_tables_key=$key _sink_tables_at=$SECONDS
  fi
}

function _complete_sink_tables() {
  local COMP_WORDS=("${COMP_WORDS[@]}") COMP_CWORD=$COMP_CWORD
  # --option=value comes as three words.
  if [ "${COMP_WORDS[COMP_CWORD]}" = = ]; then
    COMP_WORDS[COMP_CWORD]=
  elif [ "${COMP_WORDS[COMP_CWORD-1]}" = = ]; then
    COMP_WORDS[COMP_CWORD-1]=${COMP_WORDS[COMP_CWORD]}
    (( COMP_CWORD-- ))
  fi
  # Of --option one,two the last value is completed.
  local listed=
  if [[ ${COMP_WORDS[COMP_CWORD]} == *,* && ${COMP_WORDS[COMP_CWORD-1]} == --* ]]; then
    listed=${COMP_WORDS[COMP_CWORD]%,*},
    COMP_WORDS[COMP_CWORD]=${COMP_WORDS[COMP_CWORD]##*,}
  fi
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  _complete_sink "$@"
  # An option without values to choose from has one, which is empty.
  [ "${COMPREPLY[*]}" != "''" ] || COMPREPLY=()
  if [ ${#COMPREPLY[@]} -ne 0 ]; then
    [ -z "$listed" ] || COMPREPLY=("${COMPREPLY[@]/#/$listed}")
    return 0
  fi
  case $previous in
    -c | --config)
      local IFS=$'\n'
      type compopt &>/dev/null && compopt -o filenames
      COMPREPLY=( $(compgen -f -- "$current") )
      return 0
      ;;
    -v | --verbose | --exclude) ;;
    # the value of another option
    --*) [[ " $(_sink_flags "${COMP_WORDS[1]}") " == *" '$previous' "* ]] || return 0 ;;
  esac
  case ${COMP_WORDS[1]} in
    maintain | inspect | orphans | verify | snapshots | rollback | tables) ;;
    *) return 0 ;;
  esac
  [[ $current != -* ]] || return 0
  _sink_table_names
  COMPREPLY=( $(compgen -W "$_sink_tables" -- "$current") )
}

# Prints the options of a command that take no value, quoted, as the generated part has them.
function _sink_flags() {
  typeset -f "_picocli_sink_$1" 2>/dev/null | sed -n 's/.*local flag_opts="\(.*\)".*/\1/p'
}

complete -F _complete_sink_tables -o default sink sink.sh sink.bash
