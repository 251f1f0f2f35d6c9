// Tests the map engine in a second simulator: 64 keys in 4 tables of 16 slots, so that nearly every put displaces, against arrays.
`timescale 1ns / 1ns
module map_tb;
  reg clk = 0, rst = 1, in_valid = 0, out_ready = 1;
  reg [1:0] in_operation = 0;
  reg [5:0] key_number = 0;
  reg [127:0] in_value = 0;
  reg [63:0] in_expected = 0;
  reg [31:0] tag = 0;
  wire in_ready, out_valid, out_is_get, out_stash, out_displaced, left_valid, ready, moved, move_ended, damaged;
  wire [7:0] out_status, stashed;
  wire [63:0] out_version, left_version, lane_version;
  wire [132:0] out_value, left_value;
  wire [140:0] left_key;
  wire [31:0] out_tag, entries;
  wire [15:0] move_cycles;

  reg [127:0] values[0:63];
  reg [63:0] versions[0:63];
  reg [63:0] version = 0;
  // The requests, by their number.
  reg [1:0] asked[0:8191];
  reg [5:0] asked_key[0:8191];
  reg [127:0] asked_value[0:8191];
  reg [63:0] asked_expected[0:8191];
  reg [7:0] status;
  reg [5:0] key;
  integer i, sent, done = 0, failures = 0, fulls = 0, displacements = 0, seed = 11;

  always #2 clk = ~clk;

  map #(
      .SLOT_BITS(4),
      .STASH(4),
      .TAG_BITS(32)
  ) dut (
      .clk(clk), .rst(rst), .in_valid(in_valid), .in_ready(in_ready), .in_operation(in_operation), .in_lane(2'd1),
      .in_key_bytes(5'd1), .in_key({122'd0, key_number}), .in_value_bytes(5'd16), .in_value(in_value),
      .in_expected(in_expected), .in_tag(tag), .out_valid(out_valid), .out_ready(out_ready), .out_status(out_status),
      .out_is_get(out_is_get), .out_stash(out_stash), .out_displaced(out_displaced), .out_version(out_version),
      .out_value(out_value), .out_tag(out_tag), .left_valid(left_valid), .left_key(left_key), .left_value(left_value),
      .left_version(left_version), .lane_select(2'd1), .lane_version(lane_version), .lane_set(1'b0), .lane_load(64'd0),
      .ready(ready), .entries(entries), .stashed(stashed), .moved(moved), .move_ended(move_ended), .move_cycles(move_cycles),
      .damaged(damaged), .fault_flip(1'b0)
  );

  always @(negedge clk) out_ready <= ($random(seed) & 7) != 0;

  // Results arrive in order, so the arrays are updated as they arrive.
  always @(posedge clk) begin
    if (!rst && out_valid && out_ready) begin
      key = asked_key[done];
      case (asked[done])
        2'd0: status = versions[key] != 0 ? 8'd0 : 8'd4;
        2'd1: status = versions[key] != 0 ? 8'd2 : 8'd1;
        2'd2: begin
          if (versions[key] != 0) status = asked_expected[done] == versions[key] ? 8'd2 : 8'd3;
          else status = asked_expected[done] == 0 ? 8'd1 : 8'd4;
        end
        default: begin
          if (versions[key] == 0) status = 8'd4;
          else status = asked_expected[done] == 0 || asked_expected[done] == versions[key] ? 8'd0 : 8'd3;
        end
      endcase
      // A map with room for 68 may report full from 58 entries on.
      if (status == 8'd1 && out_status == 8'd5 && entries >= 58) begin
        status = 8'd5;
        fulls = fulls + 1;
      end
      if (status == 8'd1 || status == 8'd2) begin
        version = version + 1;
        versions[key] = version;
        values[key] = asked_value[done];
      end
      if (out_status !== status || out_tag !== done || (status < 8'd4 && out_version !== versions[key])
          || (asked[done] == 0 && status == 0 && out_value[127:0] !== values[key])) begin
        $display("FAILED: operation %0d (%0d of key %0d): status %0d, expected %0d, version %0d, value %h",
                 done, asked[done], key, out_status, status, out_version, out_value);
        failures = failures + 1;
      end
      if (asked[done] == 2'd3 && status == 0) versions[key] = 0;
      if (out_displaced) displacements = displacements + 1;
      done = done + 1;
    end
  end

  initial begin
    for (i = 0; i < 64; i = i + 1) versions[i] = 0;
    repeat (3) @(negedge clk);
    rst = 0;
    while (!ready) @(negedge clk);
    for (sent = 0; sent < 700; sent = sent + 1) begin
      in_operation = ($random(seed) & 3) == 0 ? 2'd1 : $random(seed);
      if (in_operation == 2'd3 && ($random(seed) & 3) != 0) in_operation = 2'd1;
      key_number = $random(seed);
      in_value = {$random(seed), $random(seed), $random(seed), $random(seed)};
      in_expected = ($random(seed) & 1) == 0 ? 64'd0 : versions[key_number];
      tag = sent;
      asked[sent] = in_operation;
      asked_key[sent] = key_number;
      asked_value[sent] = in_value;
      asked_expected[sent] = in_expected;
      in_valid = 1;
      #1;
      while (!in_ready) begin
        @(negedge clk);
        #1;
      end
      @(negedge clk);
      in_valid = 0;
    end
    while (done < 700) @(negedge clk);
    if (displacements == 0) begin
      $display("FAILED: nothing was displaced");
      failures = failures + 1;
    end
    if (failures == 0) $display("PASSED: map_tb, %0d displacements, %0d times full", displacements, fulls);
    $finish;
  end
endmodule
