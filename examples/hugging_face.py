"""Filter a Hugging Face dataset: only rows that every holder said yes to.

python examples/hugging_face.py SNAPSHOT LOG_KEY LICENSEE ROWS.parquet
"""

import sys

import datasets

from cantoria import Gate


def main(snapshot: str, log_key: str, licensee: str, rows: str) -> None:
    gate = Gate(snapshot, key=log_key, use="train_generative", licensee=licensee, training_place="US", markets="KR ES")
    dataset = datasets.load_dataset("parquet", data_files=rows, split="train")

    cleared = dataset.filter(gate, batched=True, num_proc=2)
    print(f"{len(cleared)} of {len(dataset)} rows are cleared, as of {gate.basis.snapshot}")
    print(gate.review(dataset))  # the workers counted for themselves: count here


if __name__ == "__main__":
    main(*sys.argv[1:])
