// A memory with a read port and a write port. A read of a word that is written in the same cycle returns the old word.
`default_nettype none

module mldsa_ram #(
    parameter int BITS         = 92,
    parameter int WORDS        = 64,
    parameter int ADDRESS_BITS = 6
) (
    input  wire                     clk,
    input  wire  [ADDRESS_BITS-1:0] read_address,
    output logic [        BITS-1:0] read_data,
    input  wire                     write,
    input  wire  [ADDRESS_BITS-1:0] write_address,
    input  wire  [        BITS-1:0] write_data
);
  logic [BITS-1:0] words[WORDS];

  always_ff @(posedge clk) begin
    read_data <= words[read_address];
    if (write) words[write_address] <= write_data;
  end
endmodule

`default_nettype wire
