// Sends messages to the append engine in the order of their submissions, whether their bytes came with the submission or
// come from host memory.
`default_nettype none

module card_append #(
    parameter int LANES     = 4,
    parameter int LANE_BITS = 2,
    parameter int TAG_BITS  = 96
) (
    input  wire                  clk,
    input  wire                  rst,
    input  wire                  in_valid,
    output logic                 in_ready,
    input  wire                  in_is_read,
    input  wire  [          5:0] in_bytes,
    input  wire  [        255:0] in_inline,
    input  wire  [LANE_BITS-1:0] in_lane,
    input  wire  [         31:0] in_seed,
    input  wire  [ TAG_BITS-1:0] in_tag,
    input  wire                  beat_valid,
    output logic                 beat_ready,
    input  wire  [        511:0] beat_data,
    input  wire  [          6:0] beat_bytes,
    input  wire                  beat_last,
    input  wire                  beat_error,
    input  wire  [         63:0] now,
    output logic                 out_valid,
    input  wire                  out_ready,
    output logic                 out_error,
    output logic [         63:0] out_sequence,
    output logic [         63:0] out_time,
    output logic [         31:0] out_crc,
    output logic [ TAG_BITS-1:0] out_tag,
    output logic [          6:0] taken_bytes,
    input  wire  [LANE_BITS-1:0] lane_select,
    output logic [         63:0] lane_sequence,
    input  wire                  lane_set,
    input  wire  [         63:0] lane_load
);
  localparam int BITS = 1 + 6 + 256 + LANE_BITS + 32 + TAG_BITS;

  logic waiting, is_read, done, engine_ready, engine_valid, last;
  logic [5:0] bytes;
  logic [6:0] engine_bytes;
  logic [255:0] inline_bytes;
  logic [LANE_BITS-1:0] lane;
  logic [31:0] seed;
  logic [TAG_BITS-1:0] tag;
  fifo #(
      .BITS(BITS),
      .DEPTH_BITS(3)
  ) u_waiting (
      .clk(clk),
      .rst(rst),
      .in_valid(in_valid),
      .in_ready(in_ready),
      .in_data({in_is_read, in_bytes, in_inline, in_lane, in_seed, in_tag}),
      .out_valid(waiting),
      .out_ready(done),
      .out_data({is_read, bytes, inline_bytes, lane, seed, tag})
  );

  assign engine_valid = waiting && (!is_read || beat_valid);
  assign engine_bytes = is_read ? beat_bytes : {1'b0, bytes};
  assign last = !is_read || beat_last;
  assign beat_ready = waiting && is_read && engine_ready;
  assign done = engine_valid && engine_ready && last;
  assign taken_bytes = engine_valid && engine_ready ? engine_bytes : 7'd0;

  append #(
      .LANES(LANES),
      .LANE_BITS(LANE_BITS),
      .TAG_BITS(TAG_BITS)
  ) u_append (
      .clk(clk),
      .rst(rst),
      .in_valid(engine_valid),
      .in_ready(engine_ready),
      .in_data(is_read ? beat_data : {256'd0, inline_bytes}),
      .in_bytes(engine_bytes),
      .in_last(last),
      .in_error(is_read && beat_error),
      .in_lane(lane),
      .in_seed(seed),
      .in_tag(tag),
      .now(now),
      .out_valid(out_valid),
      .out_ready(out_ready),
      .out_error(out_error),
      .out_sequence(out_sequence),
      .out_time(out_time),
      .out_crc(out_crc),
      .out_tag(out_tag),
      .lane_select(lane_select),
      .lane_sequence(lane_sequence),
      .lane_set(lane_set),
      .lane_load(lane_load)
  );
endmodule

`default_nettype wire
