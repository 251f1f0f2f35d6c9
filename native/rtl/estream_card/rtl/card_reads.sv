// Reads of host memory: one is requested at a time, many are under way. Each engine gets exactly the beats
// of its payload, or fewer with an error in the last one, however many beats the shell sends.
`default_nettype none

module card_reads (
    input  wire          clk,
    input  wire          rst_n,
    input  wire          rst,            // forgets the receivers of the answers; answers under way still arrive
    // read requests of the engines; who: 0 append, 1 leaf
    input  wire          ask_valid,
    output logic         ask_ready,
    input  wire          ask_who,
    input  wire  [ 63:0] ask_address,
    input  wire  [ 16:0] ask_bytes,
    // the shell
    output logic         rd_valid,
    input  wire          rd_ready,
    output logic [ 63:0] rd_address,
    output logic [ 16:0] rd_bytes,
    input  wire          rs_valid,
    output logic         rs_ready,
    input  wire          rs_last,
    input  wire          rs_error,
    // beats, whose data is that of the shell
    output logic [  1:0] beat_valid,
    input  wire  [  1:0] beat_ready,
    output logic [  6:0] beat_bytes,
    output logic         beat_last,
    output logic         beat_error,
    output logic         draining        // 1 while answers to requests before a reset are discarded
);
  // Requests under way, which a reset does not cancel.
  logic [4:0] under_way, under_way_next, to_drain;
  logic ends;
  assign ends = rs_valid && rs_ready && rs_last;
  assign under_way_next = under_way + {4'd0, rd_valid && rd_ready} - {4'd0, ends};
  assign draining = to_drain != '0;

  always_ff @(posedge clk) begin
    if (!rst_n) {under_way, to_drain} <= '0;
    else begin
      under_way <= under_way_next;
      if (rst) to_drain <= under_way_next;
      else if (ends && draining) to_drain <= to_drain - 5'd1;
    end
  end

  logic expect_ready, expected, who, expected_done;
  logic [16:0] bytes;
  fifo #(
      .BITS(18),
      .DEPTH_BITS(3)
  ) u_expected (
      .clk(clk),
      .rst(rst),
      .in_valid(ask_valid && ask_ready),
      .in_ready(expect_ready),
      .in_data({ask_who, ask_bytes}),
      .out_valid(expected),
      .out_ready(expected_done),
      .out_data({who, bytes})
  );

  assign ask_ready = expect_ready && (!rd_valid || rd_ready) && !draining;
  always_ff @(posedge clk) begin
    if (rst) rd_valid <= 1'b0;
    else if (ask_valid && ask_ready) rd_valid <= 1'b1;
    else if (rd_ready) rd_valid <= 1'b0;
    if (ask_valid && ask_ready) {rd_address, rd_bytes} <= {ask_address, ask_bytes};
  end

  // The current answer: how many bytes have arrived, and whether it is complete for the engine although not for the shell.
  logic [16:0] came, left;
  logic failed, surplus, gives;
  assign left = bytes - came;
  assign gives = rs_valid && expected && !surplus && !draining;
  assign beat_valid = {gives && who, gives && !who};
  assign beat_bytes = left > 17'd64 ? 7'd64 : left[6:0];
  assign beat_last = rs_last || left <= 17'd64;
  assign beat_error = failed || rs_error || (rs_last != (left <= 17'd64));
  assign rs_ready = draining || (expected && (surplus || beat_ready[who]));
  assign expected_done = rs_valid && rs_ready && !draining && rs_last;

  always_ff @(posedge clk) begin
    if (rst) {came, failed, surplus} <= '0;
    else if (expected_done) {came, failed, surplus} <= '0;
    else if (rs_valid && rs_ready && !draining) begin
      came <= came + 17'd64;
      failed <= failed || rs_error;
      surplus <= surplus || beat_last;
    end
  end
endmodule

`default_nettype wire
