// Drives the multipliers of all lanes: 64 sums of `terms` products, a product per cycle.
`default_nettype none

module mldsa_products (
    input  wire         clk,
    input  wire         rst,
    input  wire         start,
    input  wire  [ 1:0] kind,          // MUL_*; these are constant until `done`
    input  wire         is_public,
    input  wire  [ 3:0] row,           // of the matrix or of t0, or the number of a polynomial of s1 and s2
    output logic        done,
    output logic [13:0] key_address,
    output logic [ 2:0] term_slot,
    output logic [ 5:0] term_group,
    output logic        term_first,    // 2 cycles later, with the data
    output logic        product_write,
    output logic [ 5:0] sum_group
);
  localparam int LATENCY = 7;  // reads, then mldsa_mac

  logic running;
  logic [5:0] group;
  logic [2:0] term, first_term, last_term;
  assign first_term = kind == mldsa_pkg::MUL_ROW ? 3'd0 : 3'd7;
  assign last_term  = kind == mldsa_pkg::MUL_ROW && !is_public ? 3'd6 : 3'd7;

  // A row of the private key's matrix and t0, or of the public key's matrix and t1, are interleaved.
  assign key_address = kind == mldsa_pkg::MUL_SECRET ? {4'b1000, row, group} : {1'b0, is_public, row[2:0], group, term};
  assign term_slot   = term;
  assign term_group  = group;

  // {the sum is complete, the first of its terms, its group}
  logic [7:0] stage[1:LATENCY];
  logic [LATENCY:1] is_sum;
  for (genvar i = 1; i <= LATENCY; i++) begin : g_stage
    if (i == 1) begin : g_first
      always_ff @(posedge clk) stage[i] <= rst ? 8'd0 : {running && term == last_term, term == first_term, group};
    end else begin : g_later
      always_ff @(posedge clk) stage[i] <= rst ? 8'd0 : stage[i-1];
    end
    assign is_sum[i] = stage[i][7];
  end
  assign term_first    = stage[2][6];
  assign product_write = is_sum[LATENCY];
  assign sum_group     = stage[LATENCY][5:0];
  assign done          = !running && is_sum == '0;

  always_ff @(posedge clk) begin
    if (rst) running <= 1'b0;
    else if (start) begin
      running <= 1'b1;
      group <= '0;
      term <= first_term;
    end else if (running) begin
      term <= term == last_term ? first_term : term + 3'd1;
      if (term == last_term) begin
        group <= group + 6'd1;
        if (group == 6'd63) running <= 1'b0;
      end
    end
  end
endmodule

`default_nettype wire
