// The hot-key memory in front of a map, as in the card, for the bench that tests both together.
`default_nettype none

module hot_map #(
    parameter int SLOT_BITS = 6
) (
    input  wire         clk,
    input  wire         rst,
    input  wire         in_valid,
    output logic        in_ready,
    input  wire [  1:0] in_operation,
    input  wire [  1:0] in_lane,
    input  wire [  4:0] in_key_bytes,
    input  wire [127:0] in_key,
    input  wire [  4:0] in_value_bytes,
    input  wire [127:0] in_value,
    input  wire [ 63:0] in_expected,
    input  wire [ 63:0] in_tag,
    output logic        out_valid,
    input  wire         out_ready,
    output logic [ 7:0] out_status,
    output logic [63:0] out_version,
    output logic [132:0] out_value,
    output logic [63:0] out_tag,
    output logic        hit_valid,
    input  wire         hit_ready,
    output logic [132:0] hit_value,
    output logic [63:0] hit_version,
    output logic [63:0] hit_tag,
    output logic        missed,
    output logic        ready
);
  logic pass_valid, pass_ready, left_valid;
  logic [140:0] left_key;
  logic [132:0] left_value;
  logic [63:0] left_version;
  /* verilator lint_off PINCONNECTEMPTY */
  hot_keys #(
      .TAG_BITS(64)
  ) u_hot_keys (
      .clk(clk), .rst(rst), .in_valid(in_valid && ready), .in_ready(in_ready), .in_is_get(in_operation == 2'd0),
      .in_key({6'd0, in_lane, in_key_bytes, in_key}), .in_tag(in_tag), .map_valid(pass_valid), .map_ready(pass_ready),
      .hit_valid(hit_valid), .hit_ready(hit_ready), .hit_value(hit_value), .hit_version(hit_version), .hit_tag(hit_tag),
      .left_valid(left_valid), .left_key(left_key), .left_value(left_value), .left_version(left_version), .missed(missed)
  );
  map #(
      .SLOT_BITS(SLOT_BITS),
      .TAG_BITS(64)
  ) u_map (
      .clk(clk), .rst(rst), .in_valid(pass_valid), .in_ready(pass_ready), .in_operation(in_operation), .in_lane(in_lane),
      .in_key_bytes(in_key_bytes), .in_key(in_key), .in_value_bytes(in_value_bytes), .in_value(in_value),
      .in_expected(in_expected), .in_tag(in_tag), .out_valid(out_valid), .out_ready(out_ready), .out_status(out_status),
      .out_is_get(), .out_stash(), .out_displaced(), .out_version(out_version), .out_value(out_value), .out_tag(out_tag),
      .left_valid(left_valid), .left_key(left_key), .left_value(left_value), .left_version(left_version),
      .lane_select(2'd0), .lane_version(), .lane_set(1'b0), .lane_load(64'd0), .ready(ready), .entries(), .stashed(),
      .moved(), .move_ended(), .move_cycles(), .damaged(), .fault_flip(1'b0)
  );
  /* verilator lint_on PINCONNECTEMPTY */
endmodule

`default_nettype wire
