// bash takes a line apart at colons, at signs and quotation marks, so that of `tag:read` it would have `read` completed, and it
// quotes what it puts into a line as the name of a file, `tag\:reading`. What is offered to it here is the whole word as it
// stands in the line, with what is missing behind it, quoted as the line needs it (`Completing.line(_:after:for:)`). Of that bash
// is given what follows the part that it leaves alone. A file's name is completed and quoted as always.

/// What follows the script for bash that the argument parser makes.
enum BashCompletion {
  static let ending = #"""

    # The words that the program offers are as the line needs them.
    __gloss_add_completions() {
        local completion
        if [[ "${1}" = -W ]]; then
            compopt +o filenames
            while IFS='' read -r completion; do
                [[ -n "${completion}" && "${completion}" = "${cur}"* ]] && COMPREPLY+=("${completion}")
            done <<<"${2}"
            return
        fi
        while IFS='' read -r completion; do
            COMPREPLY+=("${completion}")
        done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
    }

    # Completes words that end at white space and nowhere else.
    _gloss_at_space() {
        local rest="${COMP_LINE}" word before
        local -a words=()
        local -i index=-1 current=0 number
        for number in "${!COMP_WORDS[@]}"; do
            word="${COMP_WORDS[number]}"
            if [[ "${index}" -ge 0 && -n "${rest}" && "${rest}" != [[:space:]]* ]]; then
                words[index]+="${word}"
            else
                words[++index]="${word}"
            fi
            [[ "${number}" -eq "${COMP_CWORD}" ]] && current="${index}"
            rest="${rest#"${rest%%[![:space:]]*}"}"
            rest="${rest#"${word}"}"
        done
        local -a COMP_WORDS=("${words[@]}")
        local -i COMP_CWORD="${current}"
        word="${words[current]}"
        before="${COMP_LINE::COMP_POINT}"
        # What stands behind the cursor is not completed.
        while [[ -n "${word}" && "${before}" != *"${word}" ]]; do word="${word%?}"; done
        # An option with its value is two words to the script.
        local option=
        if [[ "${word}" =~ ^--[a-z-]+= ]]; then
            option="${BASH_REMATCH[0]}"
            word="${word#"${option}"}"
            COMP_WORDS=(
                "${words[@]::current}" "${option%=}" "${words[current]#"${option}"}"
                "${words[@]:current + 1}"
            )
            COMP_CWORD+=1
        fi
        _gloss "${1}" "${word}" "${COMP_WORDS[COMP_CWORD - 1]}"
        COMPREPLY=("${COMPREPLY[@]/#/"${option}"}")
        word="${option}${word}"
        COMPREPLY=("${COMPREPLY[@]#"${word%"${2}"}"}")
    }

    complete -o filenames -F _gloss_at_space gloss

    """#
}
