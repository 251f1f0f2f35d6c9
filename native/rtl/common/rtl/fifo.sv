// A queue of items in registers: an item that enters is offered in the next cycle. `in_ready` depends on no input.
`default_nettype none

module fifo #(
    parameter int BITS       = 8,
    parameter int DEPTH_BITS = 2
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             in_valid,
    output logic            in_ready,
    input  wire  [BITS-1:0] in_data,
    output logic            out_valid,
    input  wire             out_ready,
    output logic [BITS-1:0] out_data
);
  logic [BITS-1:0] items[1 << DEPTH_BITS];
  logic [DEPTH_BITS:0] head, tail;  // one bit more than an index, so that full and empty differ

  assign in_ready  = (tail - head) != (DEPTH_BITS + 1)'(1 << DEPTH_BITS);
  assign out_valid = tail != head;
  assign out_data  = items[head[DEPTH_BITS-1:0]];

  always_ff @(posedge clk) begin
    if (rst) begin
      head <= '0;
      tail <= '0;
    end else begin
      if (in_valid && in_ready) tail <= tail + 1'b1;
      if (out_valid && out_ready) head <= head + 1'b1;
    end
    if (in_valid && in_ready) items[tail[DEPTH_BITS-1:0]] <= in_data;
  end
endmodule

`default_nettype wire
