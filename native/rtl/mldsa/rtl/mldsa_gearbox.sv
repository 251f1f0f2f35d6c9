// Turns words of 64 bits into pieces of up to 80 bits, the least significant bit first.
`default_nettype none

module mldsa_gearbox (
    input  wire         clk,
    input  wire         clear,
    input  wire  [ 6:0] size,       // bits of a piece
    input  wire         in_valid,
    output logic        in_ready,
    input  wire  [63:0] in_word,
    output logic        out_valid,
    input  wire         out_ready,
    output logic [79:0] out_piece
);
  logic [143:0] bits, rest;
  logic [7:0] count, left;
  logic takes, gives;
  assign in_ready  = count <= 8'd80;
  assign out_valid = count >= {1'b0, size};
  assign out_piece = bits[79:0];
  assign takes     = in_valid && in_ready;
  assign gives     = out_valid && out_ready;
  assign rest      = gives ? bits >> size : bits;
  assign left      = gives ? count - {1'b0, size} : count;

  always_ff @(posedge clk) begin
    if (clear) begin
      bits  <= '0;
      count <= '0;
    end else begin
      bits  <= rest | (takes ? {80'd0, in_word} << left : 144'd0);
      count <= left + (takes ? 8'd64 : 8'd0);
    end
  end
endmodule

`default_nettype wire
