// One table of the map: a memory with one read port and one write port. A read of the slot that is written in the
// same cycle returns the old content.
`default_nettype none

module map_table #(
    parameter int BITS      = 340,
    parameter int SLOT_BITS = 10
) (
    input  wire                  clk,
    input  wire                  read,
    input  wire  [SLOT_BITS-1:0] read_slot,
    output logic [     BITS-1:0] read_entry,
    input  wire                  write,
    input  wire  [SLOT_BITS-1:0] write_slot,
    input  wire  [     BITS-1:0] write_entry
);
  logic [BITS-1:0] entries[1 << SLOT_BITS];

  always_ff @(posedge clk) begin
    if (read) read_entry <= entries[read_slot];
    if (write) entries[write_slot] <= write_entry;
  end
endmodule

`default_nettype wire
