// The stash of the map: a few entries that found no slot in the tables, with their possible slots. All entries are compared
// in one cycle. For the entry format see map.sv.
`default_nettype none

module map_stash #(
    parameter int STASH     = 8,
    parameter int SLOT_BITS = 10,
    parameter int BITS      = 340
) (
    input  wire                    clk,
    input  wire                    rst,
    // the entry of a key
    input  wire  [          140:0] key,
    output logic                   found,
    output logic [      337:141] found_contents,  // value and version
    // an entry that can go into a slot that becomes free
    input  wire  [            1:0] free_table,
    input  wire  [  SLOT_BITS-1:0] free_slot,
    output logic                   fits,
    output logic [       BITS-1:0] fit_entry,
    // at most one of these in a cycle
    input  wire                    add,
    input  wire  [       BITS-1:0] add_entry,
    input  wire  [4*SLOT_BITS-1:0] add_slots,
    input  wire                    change,  // the entry of the key gets new contents, or is removed if those are not valid
    input  wire  [       BITS-1:0] change_entry,
    input  wire                    take,    // removes the entry that fits
    output logic                   has_room,
    output logic [            7:0] count
);
  logic [STASH-1:0] used, match, fit, first_fit, first_free;
  logic [BITS-1:0] entries[STASH];
  logic [4*SLOT_BITS-1:0] slots[STASH];

  for (genvar i = 0; i < STASH; i++) begin : g_match
    assign match[i] = used[i] && entries[i][140:0] == key;
    assign fit[i]   = used[i] && slots[i][free_table*SLOT_BITS+:SLOT_BITS] == free_slot;
  end
  assign first_fit  = fit & (~fit + 1'b1);
  assign first_free = ~used & (used + 1'b1);
  assign found      = |match;
  assign fits       = |fit;
  assign has_room   = ~&used;

  always_comb begin
    found_contents = '0;
    fit_entry = '0;
    count = '0;
    for (int i = 0; i < STASH; i++) begin
      found_contents = found_contents | ({197{match[i]}} & entries[i][337:141]);
      fit_entry = fit_entry | ({BITS{first_fit[i]}} & entries[i]);
      count = count + {7'd0, used[i]};
    end
  end

  for (genvar i = 0; i < STASH; i++) begin : g_entry
    always_ff @(posedge clk) begin
      if (rst) used[i] <= 1'b0;
      else if (add && first_free[i]) used[i] <= 1'b1;
      else if (change && match[i]) used[i] <= change_entry[BITS-2];
      else if (take && first_fit[i]) used[i] <= 1'b0;
      if (add && first_free[i]) {entries[i], slots[i]} <= {add_entry, add_slots};
      else if (change && match[i]) entries[i] <= change_entry;
    end
  end
endmodule

`default_nettype wire
