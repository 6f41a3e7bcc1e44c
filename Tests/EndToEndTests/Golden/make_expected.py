#!/usr/bin/env python3
"""Writes flights.expected.jsonl: what pipelines/flights.yaml must write, computed without Procession and jq.

Run it from anywhere: python3 make_expected.py [--check]
"""

import csv
import json
import sys
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[2] / "pipelines" / "data"
EXPECTED = HERE / "flights.expected.jsonl"


def speed_mph(distance, air_time):
  """One decimal as JSON text; the product is a double, and halves of it round away from zero."""
  if air_time == "NA":
    return "null"
  product = float(distance) / float(air_time) * 60 * 10
  tenths = int(Decimal(product).quantize(Decimal(1), ROUND_HALF_UP))
  whole, tenth = divmod(tenths, 10)
  return f"{whole}.{tenth}" if tenth else str(whole)


def line(row, airlines):
  fields = [
    ("date", json.dumps(f"{int(row['year']):04}-{int(row['month']):02}-{int(row['day']):02}")),
    ("carrier", json.dumps(row["carrier"])),
    ("airline", json.dumps(airlines[row["carrier"]])),
    ("flight", str(int(row["flight"]))),
    ("origin", json.dumps(row["origin"])),
    ("dest", json.dumps(row["dest"])),
    ("dep_delay", str(int(row["dep_delay"]))),
    ("late", "true" if int(row["dep_delay"]) > 15 else "false"),
    ("speed_mph", speed_mph(row["distance"], row["air_time"])),
  ]
  return "{" + ",".join(f'"{name}":{value}' for name, value in fields) + "}\n"


def rows(name):
  with open(DATA / name, encoding="utf-8", newline="") as file:
    yield from csv.DictReader(file)


def main():
  airlines = {row["carrier"]: row["name"] for row in rows("airlines.csv")}
  text = "".join(line(row, airlines) for row in rows("flights.csv") if row["dep_delay"] != "NA")
  if sys.argv[1:] == ["--check"]:
    if EXPECTED.read_text(encoding="utf-8") != text:
      sys.exit(f"{EXPECTED} is not what this script computes")
  else:
    EXPECTED.write_text(text, encoding="utf-8", newline="")


main()
