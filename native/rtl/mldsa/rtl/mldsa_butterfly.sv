// A butterfly of the number-theoretic transform, in 7 cycles.
//   forward (Cooley-Tukey):     x = a + zeta * b,  y = a - zeta * b
//   inverse (Gentleman-Sande):  x = (a + b) / 2,   y = zeta * (b - a) / 2
// FIPS 204 multiplies by -zeta in the inverse, and by 1/256 at its end: the halves of 8 layers are the same.
`default_nettype none

module mldsa_butterfly (
    input  wire         clk,
    input  wire         inverse,
    input  wire  [22:0] a,
    input  wire  [22:0] b,
    input  wire  [22:0] zeta,
    output logic [22:0] x,
    output logic [22:0] y
);
  logic [22:0] sum1, factor1, zeta1, sum2, factor2, zeta2, sum3, sum4, sum5, sum6, product6;
  logic [45:0] product3, product4;

  mldsa_reduce u_reduce (
      .clk(clk),
      .value({4'd0, product4}),
      .rest(product6)
  );

  always_ff @(posedge clk) begin
    sum1 <= inverse ? mldsa_pkg::add_q(a, b) : a;
    factor1 <= inverse ? mldsa_pkg::sub_q(b, a) : b;
    zeta1 <= zeta;
    sum2 <= inverse ? mldsa_pkg::half_q(sum1) : sum1;
    factor2 <= inverse ? mldsa_pkg::half_q(factor1) : factor1;
    zeta2 <= zeta1;
    product3 <= {23'd0, factor2} * {23'd0, zeta2};
    product4 <= product3;
    {sum3, sum4, sum5, sum6} <= {sum2, sum3, sum4, sum5};
    x <= inverse ? sum6 : mldsa_pkg::add_q(sum6, product6);
    y <= inverse ? product6 : mldsa_pkg::sub_q(sum6, product6);
  end
endmodule

`default_nettype wire
