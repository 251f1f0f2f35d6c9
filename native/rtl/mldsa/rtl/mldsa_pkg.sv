// Numbers of ML-DSA-87 (FIPS 204) and the codes that the parts of the unit share.
`ifndef MLDSA_PKG
`define MLDSA_PKG
package mldsa_pkg;
  /* verilator lint_off UNUSEDPARAM */ // each block uses a part
  localparam int Q = 8380417;
  localparam int GAMMA1 = 1 << 19;
  localparam int GAMMA2 = (Q - 1) / 32;
  localparam int BETA = 120;
  localparam int OMEGA = 75;

  // A status at the end of a command.
  localparam logic [1:0] OK = 2'd0;
  localparam logic [1:0] INVALID = 2'd1;
  localparam logic [1:0] NO_KEY = 2'd2;
  localparam logic [1:0] GAVE_UP = 2'd3;

  // Programs of the sequencer.
  localparam logic [1:0] SIGN = 2'd0;
  localparam logic [1:0] VERIFY = 2'd1;
  localparam logic [1:0] LOAD_PRIVATE = 2'd2;
  localparam logic [1:0] LOAD_PUBLIC = 2'd3;

  // What the last stage of an inverse transform does with a coefficient v, and a stored one b.
  localparam logic [2:0] POST_KEEP = 3'd0;  // v
  localparam logic [2:0] POST_Z = 3'd1;     // v + b, and its norm
  localparam logic [2:0] POST_LOW = 3'd2;   // b - v, and the norm of its low bits
  localparam logic [2:0] POST_HINT = 3'd3;  // MakeHint(v, b), and the norm of v
  localparam logic [2:0] POST_USE = 3'd4;   // UseHint(b, v)

  // Where a transform reads: forward from STORE, inverse from PRODUCT. Where it writes.
  localparam logic [1:0] TO_FACTOR = 2'd0;
  localparam logic [1:0] TO_STORE = 2'd1;
  localparam logic [1:0] TO_KEY = 2'd2;

  // Operands of the multiplier.
  localparam logic [1:0] MUL_ROW = 2'd0;      // a row of A, or of A and t1
  localparam logic [1:0] MUL_SECRET = 2'd1;   // c and a polynomial of s1 or s2
  localparam logic [1:0] MUL_T0 = 2'd2;       // c and a polynomial of t0

  // Operations of the hash part of a lane.
  localparam logic [3:0] HASH_NONE = 4'd0;
  localparam logic [3:0] HASH_SEED = 4'd1;       // rho'' from K, rnd and mu
  localparam logic [3:0] HASH_MASK = 4'd2;       // a polynomial of y
  localparam logic [3:0] HASH_MU = 4'd3;         // begins the hash of c~ with mu
  localparam logic [3:0] HASH_ROW = 4'd4;        // adds a polynomial of w1 to it
  localparam logic [3:0] HASH_END = 4'd5;        // ends it: stores c~, or compares it
  localparam logic [3:0] HASH_BALL = 4'd6;       // c from c~
  localparam logic [3:0] HASH_MATRIX = 4'd7;     // a polynomial of A
  localparam logic [3:0] HASH_UNPACK = 4'd8;     // a polynomial from the input
  localparam logic [3:0] HASH_CHALLENGE = 4'd9;  // c~ from the input
  localparam logic [3:0] HASH_RAW = 4'd10;       // words of the input for the key part
  localparam logic [3:0] HASH_HINTS = 4'd11;     // hints from the input

  // Encodings of polynomials.
  localparam logic [1:0] PACK_20 = 2'd0;  // z and y: 2^19 - v
  localparam logic [1:0] PACK_3 = 2'd1;   // s1, s2: 2 - v
  localparam logic [1:0] PACK_13 = 2'd2;  // t0: 2^12 - v
  localparam logic [1:0] PACK_10 = 2'd3;  // t1: -v * 2^13

  // The multiple of 2 * GAMMA2 that is nearest to r, 0 to 16; 16 stands for 0 with low bits r - Q.
  function automatic logic [4:0] high_bits(input logic [22:0] r);
    logic [14:0] blocks;
    blocks = 15'(({1'b0, r} + 24'(GAMMA2 - 1)) >> 9);
    high_bits = 5'((blocks + {10'd0, blocks[14:10]} + 15'd1) >> 10);  // a division by 1023
  endfunction

  // HighBits: the same modulo 16.
  function automatic logic [3:0] high_digit(input logic [22:0] r);
    logic [4:0] high;
    high = high_bits(r);
    high_digit = high[4] ? 4'd0 : high[3:0];
  endfunction

  function automatic logic [22:0] add_q(input logic [22:0] a, input logic [22:0] b);
    logic [23:0] sum;
    sum = {1'b0, a} + {1'b0, b};
    if (sum >= 24'(Q)) sum = sum - 24'(Q);
    add_q = sum[22:0];
  endfunction

  function automatic logic [22:0] sub_q(input logic [22:0] a, input logic [22:0] b);
    logic [23:0] difference;
    difference = {1'b0, a} - {1'b0, b};
    if (difference[23]) difference = difference + 24'(Q);
    sub_q = difference[22:0];
  endfunction

  // a / 2 modulo Q.
  function automatic logic [22:0] half_q(input logic [22:0] a);
    half_q = 23'(({1'b0, a} + (a[0] ? 24'(Q) : 24'd0)) >> 1);
  endfunction
endpackage
`endif
