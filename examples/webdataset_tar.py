"""Stream a WebDataset tar through the gate: the ISRC stands in each sample's json sidecar.

python examples/webdataset_tar.py SNAPSHOT LOG_KEY LICENSEE SOUNDS.tar
"""

import sys

import webdataset

from cantoria import Gate


def main(snapshot: str, log_key: str, licensee: str, tar: str) -> None:
    gate = Gate(snapshot, key=log_key, use="train_generative", licensee=licensee, training_place="US", markets="KR ES")
    samples = webdataset.WebDataset(tar, shardshuffle=False).compose(gate.wds).decode()
    for sample in samples:
        print(sample["__key__"], sample["json"]["isrc"])
    print(gate.report())


if __name__ == "__main__":
    main(*sys.argv[1:])
