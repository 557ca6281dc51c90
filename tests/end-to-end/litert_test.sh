#!/usr/bin/env bash
# Random operators, alone and in chains, by limpid and by LiteRT's build for the web, which shares nothing with it. What LiteRT
# reads was written by `limpid optimize --keep-dead`, so that the files of all these operators are read by somebody else, too.
# shellcheck source=tests/end-to-end/lib.sh
. "$(dirname "$0")/lib.sh"
litert=${LITERT:-$(readlink -m "${BUILD_DIR:-$root/build}")/litert}
make_random=$(dirname "$make_model")/make_random
models=1120

write_all()
{
    local model
    mkdir models
    check "making models" "$make_random" "$models" models
    for model in models/*.tflite; do
        fine "$limpid" optimize --keep-dead "$model" -o "$model"
    done
}

both_agree()
{
    check "LiteRT" node "$root/tests/support/litert_random.mjs" "$litert" "$limpid" models >said
    cat said
    # A kind is an operator with a type of elements. What chance gives is counted once and must stay about that.
    local refused values kinds
    read -r refused values kinds <<<"$(sed -n 's/.* models, \([0-9]*\) .*; \([0-9]*\) values of \([0-9]*\) kinds .*/\1 \2 \3/p' said)"
    [ "$refused" -le 200 ] || fail "LiteRT did not run $refused models"
    [ "$values" -ge 200000 ] || fail "only $values values were compared"
    [ "$kinds" -ge 90 ] || fail "only $kinds kinds of operators were compared"
}

if command -v node >/dev/null && [ -d "$litert/node_modules/@litertjs/core" ]; then
    write_all
    both_agree
else
    skip "LiteRT: npm install --prefix $litert @litertjs/core"
fi
finish
