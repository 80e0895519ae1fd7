# Writes published.json: what timm's own configurations, and its table of results, say about the weights that are named as arguments.
# Run in this folder: python make_published.py results-imagenet.csv NAMES... (made with timm 1.0.31, and the table at commit
# aa4b5850c1543fa488abf260f18390eda46cf85d of huggingface/pytorch-image-models).
import csv
import json
import sys

from timm.models import get_pretrained_cfg

if __name__ == "__main__":
    table, *names = sys.argv[1:]
    results = {(row["model"], int(row["img_size"])): float(row["top1"]) for row in csv.DictReader(open(table))}
    rows = []
    for name in names:
        config = get_pretrained_cfg(name)
        size = config.input_size[1]
        facts = {"name": name, "repository": config.hf_hub_id, "licence": config.license, "size": size}
        facts |= {"crop": config.crop_pct, "interpolation": config.interpolation, "mean": config.mean, "std": config.std}
        rows.append(facts | ({"top1": results[name, size]} if (name, size) in results else {}))
        assert config.crop_mode == "center" and config.hf_hub_filename is None, name
    with open("published.json", "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]\n")
