#!/usr/bin/env bash
# The rules that a compiler does not check: who may include whom (LAYERS), who may name the NPU, sizes, promises.
#
# First every rule is broken on purpose in a small tree of its own, and must be found there; then the real tree is read.
# A finding is one line: file:line: what is wrong.
set -euo pipefail
export LC_ALL=C
root=${SOURCE_DIR:-$(dirname "$(readlink -f "$0")")/..}

# C files of the tree in the current folder, without what a build made.
c_files()
{
    find . \( -path ./build -o -path ./.git \) -prune -o -name '*.[ch]' -print | sed 's:^\./::' | sort
}

text_files()
{
    find . \( -path ./build -o -path ./.git -o -path ./tests/vectors \) -prune -o \( -name '*.[chS]' -o -name '*.sh' \
        -o -name '*.py' -o -name '*.cmake' -o -name 'CMakeLists.txt' -o -name '*.ini' -o -name '*.ld' -o -path ./dev \) \
        -print | sed 's:^\./::' | sort
}

# Every #include "..." is written from the root and allowed by LAYERS. A folder stands below those it may include, because
# the build links only libraries that it has made already.
check_layers()
{
    c_files | awk '
    function folder_of(path,    part) {
        part = path
        while (sub("/[^/]*$", "", part))
            if (part in known)
                return part
        return ""
    }
    BEGIN {
        while ((getline line < "LAYERS") > 0) {
            number++
            if (line !~ /^[a-z]/)
                continue
            folder = line
            sub(/[ \t]*:.*$/, "", folder)
            sub(/^[^:]*:[ \t]*/, "", line)
            if (folder in known)
                print "LAYERS:" number ": " folder " stands here twice"
            count = split(line, names, /[ \t]+/)
            for (i = 1; i <= count; i++) {
                if (names[i] == "")
                    continue
                allowed[folder, names[i]] = 1
                if (names[i] != "*" && !(names[i] in known))
                    print "LAYERS:" number ": " folder " may include " names[i] ", which does not stand above it"
            }
            known[folder] = 1
        }
    }
    function exists(path,    any, found) {
        found = (getline any < path) >= 0
        close(path)
        return found
    }
    { files[++file_count] = $0 }
    END {
        for (f = 1; f <= file_count; f++) {
            file = files[f]
            from = folder_of(file)
            if (from == "") {
                print file ":1: its folder has no line in LAYERS"
                continue
            }
            number = 0
            while ((getline line < file) > 0) {
                number++
                if (line !~ /^[ \t]*#[ \t]*include[ \t]*"/)
                    continue
                split(line, parts, "\"")
                included = parts[2]
                to = folder_of(included)
                # An example is a project of its own and includes what generate writes beside it; test data in C are compiled
                # against headers that the test chooses.
                if (from == "examples" || file ~ /^tests\/vectors\//)
                    continue
                if (to == "" || included == file || !exists(included))
                    print file ":" number ": #include \"" included "\" is no file of the project, written from its root"
                else if (to != from && !((from, to) in allowed) && !((from, "*") in allowed))
                    print file ":" number ": #include \"" included "\": LAYERS does not let " from " include " to
            }
            close(file)
        }
    }'
}

# contract/ is what emitted code carries along: it stands alone whatever LAYERS says.
check_contract()
{
    grep -rnE --include='*.[ch]' '^[ 	]*#[ 	]*include[ 	]*"' contract | grep -v '"contract/' |
        sed 's/$/: contract includes nothing of the project outside contract/' || true
}

# In compiler/ only lower/neural-art and emit/neural-art name the NPU: in identifiers, strings and includes. A comment may
# say the word to explain why an interface is as it is. That some target is of the kind "npu" is data: compiler/target
# reads it and compiler/report prints it, and neither knows which NPU that is. "npu" must be a word of its own, or every
# "input" would be found.
check_npu()
{
    c_files | grep '^compiler/' | grep -vE '^compiler/(lower|emit)/neural-art/' | while read -r file; do
        awk '
        FNR == 1 { reads_kind = FILENAME ~ "^compiler/(target|report)/" }
        {
            code = ""
            rest = $0
            while (rest != "") {
                mark = inside ? "*/" : "/*"
                at = index(rest, mark)
                if (!inside)
                    code = code (at ? substr(rest, 1, at - 1) : rest)
                if (!at)
                    break
                rest = substr(rest, at + 2)
                inside = !inside
            }
            sub(/\/\/.*$/, "", code)
            code = tolower(code)
            if (code ~ /neural[-_]art|stm32n6|ll_aton/ || (!reads_kind && code ~ /(^|[^a-z])npu([^a-z]|$)/))
                print FILENAME ":" FNR ": only compiler/lower/neural-art and compiler/emit/neural-art may name the NPU"
        }' "$file"
    done
}

# A function is what stands between a { and a } in the first column; that is why its brace must have a line of its own.
check_sizes()
{
    local files
    mapfile -t files < <(c_files)
    [ ${#files[@]} = 0 ] || awk '
    FNR == 1 { open = 0; head = "" }
    /^[A-Za-z_].*\) *\{$/ { print FILENAME ":" FNR ": the brace of a function stands on a line of its own" }
    /^[A-Za-z_].*\(/ { head = $0; sub(/\(.*/, "", head); sub(/.*[ *]/, "", head) }
    /^\{$/ { open = FNR }
    /^\}$/ && open { if (FNR - open + 1 > 80) print FILENAME ":" open ": " head " has " FNR - open + 1 " lines; at most 80"; open = 0 }
    FNR == 801 { print FILENAME ":801: the file has more than 800 lines" }' "${files[@]}"
}

# The words are spelt with brackets so that this line is not a finding itself.
check_promises()
{
    local files
    mapfile -t files < <(text_files)
    [ ${#files[@]} = 0 ] || grep -nwE 'TO[D]O|FIX[M]E|XX[X]|HA[C]K' /dev/null "${files[@]}" | sed 's/$/: keep the promise now, or leave it out/' || true
}

findings()
{
    check_layers
    check_contract
    check_npu
    check_sizes
    check_promises
}

lines() # number of lines, text of each
{
    awk -v n="$1" -v text="$2" 'BEGIN { for (i = 0; i < n; i++) print text }'
}

healthy_tree()
{
    rm -rf ./*
    mkdir -p contract compiler/graph compiler/plan compiler/target compiler/lower/neural-art tests
    printf '# comment\ncontract :\ncompiler/graph : contract\ncompiler/plan : contract\ncompiler/target : contract\ncompiler/lower : contract compiler/graph\ntests : *\n' >LAYERS
    printf '#include <stdint.h>\n' >contract/a.h
    printf '#include "contract/a.h"\n/* the NPU */\nint input; // npu\n' >compiler/graph/graph.h
    echo 'enum { LP_TARGET_NPU };' >compiler/target/target.h
    printf '#include "compiler/graph/graph.h"\nint lp_npu;\n' >compiler/lower/neural-art/unit.c
    printf '#include "compiler/graph/graph.h"\n#include "contract/a.h"\n' >tests/any_test.c
    { printf 'int f(void)\n{\n'; lines 78 '    ;'; printf '}\n'; } >compiler/plan/long.c
}

# The planted fault stands in the current folder; exactly one finding with this beginning must come.
expect_finding()
{
    local got
    got=$(findings)
    if [ "$(printf '%s\n' "$got" | grep -c .)" != 1 ] || [ "${got#"$1"}" = "$got" ]; then
        printf 'self-test: expected one finding that begins with\n  %s\ngot\n%s\n' "$1" "$got"
        exit 1
    fi
    planted=$((planted + 1))
    healthy_tree
}

self_test()
{
    planted=0
    healthy_tree
    local got
    got=$(findings)
    [ -z "$got" ] || { printf 'self-test: findings in a tree without faults:\n%s\n' "$got"; exit 1; }
    echo '#include "compiler/graph/graph.h"' >compiler/plan/plan.c
    expect_finding 'compiler/plan/plan.c:1: #include "compiler/graph/graph.h": LAYERS does not let compiler/plan include compiler/graph'
    printf '\n  #  include   "graph.h"\n' >compiler/graph/print.c
    expect_finding 'compiler/graph/print.c:2: #include "graph.h" is no file'
    echo '#include "compiler/graph/gone.h"' >compiler/graph/print.c
    expect_finding 'compiler/graph/print.c:1: #include "compiler/graph/gone.h" is no file'
    mkdir other && echo 'int x;' >other/x.c
    expect_finding 'other/x.c:1: its folder has no line in LAYERS'
    echo 'contract : compiler/plan' >>LAYERS
    expect_finding 'LAYERS:8: contract stands here twice'
    echo 'runtime : cli' >>LAYERS
    expect_finding 'LAYERS:8: runtime may include cli, which does not stand above it'
    { echo 'tests : *'; sed 's/^contract :/& tests/; /^tests/d' LAYERS; } >edited && mv edited LAYERS
    echo 'int t;' >tests/t.h && echo '#include "tests/t.h"' >contract/b.h
    expect_finding 'contract/b.h:1:#include "tests/t.h": contract includes nothing'
    echo 'enum { LP_RUNS_ON_NPU };' >compiler/graph/kind.h
    expect_finding 'compiler/graph/kind.h:1: only compiler/lower/neural-art'
    printf '/* a\n b */ const char *n = "neural-art"; /* c */\n' >compiler/graph/kind.h
    expect_finding 'compiler/graph/kind.h:2: only compiler/lower/neural-art'
    echo 'const char *s = "stm32n6";' >compiler/target/read.c
    expect_finding 'compiler/target/read.c:1: only compiler/lower/neural-art'
    { printf 'static int *longer(int a)\n{\n'; lines 79 '    ;'; printf '}\n'; } >compiler/plan/long.c
    expect_finding 'compiler/plan/long.c:2: longer has 81 lines; at most 80'
    echo 'int f(void) {' >compiler/plan/brace.c
    expect_finding 'compiler/plan/brace.c:1: the brace'
    lines 801 '' >compiler/plan/big.h
    expect_finding 'compiler/plan/big.h:801: the file has more'
    echo '/* TO''DO: later */' >compiler/plan/later.h
    expect_finding 'compiler/plan/later.h:1:/* TO'
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
(cd "$scratch" && self_test && echo "self-test: each of $planted planted faults is found")
cd "$root"
found=$(findings)
if [ -n "$found" ]; then
    printf '%s\n' "$found"
    echo "layers: $(printf '%s\n' "$found" | grep -c .) findings"
    exit 1
fi
echo "layers: $(c_files | wc -l) C files, nothing found"
