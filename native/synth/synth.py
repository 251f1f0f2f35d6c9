#!/usr/bin/env python3
"""Synthesises the blocks with yosys and writes their resource usage.

    python3 native/synth/synth.py            all blocks, both families: writes native/synth/resources.md; half an hour
    python3 native/synth/synth.py --quick    a small block on both families, writes nothing: checks that it synthesises
    python3 native/synth/synth.py --only append,map   measures these blocks again and leaves the other rows unchanged

There is no place and route, so no clock frequency, unless nextpnr-ecp5 is on PATH: then the frequency that its timing model
estimates after routing, for the largest ECP5 at the highest speed grade, is an additional column.
"""
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RTL = ROOT / "native" / "rtl"
TABLE = ROOT / "native" / "synth" / "resources.md"
LIMIT_SECONDS = 3600

# Block, its title, parameters.
BLOCKS = {
    "append": ("512-bit beats, 4 lanes", {}),
    "map": ("4 tables of 512 slots, stash of 8", {"SLOT_BITS": 9}),
    "hot_keys": ("16 entries", {}),
    "leaf_hash": ("a round in a cycle", {}),
    "mldsa_quad": ("four butterflies", {}),
    "mldsa": ("4 lanes", {}),
    "estream_card": ("all of them, map as above", {"MAP_TABLE_BITS": 9}),
}
FAMILIES = {"UltraScale+": "synth_xilinx -family xcup -noiopad -noclkbuf", "ECP5": "synth_ecp5"}
# Library cells by their kind.
KINDS = {
    "LUT": r"LUT[1-6]|INV",
    "carry": r"CARRY4|CARRY8|CCU2C",
    "flip-flop": r"FD[RSCP]E|TRELLIS_FF",
    "LUT memory": r"RAM\d+(X1[SD]|M\d*|M16)?|RAM32M\d*|RAM64.*|SRL.*|TRELLIS_DPR16X4",
    "wide multiplexer": r"MUXF[789]|PFUMX|L6MUX21",
    "block RAM": r"RAMB\d+E\d|DP16KD",
    "DSP": r"DSP48E\d|MULT18X18D",
}


def is_routed(synth):
    return synth == "synth_ecp5" and shutil.which("nextpnr-ecp5") is not None


def yosys(block, parameters, synth, folder):
    """Returns the cells of a block, by their names in the library."""
    files = " ".join(RTL.joinpath("filelist.f").read_text().split())
    sets = "".join(f"chparam -set {name} {value} {block}\n" for name, value in parameters.items())
    netlist = Path(folder) / f"{block}.json"
    # The steps after the mapping name and check cells; they take as long again and are only needed by a router.
    rest = f"-json {netlist}" if is_routed(synth) else "-run :check"
    script = f"read_verilog -sv {files}\n{sets}{synth} -top {block} {rest}\ntee -q -o {netlist}.stat stat\n"
    (Path(folder) / "synth.ys").write_text(script)
    subprocess.run(["yosys", "-q", "-w", "Replacing memory", str(Path(folder) / "synth.ys")], cwd=RTL, check=True, timeout=LIMIT_SECONDS, stdout=subprocess.DEVNULL)
    text = Path(f"{netlist}.stat").read_text()
    text = text[text.rindex("Number of cells:"):]
    return {name: int(count) for name, count in re.findall(r"^\s+(\S+)\s+(\d+)$", text, re.M)}, netlist


def frequency(netlist):
    """Returns the MHz that nextpnr estimates, if installed; it uses an open timing model, not measurements of silicon."""
    report = netlist.with_suffix(".report")
    subprocess.run(["nextpnr-ecp5", "--um5g-85k", "--speed", "8", "--seed", "1", "--freq", "250", "--out-of-context", "--timing-allow-fail",
                    "--json", str(netlist), "--report", str(report)], check=True, timeout=LIMIT_SECONDS)
    return max(clock["achieved"] for clock in json.loads(report.read_text())["fmax"].values())


def row(block, family):
    about, parameters = BLOCKS[block]
    with tempfile.TemporaryDirectory() as folder:
        cells, netlist = yosys(block, parameters, FAMILIES[family], folder)
        counts = {kind: sum(count for name, count in cells.items() if re.fullmatch(pattern, name)) for kind, pattern in KINDS.items()}
        unknown = [name for name in cells if not any(re.fullmatch(pattern, name) for pattern in KINDS.values())]
        assert not unknown, f"cells of no kind: {unknown}"
        routed = f"{frequency(netlist):.0f}" if is_routed(FAMILIES[family]) else "not routed"
    return [f"`{block}`", about, family] + [str(counts[kind]) for kind in KINDS] + [routed]


def rows_there_are():
    if not TABLE.exists():
        return {}
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in TABLE.read_text().splitlines() if line.startswith("| `")]
    return {(line[0].strip("`"), line[2]): line for line in cells}


def write(rows):
    version = subprocess.run(["yosys", "-V"], capture_output=True, text=True, check=True).stdout.split(" (")[0]
    head = ["block", "", "family"] + list(KINDS) + ["MHz"]
    lines = ["# Device resources of the blocks", "", f"Written by `native/synth/synth.py` with {version}.", "",
             "Counts of cells after synthesis. Rows that say `not routed` were not placed and routed and have no clock frequency. For UltraScale+ this yosys emits CARRY4,",
             "which those devices lack: the counts are close, not exact. Block RAM is in pieces of 18 kbit (RAMB18E2, DP16KD) or 36 kbit (RAMB36E2).", "",
             "| " + " | ".join(head) + " |", "|---|---|---|" + "---:|" * (len(KINDS) + 1)]
    ordered = [rows[block, family] for block in BLOCKS for family in FAMILIES if (block, family) in rows]
    TABLE.write_text("\n".join(lines + ["| " + " | ".join(line) + " |" for line in ordered]) + "\n")


def main():
    if "--quick" in sys.argv:
        BLOCKS["map_table"] = ("512 entries of 36 bits", {"BITS": 36, "SLOT_BITS": 9})
        BLOCKS["card_reads"] = ("8 reads under way", {})
        for family in FAMILIES:
            for block in ("map_table", "card_reads"):
                print(" ".join(row(block, family)))
        return
    only = sys.argv[sys.argv.index("--only") + 1].split(",") if "--only" in sys.argv else list(BLOCKS)
    rows = rows_there_are()
    for block in only:
        for family in FAMILIES:
            rows[block, family] = row(block, family)
            print(" ".join(rows[block, family]), flush=True)
            write(rows)


if __name__ == "__main__":
    main()
