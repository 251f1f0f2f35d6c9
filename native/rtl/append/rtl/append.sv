// Append: gives each message the next sequence number of its lane, the arrival time of its last beat, and the
// CRC-32C of its payload. Takes a beat of 64 bytes in each cycle; the result follows 4 cycles later.
//
// The loop from one beat of a message to the next is one matrix and one XOR: every beat counts as 64 bytes, the last one
// padded with zeros. The effect of the zeros on the state is undone after the loop, in two steps.
`default_nettype none

module append #(
    parameter int LANES     = 4,
    parameter int LANE_BITS = 2,
    parameter int TAG_BITS  = 96
) (
    input  wire                  clk,
    input  wire                  rst,
    // beats of messages
    input  wire                  in_valid,
    output logic                 in_ready,
    input  wire  [        511:0] in_data,
    input  wire  [          6:0] in_bytes,  // 64 but in a last beat
    input  wire                  in_last,
    input  wire                  in_error,  // the message must not be appended; read in the last beat
    input  wire  [LANE_BITS-1:0] in_lane,   // the rest is read in the last beat, the seed in the first
    input  wire  [         31:0] in_seed,
    input  wire  [ TAG_BITS-1:0] in_tag,
    input  wire  [         63:0] now,
    // one result for each message
    output logic                 out_valid,
    input  wire                  out_ready,
    output logic                 out_error,
    output logic [         63:0] out_sequence,
    output logic [         63:0] out_time,
    output logic [         31:0] out_crc,
    output logic [ TAG_BITS-1:0] out_tag,
    // the next sequence number of a lane, read and set; not while messages of that lane are under way
    input  wire  [LANE_BITS-1:0] lane_select,
    output logic [         63:0] lane_sequence,
    input  wire                  lane_set,
    input  wire  [         63:0] lane_load
);
  function automatic logic [31:0] multiply(input logic [1023:0] matrix, input logic [31:0] vector);
    logic [31:0] product;
    for (int i = 0; i < 32; i++) product[i] = ^(matrix[32*i+:32] & vector);
    multiply = product;
  endfunction

  function automatic logic [31:0] beat_state(input logic [511:0] data);
    logic [31:0] product;
    for (int i = 0; i < 32; i++) product[i] = ^(crc32c_pkg::BEAT[512*i+:512] & data);
    beat_state = product;
  endfunction

  // A pipeline stage moves when the result in front of it does: without back-pressure always.
  logic go;
  assign go = !out_valid || out_ready;
  assign in_ready = go;

  logic [ 63:0] kept;
  logic [511:0] masked;
  assign kept = ~({64{1'b1}} << in_bytes);
  for (genvar i = 0; i < 64; i++) begin : g_mask
    assign masked[8*i+:8] = in_data[8*i+:8] & {8{kept[i]}};
  end

  // Stage 1: the beat by itself
  logic valid1, last1, first1, empty1, error1;
  logic [31:0] beat1, seed1;
  logic [5:0] zeros1;
  logic [LANE_BITS-1:0] lane1;
  logic [TAG_BITS-1:0] tag1;
  logic [63:0] time1;
  // Stage 2: the message so far
  logic valid2, error2;
  logic [31:0] state2;
  logic [5:0] zeros2;
  logic [63:0] sequence2, time2;
  logic [TAG_BITS-1:0] tag2;
  // Stage 3: up to 7 zeros undone
  logic valid3, error3;
  logic [31:0] state3;
  logic [2:0] eights3;
  logic [63:0] sequence3, time3;
  logic [TAG_BITS-1:0] tag3;

  logic first;
  logic [31:0] running;  // state after the last beat of a message that continues
  logic [63:0] next_sequence[LANES];

  // Only a message without bytes has a beat without bytes: nothing follows its seed.
  logic [31:0] state1;
  assign state1 = empty1 ? ~seed1 : multiply(crc32c_pkg::SKIP_BEAT, first1 ? ~seed1 : running) ^ beat1;
  assign lane_sequence = next_sequence[lane_select];

  logic [31:0] back_few, back_many;
  always_comb begin
    case (zeros2[2:0])
      3'd0: back_few = state2;
      3'd1: back_few = multiply(crc32c_pkg::BACK_1, state2);
      3'd2: back_few = multiply(crc32c_pkg::BACK_2, state2);
      3'd3: back_few = multiply(crc32c_pkg::BACK_3, state2);
      3'd4: back_few = multiply(crc32c_pkg::BACK_4, state2);
      3'd5: back_few = multiply(crc32c_pkg::BACK_5, state2);
      3'd6: back_few = multiply(crc32c_pkg::BACK_6, state2);
      default: back_few = multiply(crc32c_pkg::BACK_7, state2);
    endcase
    case (eights3)
      3'd0: back_many = state3;
      3'd1: back_many = multiply(crc32c_pkg::BACK_8_WIDE, state3);
      3'd2: back_many = multiply(crc32c_pkg::BACK_16_WIDE, state3);
      3'd3: back_many = multiply(crc32c_pkg::BACK_24_WIDE, state3);
      3'd4: back_many = multiply(crc32c_pkg::BACK_32_WIDE, state3);
      3'd5: back_many = multiply(crc32c_pkg::BACK_40_WIDE, state3);
      3'd6: back_many = multiply(crc32c_pkg::BACK_48_WIDE, state3);
      default: back_many = multiply(crc32c_pkg::BACK_56_WIDE, state3);
    endcase
  end

  logic takes_number;
  assign takes_number = go && valid1 && last1 && !error1;

  always_ff @(posedge clk) begin
    if (rst) begin
      {valid1, valid2, valid3, out_valid} <= '0;
      first <= 1'b1;
    end else if (go) begin
      valid1 <= in_valid;
      valid2 <= valid1 && last1;
      valid3 <= valid2;
      out_valid <= valid3;
      if (in_valid) first <= in_last;
    end
  end

  always_ff @(posedge clk) begin
    if (go) begin
      beat1 <= beat_state(masked);
      zeros1 <= 6'(7'd64 - in_bytes);
      empty1 <= in_bytes == '0;
      {last1, error1, lane1, seed1, tag1, time1, first1} <= {in_last, in_error, in_lane, in_seed, in_tag, now, first};

      if (valid1) running <= state1;
      state2 <= state1;
      sequence2 <= next_sequence[lane1];
      {error2, zeros2, tag2, time2} <= {error1, zeros1, tag1, time1};

      state3 <= back_few;
      {error3, eights3, tag3, time3, sequence3} <= {error2, zeros2[5:3], tag2, time2, sequence2};

      out_crc <= ~back_many;
      {out_error, out_tag, out_time, out_sequence} <= {error3, tag3, time3, sequence3};
    end
  end

  always_ff @(posedge clk) begin
    for (int i = 0; i < LANES; i++) begin
      if (rst) next_sequence[i] <= '0;
      else if (lane_set && lane_select == LANE_BITS'(i)) next_sequence[i] <= lane_load;
      else if (takes_number && lane1 == LANE_BITS'(i)) next_sequence[i] <= next_sequence[i] + 64'd1;
    end
  end
endmodule

`default_nettype wire
