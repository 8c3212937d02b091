"""Filter a folder of Parquet files, sign what passed, and describe it for others (Croissant, dataset card).

python examples/parquet_folder.py SNAPSHOT LOG_KEY LICENSEE RAW KEPT KEY.json
"""

import json
import sys
from pathlib import Path

from cantoria import Gate
from cantoria.sdk import croissant
from cantoria.sdk.dataset_card import Card
from cantoria.sdk.receipts import Seal, verify_receipt


def main(snapshot: str, log_key: str, licensee: str, raw: str, kept: str, key: str) -> None:
    gate = Gate(snapshot, key=log_key, use="train_generative", licensee=licensee, training_place="US", markets="KR ES")
    print(gate.parquet(raw, kept, seal=Seal.of_file(key)))

    receipt = json.loads((Path(kept) / "cantoria-receipt.json").read_text())
    croissant.write(kept, receipt=receipt, card=Card(name="October set", license="https://example.org/terms"))
    for line in verify_receipt(receipt, log_key=log_key).explain():
        print(line)


if __name__ == "__main__":
    main(*sys.argv[1:])
