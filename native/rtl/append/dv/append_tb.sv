// Tests the append engine in a second simulator: random messages against a bitwise CRC-32C, with gaps and back-pressure.
`timescale 1ns / 1ns
module append_tb;
  reg clk = 0, rst = 1, in_valid = 0, in_last = 0, in_error = 0, out_ready = 1;
  reg [511:0] in_data = 0;
  reg [6:0] in_bytes = 0;
  reg [1:0] in_lane = 0;
  reg [31:0] in_seed = 0;
  reg [63:0] now = 0;
  reg [31:0] tag = 0;
  wire in_ready, out_valid, out_error;
  wire [63:0] out_sequence, out_time, lane_sequence;
  wire [31:0] out_crc, out_tag;

  reg [31:0] expected_crc[0:4095];
  reg [63:0] expected_sequence[0:4095];
  reg expected_error[0:4095];
  reg [63:0] sequence_of[0:3];
  reg [31:0] state;
  integer messages, left, first, i, bit_index, done = 0, failures = 0, seed = 7;

  always #2 clk = ~clk;
  always @(posedge clk) now <= now + 4;

  append #(
      .TAG_BITS(32)
  ) dut (
      .clk(clk), .rst(rst), .in_valid(in_valid), .in_ready(in_ready), .in_data(in_data), .in_bytes(in_bytes),
      .in_last(in_last), .in_error(in_error), .in_lane(in_lane), .in_seed(in_seed), .in_tag(tag), .now(now),
      .out_valid(out_valid), .out_ready(out_ready), .out_error(out_error), .out_sequence(out_sequence), .out_time(out_time),
      .out_crc(out_crc), .out_tag(out_tag), .lane_select(2'd0), .lane_sequence(lane_sequence), .lane_set(1'b0), .lane_load(64'd0)
  );

  always @(negedge clk) out_ready <= ($random(seed) & 3) != 0;

  always @(posedge clk) begin
    if (!rst && out_valid && out_ready) begin
      if (out_tag !== done || out_error !== expected_error[done]
          || (!out_error && (out_crc !== expected_crc[done] || out_sequence !== expected_sequence[done]))) begin
        $display("FAILED: message %0d: tag %0d, error %b, sequence %0d, CRC %h", done, out_tag, out_error, out_sequence, out_crc);
        failures = failures + 1;
      end
      done = done + 1;
    end
  end

  task send_beat;
    begin
      for (i = 0; i < 16; i = i + 1) in_data[32*i+:32] = $random(seed);
      in_bytes = left > 64 ? 64 : left;
      in_last  = left <= 64;
      in_error = in_last && (($random(seed) & 15) == 0);
      for (i = 0; i < in_bytes; i = i + 1) begin
        state = state ^ {24'd0, in_data[8*i+:8]};
        for (bit_index = 0; bit_index < 8; bit_index = bit_index + 1)
          state = (state >> 1) ^ (state[0] ? 32'h82f63b78 : 32'd0);
      end
      in_valid = 1;
      #1;
      while (!in_ready) begin
        @(negedge clk);
        #1;
      end
      left = left - in_bytes;
    end
  endtask

  initial begin
    for (i = 0; i < 4; i = i + 1) sequence_of[i] = 0;
    repeat (3) @(negedge clk);
    rst = 0;
    for (messages = 0; messages < 600; messages = messages + 1) begin
      left = $unsigned($random(seed)) % (($random(seed) & 3) == 0 ? 300 : 65);
      in_lane = $random(seed);
      in_seed = $random(seed);
      tag = messages;
      state = ~in_seed;
      first = 1;
      while (first || left > 0) begin
        first = 0;
        send_beat;
        if (in_last) begin
          expected_crc[messages] = ~state;
          expected_error[messages] = in_error;
          expected_sequence[messages] = sequence_of[in_lane];
          if (!in_error) sequence_of[in_lane] = sequence_of[in_lane] + 1;
        end
        @(negedge clk);
        in_valid = 0;
        if (($random(seed) & 7) == 0) @(negedge clk);
      end
    end
    while (done < 600) @(negedge clk);
    if (failures == 0) $display("PASSED: append_tb");
    $finish;
  end
endmodule
