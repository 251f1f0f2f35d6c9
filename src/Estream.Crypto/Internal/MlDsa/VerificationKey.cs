using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>A public key with the values derived from it alone: the expanded matrix, the transformed t and the hash. Immutable and
/// thread-safe.</summary>
internal sealed class VerificationKey
{
    private readonly PolynomialArithmetic? _arithmetic;
    private readonly byte[] _encoded;
    private readonly byte[] _hash = new byte[ParameterSet.HashBytes];
    private readonly int[] _matrix;
    private readonly int[] _t;

    /// <summary>Creates a key from its encoding and its expanded matrix. Takes ownership of the arrays.</summary>
    /// <param name="parameters">The key's parameter set.</param>
    /// <param name="arithmetic">The arithmetic to use; null to select the best at each call.</param>
    /// <param name="encoded">The encoded key; any bytes of the right length are valid.</param>
    /// <param name="matrix">The matrix expanded from the key's seed.</param>
    public VerificationKey(ParameterSet parameters, PolynomialArithmetic? arithmetic, byte[] encoded, int[] matrix)
    {
        Parameters = parameters;
        _arithmetic = arithmetic;
        _encoded = encoded;
        _matrix = matrix;
        _t = new int[parameters.K * Field.N];
        BitPacking.Unpack(encoded.AsSpan(ParameterSet.SeedBytes), ParameterSet.HighPublicBits, _t);
        for (int at = 0; at < _t.Length; at++)
        {
            _t[at] <<= Field.D;
        }

        Arithmetic.Forward(_t);
        Arithmetic.Center(_t);
        KeccakSponge hash = KeccakSponge.Shake256();
        hash.Absorb(encoded);
        hash.Squeeze(_hash);
    }

    /// <summary>The arithmetic of the key, for both its halves.</summary>
    public PolynomialArithmetic Arithmetic => _arithmetic ?? PolynomialArithmetic.Best;

    /// <summary>The key's parameter set.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>The encoded key.</summary>
    public ReadOnlyMemory<byte> Encoded => _encoded;

    /// <summary>The standard's tr: the hash of the public key, part of the hash of every message.</summary>
    public ReadOnlySpan<byte> Hash => _hash;

    /// <summary>The expanded matrix.</summary>
    public ReadOnlySpan<int> Matrix => _matrix;

    /// <summary>Expands a key.</summary>
    /// <param name="parameters">The key's parameter set.</param>
    /// <param name="arithmetic">The arithmetic to use; null to select the best at each call.</param>
    /// <param name="encoded">The encoded key, of the parameter set's length.</param>
    public static VerificationKey Expand(ParameterSet parameters, PolynomialArithmetic? arithmetic, ReadOnlySpan<byte> encoded)
    {
        var matrix = new int[MatrixSampling.Length(parameters)];
        MatrixSampling.Expand(parameters, encoded[..ParameterSet.SeedBytes], matrix);
        return new VerificationKey(parameters, arithmetic, encoded.ToArray(), matrix);
    }

    /// <summary>Verifies a signature (FIPS 204, algorithm 8).</summary>
    /// <param name="mu">The message representative μ, 64 bytes.</param>
    /// <param name="signature">The claimed signature; any bytes.</param>
    /// <returns>True if the signature was made with the matching private key.</returns>
    public bool Verify(ReadOnlySpan<byte> mu, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != Parameters.SignatureBytes
            || !HintEncoding.IsValid(Parameters, signature[^(Parameters.Omega + Parameters.K)..]))
        {
            return false;
        }

        Workspace workspace = Workspace.Rent();
        bool isValid = Verify(mu, signature, workspace);
        workspace.Return();
        return isValid;
    }

    private bool Verify(ReadOnlySpan<byte> mu, ReadOnlySpan<byte> signature, Workspace workspace)
    {
        ReadOnlySpan<byte> hash = signature[..Parameters.ChallengeBytes], hints = signature[^(Parameters.Omega + Parameters.K)..];
        Span<int> z = workspace.Masks[..(Parameters.L * Field.N)];
        for (int j = 0; j < Parameters.L; j++)
        {
            ResponseEncoding.Decode(Parameters, signature[(Parameters.ChallengeBytes + (j * Parameters.ResponseBytes))..],
                z.Slice(j * Field.N, Field.N));
        }

        if (!Arithmetic.IsWithin(z, Parameters.Gamma1 - Parameters.Beta - 1))
        {
            return false;
        }

        Arithmetic.Forward(z);
        Span<int> challenge = workspace.Challenge, w = workspace.Product;
        ChallengeSampling.Sample(Parameters, hash, challenge);
        Arithmetic.Forward(challenge);
        int columns = Parameters.L * Field.N;
        for (int i = 0; i < Parameters.K; i++)
        {
            Span<byte> high = workspace.High.Slice(i * Field.N, Field.N);
            Arithmetic.SumLess(Matrix.Slice(i * columns, columns), z, challenge, _t.AsSpan(i * Field.N, Field.N), w);
            Arithmetic.Inverse(w);
            Arithmetic.Decompose(Parameters, w, high);
            UseHints(HintEncoding.Of(Parameters, hints, i), w, high);
        }

        Span<byte> again = stackalloc byte[ParameterSet.HashBytes];
        again = again[..Parameters.ChallengeBytes];
        CommitmentHash.Compute(Parameters, mu, workspace, again);
        return again.SequenceEqual(hash);
    }

    // Applies the hints of a polynomial (FIPS 204, algorithm 40).
    private void UseHints(ReadOnlySpan<byte> places, ReadOnlySpan<int> low, Span<byte> high)
    {
        int count = (Field.Q - 1) / (2 * Parameters.Gamma2);
        foreach (byte place in places)
        {
            high[place] = (byte)((high[place] + (low[place] > 0 ? 1 : count - 1)) % count);
        }
    }
}
