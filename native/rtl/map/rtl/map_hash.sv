// The four slots in which a key may be, one in each table: parities of the key under random matrices.
`default_nettype none

module map_hash #(
    parameter int SLOT_BITS = 10
) (
    input  wire  [              140:0] key,
    output logic [4*SLOT_BITS-1:0] slots
);
  logic [map_hash_pkg::KEY_BITS-1:0] padded;
  assign padded = {3'b000, key};

  for (genvar i = 0; i < SLOT_BITS; i++) begin : g_bit
    localparam int LSB = map_hash_pkg::KEY_BITS * i;
    assign slots[0*SLOT_BITS+i] = ^(padded & map_hash_pkg::TABLE_0[LSB+:map_hash_pkg::KEY_BITS]);
    assign slots[1*SLOT_BITS+i] = ^(padded & map_hash_pkg::TABLE_1[LSB+:map_hash_pkg::KEY_BITS]);
    assign slots[2*SLOT_BITS+i] = ^(padded & map_hash_pkg::TABLE_2[LSB+:map_hash_pkg::KEY_BITS]);
    assign slots[3*SLOT_BITS+i] = ^(padded & map_hash_pkg::TABLE_3[LSB+:map_hash_pkg::KEY_BITS]);
  end
endmodule

`default_nettype wire
