// Tests the leaf unit in a second simulator: hashes of another implementation (Python's hashlib), lengths around words and blocks.
`timescale 1ns / 1ns
module leaf_hash_tb;
  reg clk = 0, rst = 1, in_valid = 0, beat_valid = 0, out_ready = 0;
  reg [2:0] in_words = 0;
  reg [255:0] in_inline = 0;
  reg [16:0] in_bytes = 0;
  reg [511:0] beat_data = 0;
  reg beat_last = 0;
  wire in_ready, beat_ready, out_valid, out_error, permuted;
  wire [255:0] out_hash;
  wire [16:0] out_bytes;
  wire [7:0] out_tag;
  integer failures = 0, at, i;

  always #2 clk = ~clk;

  leaf_hash #(
      .TAG_BITS(8)
  ) dut (
      .clk(clk), .rst(rst), .in_valid(in_valid), .in_ready(in_ready), .in_words(in_words), .in_inline(in_inline),
      .in_bytes(in_bytes), .in_tag(8'h5a), .beat_valid(beat_valid), .beat_ready(beat_ready), .beat_data(beat_data),
      .beat_last(beat_last), .beat_error(1'b0), .out_valid(out_valid), .out_ready(out_ready), .out_error(out_error),
      .out_hash(out_hash), .out_bytes(out_bytes), .out_tag(out_tag), .permuted(permuted)
  );

  task try_leaf(input [2:0] words, input [16:0] bytes, input [255:0] expected);
    begin
      @(negedge clk);
      in_words = words;
      in_bytes = bytes;
      for (i = 0; i < 32; i = i + 1) in_inline[8*i+:8] = i * 5 + 1;
      in_valid = 1;
      @(negedge clk);
      in_valid = 0;
      for (at = 0; at < bytes; at = at + 64) begin
        for (i = 0; i < 64; i = i + 1) beat_data[8*i+:8] = (at + i) * 7 + 3;
        beat_last  = at + 64 >= bytes;
        beat_valid = 1;
        #1;
        while (!beat_ready) begin
          @(negedge clk);
          #1;
        end
        @(negedge clk);
      end
      beat_valid = 0;
      while (!out_valid) @(negedge clk);
      if (out_hash !== expected || out_error || out_bytes !== bytes || out_tag !== 8'h5a) begin
        $display("FAILED: leaf of %0d words and %0d bytes: %h", words, bytes, out_hash);
        failures = failures + 1;
      end
      out_ready = 1;
      @(negedge clk);
      out_ready = 0;
    end
  endtask

  initial begin
    repeat (3) @(negedge clk);
    rst = 0;
    try_leaf(3'd0, 17'd0, 256'hd0e731f55fa6c49f602807a6686a7ac769de4e04882bb5eaf8f4fe209f46535d);
    try_leaf(3'd2, 17'd7, 256'h5a189436f28738273582f0b1346a9d27c8c90036338caf5a481b39242220c854);
    try_leaf(3'd4, 17'd64, 256'hbad0e668c17d5aa49a70eb4069a6bb114686952210001c7a887b17a9ea6b1fa0);
    try_leaf(3'd0, 17'd135, 256'h34d41d44b9f09b939673a0a21d68a209805db55d16f20be11d59b93f299138cb);
    try_leaf(3'd0, 17'd200, 256'hbbbaddef12ef15f7e9a4351deaa84cef016504d429c768f984c0bbd388f36625);
    if (failures == 0) $display("PASSED: leaf_hash_tb");
    $finish;
  end
endmodule
