#!/usr/bin/env bash
# Instructions, flash and RAM of one inference on an emulated Cortex-M4.
exec /usr/bin/python3 bench/emulated.py cortex-m4 "$@"
