// SampleInBall (FIPS 204, algorithm 29): 60 coefficients of 1 or -1, from 60 signs and a stream of bytes, a byte per cycle.
`default_nettype none

module mldsa_ball (
    input  wire         clk,
    input  wire         start,
    input  wire         sign_valid,
    input  wire  [63:0] signs,
    input  wire         byte_valid,
    input  wire  [ 7:0] index,
    output logic        done,
    input  wire  [ 5:0] group,        // reads four coefficients
    output logic [91:0] coefficients
);
  localparam logic [8:0] FIRST = 9'd196;

  logic [511:0] ball;      // for each coefficient, bit 0: not zero, bit 1: negative
  logic [8:0] i;
  logic [63:0] left;
  assign done = i == 9'd256;

  always_ff @(posedge clk) begin
    if (start) begin
      i <= FIRST;
      ball <= '0;
    end else if (sign_valid) left <= signs;
    else if (byte_valid && !done && {1'b0, index} <= i) begin
      ball[{i[7:0], 1'b0}+:2] <= ball[{index, 1'b0}+:2];
      ball[{index, 1'b0}+:2] <= {left[0], 1'b1};
      left <= {1'b0, left[63:1]};
      i <= i + 9'd1;
    end
  end

  for (genvar k = 0; k < 4; k++) begin : g_coefficient
    logic [1:0] code;
    assign code = ball[{group, 2'(k), 1'b0}+:2];
    assign coefficients[23*k+:23] = code[1] ? 23'(mldsa_pkg::Q - 1) : {22'd0, code[0]};
  end
endmodule

`default_nettype wire
