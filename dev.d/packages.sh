# shellcheck shell=bash
# What each command of ./dev needs from Debian or Ubuntu, and why. Sourced by ../dev.

# command-set | package | why. A command-set names the commands that need it; `all` is every command that builds.
packages_table='
all  | cmake                     | configures the build
all  | ninja-build               | runs the build
all  | gcc                       | compiles the program, and the emitted C for this PC
all  | libc6-dev                 | headers of the C library
all  | libjansson-dev            | reads and writes JSON
all  | libinih-dev               | reads INI files: targets and settings
all  | nettle-dev                | SHA-256 of models and generated files
all  | zlib1g-dev                | CRC-32 of the files that generate writes
all  | libmodbus-dev             | talks Modbus on the PC
all  | libstb-dev                | reads PNG and JPEG images as model inputs
arm  | gcc-arm-none-eabi         | compiles the emitted C for Cortex-M
arm  | libnewlib-arm-none-eabi   | C library of the Cortex-M programs
arm  | qemu-system-arm           | runs the Cortex-M programs
bench | python3                  | sums up what the measurements count
bench | time                     | the most memory that a command took
test | clang                     | second compiler: its warnings are errors too
test | libcmocka-dev             | framework of the unit tests
test | chromium                  | draws the pages that diagnose and analyze write, in the light and in the dark
test | poppler-utils             | pdftotext: what of a page reaches paper
test | tmux                      | the terminal in which the live table is looked at
test | python3-pymodbus          | a Modbus server that is neither ours nor libmodbus
test | python3-serial-asyncio     | the serial line of that server, which its package only recommends
test | flatbuffers-compiler      | flatc: reads the .tflite files that limpid writes
test | python3-numpy             | repeats the training of the sample model; oracle for .npy files
test | python3-flatbuffers       | writes .tflite files independently of this project
fuzz | clang                     | has libFuzzer
fuzz | libcmocka-dev             | the test library links it
format | clang-format-14         | formats the C sources
'

packages_for() # command-set...: "package|why" lines
{
    local set
    for set in "$@"; do
        printf '%s' "$packages_table" | sed -n "s/^$set *| *\([^ ]*\) *| */\1|/p"
    done
}

is_installed()
{
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Installs what is missing of the packages that the command-sets name.
need_packages()
{
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "This is neither Debian nor Ubuntu: nothing is installed. Needed are the equivalents of:"
        packages_for "$@" | sort -u | sed 's/^\([^|]*\)|/  \1: /'
        return
    fi
    local missing=() package why
    while IFS='|' read -r package why; do
        is_installed "$package" && continue
        [ ${#missing[@]} = 0 ] && say "Packages to install:"
        printf '  %-24s %s\n' "$package" "$why"
        missing+=("$package")
    done < <(packages_for "$@" | sort -u -t'|' -k1,1)
    [ ${#missing[@]} = 0 ] && return
    local elevate=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || fail "installing needs root, and there is no sudo. As root:  apt-get update && apt-get install --no-install-recommends ${missing[*]}"
        elevate=(sudo)
    fi
    mkdir -p build
    echo "Installing them with apt-get takes a minute or more; its output goes to build/packages.log."
    "${elevate[@]}" env DEBIAN_FRONTEND=noninteractive sh -c 'apt-get update -q && apt-get install -y -q --no-install-recommends "$@"' \
        apt-get "${missing[@]}" </dev/null >build/packages.log 2>&1 ||
        { tail -n 20 build/packages.log; fail "apt-get failed: see build/packages.log"; }
}
