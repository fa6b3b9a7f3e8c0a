# Completion of sink's command line, for bash and zsh. bash-completion reads it from
# /usr/share/bash-completion/completions/sink; elsewhere read it in ~/.bashrc or ~/.zshrc:
#
#   . /opt/sink-0.1.0/completion/sink
#
# Made of the program's own options by picocli, https://picocli.info/.
