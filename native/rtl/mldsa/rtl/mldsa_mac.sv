// Sums products of four pairs of coefficients. The sum up to a pair appears 5 cycles later.
`default_nettype none

module mldsa_mac (
    input  wire         clk,
    input  wire         first,
    input  wire  [91:0] a,
    input  wire  [91:0] b,
    output logic [91:0] out
);
  logic first1, first2;
  always_ff @(posedge clk) {first1, first2} <= {first, first1};

  for (genvar i = 0; i < 4; i++) begin : g_coefficient
    logic [45:0] product1, product2;
    logic [49:0] sum;
    mldsa_reduce u_reduce (
        .clk(clk),
        .value(sum),
        .rest(out[23*i+:23])
    );
    always_ff @(posedge clk) begin
      product1 <= {23'd0, a[23*i+:23]} * {23'd0, b[23*i+:23]};
      product2 <= product1;
      sum <= {4'd0, product2} + (first2 ? 50'd0 : sum);
    end
  end
endmodule

`default_nettype wire
