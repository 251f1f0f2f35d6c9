// Tests the leaf blocks of the ML-DSA-87 unit in a second simulator: the quad, the multiplier, the bounds, the decoder, the
// sampler of c and the packer, against plain arithmetic.
`timescale 1ns / 1ns
module mldsa_tb;
  localparam integer Q = 8380417;
  reg clk = 0, rst = 1;
  integer failures = 0, seed = 11, i, j, k, n, index, expected_bit;
  reg [63:0] t, u, v;
  always #2 clk = ~clk;

  function [22:0] random_coefficient(input integer kind);
    reg [31:0] number;
    begin
      number = $random(seed);
      random_coefficient = kind == 0 ? 0 : kind == 1 ? Q - 1 : number % Q;
    end
  endfunction

  task check(input [91:0] expected, input [91:0] actual, input integer what, input integer which);
    if (expected !== actual) begin
      failures = failures + 1;
      if (failures < 10) $display("FAILED: block %0d, case %0d: expected %h, is %h", what, which, expected, actual);
    end
  endtask

  // 1: the quad
  reg [63:0] zeta[0:255];
  reg inverse = 0;
  reg [6:0] group = 1;
  reg [91:0] in = 0;
  wire [91:0] transformed;
  wire [68:0] zetas;
  reg [63:0] c[0:3];
  mldsa_zetas u_zetas (.clk(clk), .index(group), .zetas(zetas));
  mldsa_quad u_quad (.clk(clk), .inverse(inverse), .in(in), .zetas(zetas), .out(transformed));

  task butterfly(input integer a, input integer b, input [63:0] z);
    begin
      u = c[a];
      v = c[b];
      // 4190209 is 1/2.
      if (inverse) begin
        c[a] = (u + v) * 4190209 % Q;
        c[b] = ((v + Q - u) % Q) * 4190209 % Q * z % Q;
      end else begin
        c[a] = (u + v * z) % Q;
        c[b] = (u + Q - v * z % Q) % Q;
      end
    end
  endtask

  task test_quad;
    for (i = 0; i < 600; i = i + 1) begin
      inverse = i % 2 == 1;
      group = i < 254 ? i / 2 + 1 : $random(seed);
      if (group == 0) group = 1;
      for (j = 0; j < 4; j = j + 1) begin
        in[23*j+:23] = random_coefficient(i < 32 ? (i >> (j + 1)) & 1 : 2);
        c[j] = in[23*j+:23];
      end
      repeat (18) @(negedge clk);
      if (inverse) begin
        butterfly(0, 1, zeta[2*group+1]);
        butterfly(2, 3, zeta[2*group]);
        butterfly(0, 2, zeta[group]);
        butterfly(1, 3, zeta[group]);
      end else begin
        butterfly(0, 2, zeta[group]);
        butterfly(1, 3, zeta[group]);
        butterfly(0, 1, zeta[2*group]);
        butterfly(2, 3, zeta[2*group+1]);
      end
      check({c[3][22:0], c[2][22:0], c[1][22:0], c[0][22:0]}, transformed, 1, i);
    end
  endtask

  // 2: sums of products
  reg first = 0;
  reg [91:0] a = 0, b = 0;
  wire [91:0] sum;
  mldsa_mac u_mac (.clk(clk), .first(first), .a(a), .b(b), .out(sum));
  task test_mac;
    for (i = 0; i < 300; i = i + 1) begin
      n = 1 + (i & 7);
      for (j = 0; j < 4; j = j + 1) c[j] = 0;
      for (k = 0; k < n; k = k + 1) begin
        first = k == 0;
        for (j = 0; j < 4; j = j + 1) begin
          a[23*j+:23] = random_coefficient(i < 20 ? 1 : 2);
          b[23*j+:23] = random_coefficient(i < 10 ? 1 : 2);
          t = a[23*j+:23];
          c[j] = (c[j] + t * b[23*j+:23]) % Q;
        end
        @(negedge clk);
      end
      repeat (4) @(negedge clk);
      check({c[3][22:0], c[2][22:0], c[1][22:0], c[0][22:0]}, sum, 2, i);
    end
  endtask

  // 3: the last stage of a transform, at each bound
  reg [2:0] op = 0;
  wire [91:0] post;
  wire post_fails;
  wire [2:0] hints;
  integer r, high, low, high_b, norm;
  mldsa_post u_post (.clk(clk), .op(op), .valid(1'b1), .v(a), .b(b), .out(post), .fails(post_fails), .hints(hints));
  task decompose(input integer value);
    begin
      low = value % 523776;
      if (low > 261888) low = low - 523776;
      if (value - low == Q - 1) begin
        high = 0;
        low = low - 1;
      end else high = (value - low) / 523776;
    end
  endtask
  task post_case(input [22:0] x, input [22:0] y);
    begin
      a = {4{x}};
      b = {4{y}};
      repeat (4) @(negedge clk);
      r = op == 1 || op == 3 ? (x + y) % Q : op == 2 ? (Q + y - x) % Q : x;
      norm = op == 3 ? x : r;
      norm = norm > Q / 2 ? Q - norm : norm;
      decompose(y);
      high_b = high;
      decompose(r);
      expected_bit = op == 1 ? norm >= 524168 : op == 3 ? norm >= 261888 : op == 2 ? low >= 261768 || low <= -261768 : 0;
      check(expected_bit, post_fails, 3, x);
      if (op == 3) r = high != high_b;
      if (op == 4) r = !y[0] ? high : low > 0 ? (high + 1) % 16 : (high + 15) % 16;
      n = r;
      check({4{n[22:0]}}, post, 3, y);
      check(op == 3 ? 4 * r : 0, hints, 3, x + y);
    end
  endtask
  task test_post;
    for (i = 0; i < 5; i = i + 1) begin
      op = i;
      for (j = 0; j < 300; j = j + 1) post_case(random_coefficient(2), i == 4 ? j % 2 : random_coefficient(2));
      for (j = -2; j <= 2; j = j + 1) begin
        post_case(524168 + j, 0);
        post_case(Q - 524168 + j, 0);
        post_case(261888 + j, 1);
        post_case(Q - 261888 + j, 0);
        for (k = 0; k <= 16; k = k + 1) begin
          post_case((Q + k * 523776 + j) % Q, i == 4 ? j & 1 : 0);
          post_case(0, (k * 523776 + 261768 + Q + j) % Q);
          post_case((k * 523776 + 261888 + Q + j) % Q, i == 4 ? j & 1 : 3);
          post_case(0, (Q + k * 523776 - 261768 + j) % Q);
        end
      end
    end
  endtask

  // 4: the decoder
  reg [1:0] encoding = 0;
  reg [79:0] piece = 0;
  wire [91:0] unpacked;
  wire [6:0] size;
  wire outside;
  integer bits, from, scale;
  mldsa_unpack u_unpack (.encoding(encoding), .piece(piece), .size(size), .coefficients(unpacked), .out_of_range(outside));
  task test_unpack;
    for (i = 0; i < 2000; i = i + 1) begin
      encoding = i;
      bits = encoding == 0 ? 20 : encoding == 1 ? 3 : encoding == 2 ? 13 : 10;
      from = encoding == 0 ? 524288 : encoding == 1 ? 2 : encoding == 2 ? 4096 : 0;
      scale = encoding == 3 ? 8192 : 1;
      piece = 0;
      expected_bit = 0;
      for (j = 0; j < 4; j = j + 1) begin
        n = $random(seed);
        n = n & ((1 << bits) - 1);
        // Each value at the bounds of z, alone.
        if (encoding == 0 && i < 1000) n = j != i % 3 ? 500 : i % 8 == 0 ? 118 + i % 5 : 1048576 - 118 - i % 5;
        piece = piece | ({48'd0, n} << (bits * j));
        c[j] = (Q + from - n * scale) % Q;
        if (encoding == 0 && (n <= 120 || n >= 1048456)) expected_bit = 1;
        if (encoding == 1 && n > 4) expected_bit = 1;
      end
      #1;
      check({c[3][22:0], c[2][22:0], c[1][22:0], c[0][22:0]}, unpacked, 4, i);
      check(expected_bit, outside, 4, i);
      check(4 * bits, size, 4, i);
    end
  endtask

  // 5: the sampler of c
  reg start = 0, sign_valid = 0, byte_valid = 0;
  reg [63:0] signs = 0;
  reg [7:0] ball_index = 0;
  reg [5:0] ball_group = 0;
  wire ball_done;
  wire [91:0] ball_out;
  reg [22:0] ball[0:255];
  mldsa_ball u_ball (.clk(clk), .start(start), .sign_valid(sign_valid), .signs(signs), .byte_valid(byte_valid), .index(ball_index),
      .done(ball_done), .group(ball_group), .coefficients(ball_out));
  task test_ball;
    for (i = 0; i < 20; i = i + 1) begin
      start = 1;
      @(negedge clk);
      start = 0;
      signs = {$random(seed), $random(seed)};
      sign_valid = 1;
      @(negedge clk);
      sign_valid = 0;
      for (j = 0; j < 256; j = j + 1) ball[j] = 0;
      j = 196;
      while (j < 256) begin
        byte_valid = ($random(seed) & 3) != 0;
        ball_index = i == 0 ? j : i == 1 ? 0 : $random(seed);
        if (byte_valid && ball_index <= j) begin
          ball[j] = ball[ball_index];
          ball[ball_index] = signs[j-196] ? Q - 1 : 1;
          j = j + 1;
        end
        if (ball_done) check(0, 1, 5, 1000 + j);
        @(negedge clk);
      end
      check(1, ball_done, 5, i);
      byte_valid = 1;
      ball_index = 0;
      @(negedge clk);
      byte_valid = 0;
      for (j = 0; j < 64; j = j + 1) begin
        ball_group = j;
        #1;
        check({ball[4*j+3], ball[4*j+2], ball[4*j+1], ball[4*j]}, ball_out, 5, j);
      end
    end
  endtask

  // 6: the packer
  reg pack_start = 0, out_ready = 0;
  reg [511:0] challenge = 0;
  reg [91:0] store[0:1023], stored1, stored2;
  wire [3:0] slot;
  wire [5:0] pack_group;
  wire pack_done, out_valid, out_last;
  wire [255:0] out_data;
  wire [5:0] out_bytes;
  reg [7:0] bytes[0:4639];
  integer at, count, chance;
  mldsa_pack u_pack (.clk(clk), .rst(rst), .start(pack_start), .done(pack_done), .challenge(challenge), .slot(slot), .group(pack_group),
      .stored(stored2), .out_valid(out_valid), .out_ready(out_ready), .out_data(out_data), .out_bytes(out_bytes), .out_last(out_last));
  always @(posedge clk) begin
    stored1 <= store[{slot, pack_group}];
    stored2 <= stored1;
  end
  task encode;
    begin
      for (j = 0; j < 4640; j = j + 1) bytes[j] = 0;
      for (j = 0; j < 64; j = j + 1) bytes[j] = challenge[8*j+:8];
      for (j = 0; j < 448; j = j + 1)
        for (k = 0; k < 4; k = k + 1) begin
          n = $random(seed);
          n = n & 1048575;
          if (n == 0) n = 1;
          t = (Q + 524288 - n) % Q;
          store[j][23*k+:23] = t;
          for (at = 0; at < 20; at = at + 1) if (n[at]) bytes[64 + (80*j+20*k+at)/8][(80*j+20*k+at)%8] = 1;
        end
      count = 0;
      for (j = 0; j < 512; j = j + 1)
        for (k = 0; k < 4; k = k + 1) begin
          n = count < (i == 0 ? 0 : 75) && (i == 2 || ($random(seed) & 31) == 0);
          store[512+j][23*k+:23] = n;
          if (n != 0) bytes[4544 + count] = 4 * (j % 64) + k;
          count = count + n;
          bytes[4619 + j/64] = count;
        end
    end
  endtask
  task test_pack;
    for (i = 0; i < 6; i = i + 1) begin
      for (j = 0; j < 16; j = j + 1) challenge[32*j+:32] = $random(seed);
      chance = i < 3 ? 0 : 3;
      encode;
      pack_start = 1;
      @(negedge clk);
      pack_start = 0;
      at = 0;
      while (at < 4627) begin
        out_ready = ($random(seed) & chance) == 0;
        #1;
        if (out_valid && out_ready) begin
          check(at + 32 > 4627, out_last, 6, at);
          check(out_last ? 19 : 32, out_bytes, 6, at);
          for (j = 0; j < out_bytes; j = j + 1) check(bytes[at+j], out_data[8*j+:8], 6, at + j);
          at = at + out_bytes;
        end
        @(negedge clk);
      end
      check(1, pack_done, 6, i);
    end
  endtask

  initial begin
    for (i = 0; i < 256; i = i + 1) begin
      zeta[i] = 1;
      for (j = 0; j < 8; j = j + 1) zeta[i] = zeta[i] * zeta[i] % Q * (i[j] ? 1753 : 1) % Q;
    end
    repeat (3) @(negedge clk);
    rst = 0;
    test_quad;
    test_mac;
    test_post;
    test_unpack;
    test_ball;
    test_pack;
    if (failures == 0) $display("PASSED: mldsa_tb");
    else $display("FAILED: %0d differences", failures);
    $finish;
  end
endmodule
