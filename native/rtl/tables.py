"""Constants that a synthesiser should not have to compute: the matrices of the CRC and of the map's hashes."""
import hashlib

POLYNOMIAL = 0x82F63B78  # CRC-32C, bits of a byte from the lowest on


def forward(state):
    """Returns the state one zero bit later."""
    return (state >> 1) ^ (POLYNOMIAL if state & 1 else 0)


def backward(state):
    """Returns the state one zero bit earlier."""
    return (((state ^ POLYNOMIAL) << 1) | 1) if state >> 31 else state << 1


def rows(columns, count):
    """Returns the rows of a matrix. Row i has the bits of a vector that enter bit i of the product."""
    return [sum(((column >> i) & 1) << j for j, column in enumerate(columns)) for i in range(count)]


def steps(step, count):
    """Returns the rows of the matrix of `count` steps."""
    columns = []
    for bit in range(32):
        state = 1 << bit
        for _ in range(count):
            state = step(state)
        columns.append(state)
    return rows(columns, 32)


def data_rows(data_bits):
    """Returns the rows of the matrix from a beat to the state after it, starting at state 0."""
    columns, state = [], POLYNOMIAL
    for _ in range(data_bits):
        columns.append(state)
        state = forward(state)
    return rows(columns[::-1], 32)


def constant(name, values, bits):
    """Returns the rows as one vector, row 0 in the lowest bits."""
    digits = (bits + 3) // 4
    assert bits % 4 == 0
    numbers = [f"{bits}'h{value:0{digits}x}" for value in reversed(values)]
    across = max(1, 128 // bits)
    body = ",\n    ".join(", ".join(numbers[i:i + across]) for i in range(0, len(numbers), across))
    return f"  localparam logic [{bits * len(values) - 1}:0] {name} = {{\n    {body}}};"


def crc_package(note):
    lines = [f"// {note('native/rtl/tables.py')}", "`ifndef CRC32C_PKG", "`define CRC32C_PKG", "package crc32c_pkg;",
             "  // Bit i of a product is the parity of the vector and row i; row i is at bits i*width.",
             "  // From 512 bits of data to the state behind them, from state 0.", constant("BEAT", data_rows(512), 512),
             "  // From a state to the one 512 zero bits later.", constant("SKIP_BEAT", steps(forward, 512), 32)]
    for index in range(1, 8):
        lines += [f"  // {index} zero bytes taken back.", constant(f"BACK_{index}", steps(backward, 8 * index), 32)]
    for index in range(1, 8):
        lines += [f"  // {8 * index} zero bytes taken back.", constant(f"BACK_{8 * index}_WIDE", steps(backward, 64 * index), 32)]
    return "\n".join(lines + ["endpackage", "`endif", ""])


HASH_KEY_BITS = 144
HASH_TABLES = 4
HASH_BITS = 16


def hash_rows(table):
    stream = hashlib.shake_256(f"estream map table {table}".encode()).digest(HASH_BITS * HASH_KEY_BITS // 8)
    size = HASH_KEY_BITS // 8
    return [int.from_bytes(stream[i * size:(i + 1) * size], "little") for i in range(HASH_BITS)]


def hash_package(note):
    lines = [f"// {note('native/rtl/tables.py')}", "`ifndef MAP_HASH_PKG", "`define MAP_HASH_PKG", "package map_hash_pkg;",
             f"  localparam int KEY_BITS = {HASH_KEY_BITS};",
             "  // Random matrices, a table's each: bit i of the slot number is the parity of the key and row i."]
    lines += [constant(f"TABLE_{table}", hash_rows(table), HASH_KEY_BITS) for table in range(HASH_TABLES)]
    return "\n".join(lines + ["endpackage", "`endif", ""])


Q = 8380417


def zeta(index):
    """Returns the power of the root of unity of ML-DSA with the eight bits of the index reversed (FIPS 204, Appendix B)."""
    return pow(1753, int(f"{index:08b}"[::-1], 2), Q)


def zetas_module(note):
    lines = [f"// {note('native/rtl/tables.py')}",
             "// The roots of unity of a group of four coefficients: zeta[2i+1], zeta[2i], zeta[i] (FIPS 204, Appendix B).",
             "`default_nettype none", "", "module mldsa_zetas (", "    input  wire         clk,", "    input  wire  [ 6:0] index,",
             "    output logic [68:0] zetas", ");", "  logic [68:0] row;", "  always_comb begin", "    case (index)"]
    for index in range(1, 128):
        row = ", ".join(f"23'd{zeta(i)}" for i in (2 * index + 1, 2 * index, index))
        lines.append(f"      7'd{index}: row = {{{row}}};")
    return "\n".join(lines + ["      default: row = '0;", "    endcase", "  end", "  always_ff @(posedge clk) zetas <= row;", "endmodule", "",
                              "`default_nettype wire", ""])
