using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Internal.MlKem;

/// <summary>K-PKE, the public-key encryption underlying the key encapsulation (FIPS 203, section 5). The caller passes the expanded
/// matrix.</summary>
/// <remarks>
/// Thread-safe. The time depends only on public values. Overwrites all seeds, noise and messages that it puts on the stack before it
/// returns.
/// </remarks>
internal sealed class PublicKeyEncryption(PolynomialArithmetic arithmetic)
{
    private const int VectorLength = Parameters.K * Parameters.N;

    /// <summary>The instance with the fastest arithmetic of this processor.</summary>
    public static PublicKeyEncryption Instance { get; } = new(PolynomialArithmetic.Best);

    /// <summary>Generates a key pair (algorithm 13).</summary>
    /// <param name="d">32 secret bytes.</param>
    /// <param name="seed">Receives the 32 bytes of ρ, the public seed of the matrix.</param>
    /// <param name="transposed">Receives the matrix, transposed.</param>
    /// <param name="t">Receives the public vector, coefficients from 0 to q - 1.</param>
    /// <param name="s">Receives the secret vector, coefficients from 0 to q - 1.</param>
    public void GenerateKey(ReadOnlySpan<byte> d, Span<byte> seed, Span<short> transposed, Span<short> t, Span<short> s)
    {
        Span<byte> seeds = stackalloc byte[2 * Parameters.SymmetricBytes];
        KeccakSponge hash = KeccakSponge.Sha3_512();
        hash.Absorb(d);
        hash.Absorb([Parameters.K]);
        hash.Squeeze(seeds);
        hash.Clear();
        seeds[..Parameters.SymmetricBytes].CopyTo(seed);
        MatrixSampling.Expand(seed, transposed);

        Span<short> noise = stackalloc short[2 * VectorLength];
        Span<short> prepared = stackalloc short[2 * VectorLength];
        NoiseSampling.SampleEight(seeds[Parameters.SymmetricBytes..], noise);
        Secret.Clear(seeds);
        Span<short> secret = noise[..VectorLength], error = noise[VectorLength..];
        arithmetic.Forward(noise);
        arithmetic.Prepare(secret, prepared[..VectorLength], prepared[VectorLength..]);
        for (int i = 0; i < Parameters.K; i++)
        {
            Span<short> row = t.Slice(i * Parameters.N, Parameters.N);
            arithmetic.Sum(transposed[(i * Parameters.N)..], VectorLength, prepared[..VectorLength], prepared[VectorLength..], row);
            arithmetic.MultiplyByR(row);
            arithmetic.Add(row, error.Slice(i * Parameters.N, Parameters.N));
        }

        s.Clear();
        arithmetic.Add(s, secret);
        Secret.Clear(noise);
        Secret.Clear(prepared);
    }

    /// <summary>Encrypts a message (algorithm 14).</summary>
    /// <param name="transposed">The matrix, transposed.</param>
    /// <param name="t">The public vector.</param>
    /// <param name="message">32 secret bytes.</param>
    /// <param name="randomness">32 secret bytes.</param>
    /// <param name="ciphertext">Receives the 1,568 bytes.</param>
    public void Encrypt(
        ReadOnlySpan<short> transposed, ReadOnlySpan<short> t, ReadOnlySpan<byte> message, ReadOnlySpan<byte> randomness,
        Span<byte> ciphertext)
    {
        Span<short> noise = stackalloc short[(2 * VectorLength) + Parameters.N];
        Span<short> prepared = stackalloc short[2 * VectorLength];
        Span<short> result = stackalloc short[Parameters.N];
        Span<short> y = noise[..VectorLength];
        NoiseSampling.SampleEight(randomness, noise);
        NoiseSampling.Sample(randomness, 2 * Parameters.K, noise[(2 * VectorLength)..]);
        arithmetic.Forward(y);
        arithmetic.Prepare(y, prepared[..VectorLength], prepared[VectorLength..]);
        for (int i = 0; i < Parameters.K; i++)
        {
            arithmetic.Sum(transposed[(i * VectorLength)..], Parameters.N, prepared[..VectorLength], prepared[VectorLength..], result);
            arithmetic.Inverse(result);
            arithmetic.Add(result, noise.Slice(VectorLength + (i * Parameters.N), Parameters.N));
            Encoding.Compress11(result, ciphertext.Slice(i * Parameters.UBytes, Parameters.UBytes));
        }

        arithmetic.Sum(t, Parameters.N, prepared[..VectorLength], prepared[VectorLength..], result);
        arithmetic.Inverse(result);
        arithmetic.Add(result, noise[(2 * VectorLength)..]);
        Encoding.DecompressMessage(message, noise[..Parameters.N]);
        arithmetic.Add(result, noise[..Parameters.N]);
        Encoding.Compress5(result, ciphertext.Slice(Parameters.K * Parameters.UBytes, Parameters.VBytes));
        Secret.Clear(noise);
        Secret.Clear(prepared);
        Secret.Clear(result);
    }

    /// <summary>Decrypts a message (algorithm 15).</summary>
    /// <param name="s">The secret vector.</param>
    /// <param name="ciphertext">1,568 bytes.</param>
    /// <param name="message">Receives the 32 bytes.</param>
    public void Decrypt(ReadOnlySpan<short> s, ReadOnlySpan<byte> ciphertext, Span<byte> message)
    {
        Span<short> u = stackalloc short[VectorLength];
        Span<short> prepared = stackalloc short[2 * VectorLength];
        Span<short> product = stackalloc short[Parameters.N];
        Span<short> v = stackalloc short[Parameters.N];
        Encoding.Decompress11(ciphertext[..(Parameters.K * Parameters.UBytes)], u);
        Encoding.Decompress5(ciphertext[(Parameters.K * Parameters.UBytes)..], v);
        arithmetic.Forward(u);
        arithmetic.Prepare(u, prepared[..VectorLength], prepared[VectorLength..]);
        arithmetic.Sum(s, Parameters.N, prepared[..VectorLength], prepared[VectorLength..], product);
        arithmetic.Inverse(product);
        arithmetic.Subtract(v, product);
        Encoding.CompressMessage(v, message);
        Secret.Clear(product);
        Secret.Clear(v);
    }
}
