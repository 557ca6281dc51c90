#!/usr/bin/env bash
# Instructions, flash and RAM of one inference on an emulated Cortex-M55, beside the peer's figures.
exec /usr/bin/python3 bench/emulated.py cortex-m55 "$@"
