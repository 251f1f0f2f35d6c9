// The keys: an expanded private and an expanded public one. Nothing leaves the unit but products and hashes.
//
// Addresses: {0, is_public, row, group, column} is the matrix, with t0 or t1 as column 7; {1, polynomial, group} are s1 and s2.
`default_nettype none

module mldsa_keys (
    input  wire          clk,
    input  wire          clear,
    input  wire  [ 13:0] clear_word,
    // the words before the packed polynomials
    input  wire          raw_valid,
    input  wire  [  3:0] raw_index,
    input  wire  [ 63:0] raw_word,
    input  wire          is_public,
    // a transformed polynomial of the key; `item` counts s1, s2 and t0, or t1
    input  wire          write,
    input  wire  [  4:0] item,
    input  wire  [  5:0] group,
    input  wire  [ 91:0] data,
    // a polynomial of the matrix
    input  wire          matrix_write,
    input  wire  [  2:0] matrix_row,
    input  wire  [  2:0] matrix_column,
    input  wire  [  5:0] matrix_group,
    input  wire  [ 91:0] matrix_data,
    input  wire  [ 13:0] read_address,
    output logic [ 91:0] read_data,        // 2 cycles later
    output logic [255:0] rho,
    output logic [255:0] secret            // K of FIPS 204
);
  logic [ 2:0] row;
  logic [13:0] address;
  logic [91:0] written, read_data1;
  assign row = is_public ? item[2:0] : item[2:0] + 3'd1;
  always_comb begin
    if (clear) {address, written} = {clear_word, 92'd0};
    else if (matrix_write) {address, written} = {1'b0, is_public, matrix_row, matrix_group, matrix_column, matrix_data};
    else if (is_public || item >= 5'd15) {address, written} = {1'b0, is_public, row, group, 3'd7, data};
    else {address, written} = {4'b1000, item[3:0], group, data};
  end

  mldsa_ram #(
      .BITS(92),
      .WORDS(9152),
      .ADDRESS_BITS(14)
  ) u_ram (
      .clk(clk),
      .read_address(read_address),
      .read_data(read_data1),
      .write(clear || write || matrix_write),
      .write_address(address),
      .write_data(written)
  );

  always_ff @(posedge clk) begin
    read_data <= read_data1;
    if (clear) {rho, secret} <= '0;
    else if (raw_valid && raw_index < 4'd4) rho <= {raw_word, rho[255:64]};
    else if (raw_valid && raw_index < 4'd8) secret <= {raw_word, secret[255:64]};
  end
endmodule

`default_nettype wire
