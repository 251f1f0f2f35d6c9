using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>Creates keys from seeds and from their expanded form (FIPS 204, algorithms 6, 24 and 25). Overwrites all secrets that it puts
/// on the stack.</summary>
internal static class KeyExpansion
{
    private const int KAt = ParameterSet.SeedBytes;
    private const int HashAt = 2 * ParameterSet.SeedBytes;
    private const int SecretsAt = HashAt + ParameterSet.HashBytes;

    /// <summary>Creates the key that belongs to a seed.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="arithmetic">The arithmetic to use; null to select the best at each call.</param>
    /// <param name="seed">32 secret bytes.</param>
    /// <param name="expanded">Receives the private key in its expanded form.</param>
    public static SigningKey FromSeed(ParameterSet parameters, PolynomialArithmetic? arithmetic, ReadOnlySpan<byte> seed,
        Span<byte> expanded)
    {
        Span<byte> seeds = stackalloc byte[(2 * ParameterSet.SeedBytes) + ParameterSet.HashBytes];
        Span<int> secrets = stackalloc int[(parameters.K + parameters.L) * Field.N];
        KeccakSponge hash = KeccakSponge.Shake256();
        hash.Absorb(seed);
        hash.Absorb([(byte)parameters.K, (byte)parameters.L]);
        hash.Squeeze(seeds);
        hash.Clear();
        ReadOnlySpan<byte> k = seeds[(ParameterSet.SeedBytes + ParameterSet.HashBytes)..];
        SecretSampling.Sample(parameters, seeds.Slice(ParameterSet.SeedBytes, ParameterSet.HashBytes), secrets);
        SigningKey key = FromParts(parameters, arithmetic, seeds[..ParameterSet.SeedBytes], k, secrets, expanded);
        Secret.Clear(seeds);
        Secret.Clear(secrets);
        return key;
    }

    /// <summary>Reads a key in its expanded form, and derives all other values from its four independent parts. The caller compares the
    /// derived form with the given one.</summary>
    /// <param name="parameters">The parameter set.</param>
    /// <param name="arithmetic">The arithmetic to use; null to select the best at each call.</param>
    /// <param name="expanded">The private key, of the parameter set's length.</param>
    /// <param name="again">Receives the derived expanded form; if it differs from <paramref name="expanded"/>, the key is invalid.</param>
    /// <returns>The key, or null if a secret coefficient is out of range.</returns>
    public static SigningKey? FromExpanded(ParameterSet parameters, PolynomialArithmetic? arithmetic, ReadOnlySpan<byte> expanded,
        Span<byte> again)
    {
        Span<int> secrets = stackalloc int[(parameters.K + parameters.L) * Field.N];
        SigningKey? key = null;
        BitPacking.Unpack(expanded[SecretsAt..], parameters.SecretBits, secrets);
        Complement(parameters.Eta, secrets);
        if ((arithmetic ?? PolynomialArithmetic.Best).IsWithin(secrets, parameters.Eta))
        {
            key = FromParts(parameters, arithmetic, expanded[..KAt], expanded[KAt..HashAt], secrets, again);
        }

        Secret.Clear(secrets);
        return key;
    }

    private static SigningKey FromParts(
        ParameterSet parameters, PolynomialArithmetic? arithmetic, ReadOnlySpan<byte> seed, ReadOnlySpan<byte> k, Span<int> secrets,
        Span<byte> expanded)
    {
        var encoded = new byte[parameters.PublicKeyBytes];
        var matrix = new int[MatrixSampling.Length(parameters)];
        Span<int> t0 = stackalloc int[parameters.K * Field.N];
        seed.CopyTo(encoded);
        MatrixSampling.Expand(parameters, seed, matrix);
        ComputeT(parameters, arithmetic ?? PolynomialArithmetic.Best, matrix, secrets, t0);
        Split(t0, encoded.AsSpan(ParameterSet.SeedBytes));
        var verification = new VerificationKey(parameters, arithmetic, encoded, matrix);
        var key = new SigningKey(verification, k, secrets, t0);

        seed.CopyTo(expanded);
        k.CopyTo(expanded[KAt..]);
        verification.Hash.CopyTo(expanded[HashAt..]);
        int t0At = SecretsAt + ((parameters.K + parameters.L) * parameters.SecretBytes);
        Complement(parameters.Eta, secrets);
        Complement(1 << (Field.D - 1), t0);
        BitPacking.Pack(secrets, parameters.SecretBits, expanded[SecretsAt..t0At]);
        BitPacking.Pack(t0, Field.D, expanded[t0At..]);
        Secret.Clear(t0);
        return key;
    }

    // t = A * s1 + s2.
    private static void ComputeT(
        ParameterSet parameters, PolynomialArithmetic arithmetic, ReadOnlySpan<int> matrix, ReadOnlySpan<int> secrets, Span<int> t)
    {
        int columns = parameters.L * Field.N;
        Span<int> transformed = stackalloc int[columns];
        secrets[..columns].CopyTo(transformed);
        arithmetic.Forward(transformed);
        for (int i = 0; i < parameters.K; i++)
        {
            Span<int> row = t.Slice(i * Field.N, Field.N);
            arithmetic.Sum(matrix.Slice(i * columns, columns), transformed, row);
            arithmetic.Inverse(row);
            arithmetic.AddCanonical(row, secrets.Slice(columns + (i * Field.N), Field.N));
        }

        Secret.Clear(transformed);
    }

    // Splits t into upper and lower parts (FIPS 204, algorithm 35): the upper parts go into the public key, the lower parts stay in t.
    private static void Split(Span<int> t, Span<byte> encoded)
    {
        Span<int> high = stackalloc int[t.Length];
        for (int at = 0; at < t.Length; at++)
        {
            high[at] = (t[at] + (1 << (Field.D - 1)) - 1) >> Field.D;
            t[at] -= high[at] << Field.D;
        }

        BitPacking.Pack(high, ParameterSet.HighPublicBits, encoded);
    }

    private static void Complement(int most, Span<int> values)
    {
        for (int at = 0; at < values.Length; at++)
        {
            values[at] = most - values[at];
        }
    }
}
