"""The consortium engine: CometBFT drives our state machine through ABCI 2.0, from the bytes on the socket upwards.

`server` answers CometBFT's requests with an `Application`, `config` lays out its home, `process` keeps the pair of
them alive, `rpc` asks a running node. `proto` is generated (see tools/generate_abci.py).
"""
