// Reduces a number below 2^50 modulo Q = 2^23 - 2^13 + 1, in 2 cycles.
//
// 2^23 is 2^13 - 1 modulo Q. With h = value / 2^23 = top * 2^20 + middle * 2^10 + low, using that three times:
// h * 2^23 = (low + middle + top) * 2^13 - h - h / 2^10 - top.
`default_nettype none

module mldsa_reduce (
    input  wire         clk,
    input  wire  [49:0] value,
    output logic [22:0] rest
);
  logic [11:0] digits;
  logic [27:0] sum;
  logic [23:0] folded;
  assign digits = {2'd0, value[32:23]} + {2'd0, value[42:33]} + {5'd0, value[49:43]};
  assign folded = {1'b0, sum[22:0]} + {6'd0, sum[27:23], 13'd0} - {19'd0, sum[27:23]};

  always_ff @(posedge clk) begin
    // 17 * Q keeps the sum positive.
    sum <= 28'(17 * mldsa_pkg::Q) + {5'd0, value[22:0]} + {3'd0, digits, 13'd0} - {1'b0, value[49:23]} - {11'd0, value[49:33]}
        - {21'd0, value[49:43]};
    rest <= 23'(folded >= 24'(mldsa_pkg::Q) ? folded - 24'(mldsa_pkg::Q) : folded);
  end
endmodule

`default_nettype wire
