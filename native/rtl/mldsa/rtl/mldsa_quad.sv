// Four butterflies: two layers of the transform for a group of four coefficients, a group in each cycle, in 14 cycles.
// The coefficients of a group are as far apart as the smaller layer's pairs; `zetas` are those of mldsa_zetas for the group.
`default_nettype none

module mldsa_quad (
    input  wire         clk,
    input  wire         inverse,
    input  wire  [91:0] in,
    input  wire  [68:0] zetas,
    output logic [91:0] out
);
  // The inverse begins with the pairs (0, 1) and (2, 3): exchanging coefficients 1 and 2 makes them (0, 2) and (1, 3).
  logic [22:0] in1, in2, zeta_a, zeta_b, zeta_c, zeta_d;
  logic [68:0] zetas1, zetas2, zetas3, zetas4, zetas5, zetas6, zetas7;
  assign in1 = inverse ? in[46+:23] : in[23+:23];
  assign in2 = inverse ? in[23+:23] : in[46+:23];
  assign zeta_a = inverse ? zetas[46+:23] : zetas[0+:23];
  assign zeta_b = inverse ? zetas[23+:23] : zetas[0+:23];
  assign zeta_c = inverse ? zetas7[0+:23] : zetas7[23+:23];
  assign zeta_d = inverse ? zetas7[0+:23] : zetas7[46+:23];

  always_ff @(posedge clk) begin
    {zetas1, zetas2, zetas3, zetas4, zetas5, zetas6, zetas7} <= {zetas, zetas1, zetas2, zetas3, zetas4, zetas5, zetas6};
  end

  logic [22:0] mid0, mid1, mid2, mid3, out0, out1, out2, out3;
  mldsa_butterfly u_a (.clk(clk), .inverse(inverse), .a(in[0+:23]), .b(in2), .zeta(zeta_a), .x(mid0), .y(mid2));
  mldsa_butterfly u_b (.clk(clk), .inverse(inverse), .a(in1), .b(in[69+:23]), .zeta(zeta_b), .x(mid1), .y(mid3));
  mldsa_butterfly u_c (.clk(clk), .inverse(inverse), .a(mid0), .b(mid1), .zeta(zeta_c), .x(out0), .y(out1));
  mldsa_butterfly u_d (.clk(clk), .inverse(inverse), .a(mid2), .b(mid3), .zeta(zeta_d), .x(out2), .y(out3));
  assign out = inverse ? {out3, out1, out2, out0} : {out3, out2, out1, out0};
endmodule

`default_nettype wire
