using Estream.Crypto.Internal.Keccak;

namespace Estream.Crypto.Internal.MlDsa;

/// <summary>A private key with the values derived from it alone: the transformed s1, s2 and t0. Thread-safe until its secrets are
/// cleared.</summary>
/// <remarks>
/// Secret-dependent computation takes the same time and memory accesses for all secrets, with one exception: the timing shows how many
/// attempts were rejected, and which polynomial rejected each. The standard rejects attempts so that accepted signatures do not depend on
/// the secrets. Whether an attempt is rejected, and by which polynomial, does not depend on the secrets either.
/// </remarks>
internal sealed class SigningKey
{
    private readonly byte[] _k = Secret.Allocate<byte>(ParameterSet.SeedBytes);
    private readonly int[] _s1;
    private readonly int[] _s2;
    private readonly int[] _t0;

    /// <summary>Creates a key from its parts. Copies them.</summary>
    /// <param name="verification">The public key.</param>
    /// <param name="k">The standard's K.</param>
    /// <param name="secrets">The polynomials of s1 and s2.</param>
    /// <param name="t0">The lower parts of t.</param>
    public SigningKey(VerificationKey verification, ReadOnlySpan<byte> k, ReadOnlySpan<int> secrets, ReadOnlySpan<int> t0)
    {
        ParameterSet parameters = verification.Parameters;
        Verification = verification;
        k.CopyTo(_k);
        _s1 = Transformed(secrets[..(parameters.L * Field.N)]);
        _s2 = Transformed(secrets[(parameters.L * Field.N)..]);
        _t0 = Transformed(t0);
    }

    /// <summary>The public key.</summary>
    public VerificationKey Verification { get; }

    private PolynomialArithmetic Arithmetic => Verification.Arithmetic;

    /// <summary>Signs (FIPS 204, algorithm 7).</summary>
    /// <param name="mu">The message representative μ, 64 bytes.</param>
    /// <param name="random">32 random bytes that hedge the signature; zeroes make it deterministic.</param>
    /// <param name="signature">Receives the signature.</param>
    public void Sign(ReadOnlySpan<byte> mu, ReadOnlySpan<byte> random, Span<byte> signature)
    {
        Workspace workspace = Workspace.Rent();
        Span<byte> seed = stackalloc byte[ParameterSet.HashBytes + 2];
        KeccakSponge sponge = KeccakSponge.Shake256();
        sponge.Absorb(_k);
        sponge.Absorb(random);
        sponge.Absorb(mu);
        sponge.Squeeze(seed[..ParameterSet.HashBytes]);
        sponge.Clear();
        int attempt = 0;
        while (!TrySign(mu, seed, attempt, workspace, signature))
        {
            attempt += Verification.Parameters.L;
        }

        Secret.Clear(seed);
        workspace.Clear();
        workspace.Return();
    }

    /// <summary>Overwrites the secrets.</summary>
    public void Clear()
    {
        Secret.Clear<byte>(_k);
        Secret.Clear<int>(_s1);
        Secret.Clear<int>(_s2);
        Secret.Clear<int>(_t0);
    }

    // Makes one attempt. The lower parts are checked first, because they reject most often.
    private bool TrySign(ReadOnlySpan<byte> mu, Span<byte> seed, int first, Workspace workspace, Span<byte> signature)
    {
        ParameterSet parameters = Verification.Parameters;
        Span<int> masks = workspace.Masks[..(parameters.L * Field.N)];
        MaskSampling.Sample(parameters, seed, first, workspace.State, workspace.Sampled, masks);
        Commit(masks, workspace);
        Span<byte> hash = signature[..parameters.ChallengeBytes];
        CommitmentHash.Compute(parameters, mu, workspace, hash);
        ChallengeSampling.Sample(parameters, hash, workspace.Challenge);
        Arithmetic.Forward(workspace.Challenge);
        if (!LowPartsAreSmall(workspace) || !RespondWithin(masks, workspace)
            || !TryHint(workspace, signature[^(parameters.Omega + parameters.K)..]))
        {
            return false;
        }

        for (int j = 0; j < parameters.L; j++)
        {
            ResponseEncoding.Encode(parameters, masks.Slice(j * Field.N, Field.N),
                signature[(parameters.ChallengeBytes + (j * parameters.ResponseBytes))..]);
        }

        return true;
    }

    // Computes w = A * y and decomposes it into upper and lower parts.
    private void Commit(ReadOnlySpan<int> masks, Workspace workspace)
    {
        ParameterSet parameters = Verification.Parameters;
        Span<int> transformed = workspace.Transformed[..masks.Length];
        masks.CopyTo(transformed);
        Arithmetic.Forward(transformed);
        for (int i = 0; i < parameters.K; i++)
        {
            Span<int> w = workspace.Low.Slice(i * Field.N, Field.N);
            Arithmetic.Sum(Verification.Matrix.Slice(i * masks.Length, masks.Length), transformed, w);
            Arithmetic.Inverse(w);
            Arithmetic.Decompose(parameters, w, workspace.High.Slice(i * Field.N, Field.N));
        }
    }

    private bool LowPartsAreSmall(Workspace workspace)
    {
        ParameterSet parameters = Verification.Parameters;
        for (int i = 0; i < parameters.K; i++)
        {
            Multiply(_s2, i, workspace);
            if (!Arithmetic.SubtractWithin(workspace.Low.Slice(i * Field.N, Field.N), workspace.Product,
                parameters.Gamma2 - parameters.Beta - 1))
            {
                return false;
            }
        }

        return true;
    }

    // Turns the masks into the response.
    private bool RespondWithin(Span<int> masks, Workspace workspace)
    {
        ParameterSet parameters = Verification.Parameters;
        for (int j = 0; j < parameters.L; j++)
        {
            Multiply(_s1, j, workspace);
            if (!Arithmetic.AddWithin(masks.Slice(j * Field.N, Field.N), workspace.Product, parameters.Gamma1 - parameters.Beta - 1))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryHint(Workspace workspace, Span<byte> encoded)
    {
        ParameterSet parameters = Verification.Parameters;
        for (int i = 0; i < parameters.K; i++)
        {
            Span<int> low = workspace.Low.Slice(i * Field.N, Field.N);
            Span<byte> hints = workspace.Hints.Slice(i * Field.N, Field.N);
            Multiply(_t0, i, workspace);
            Span<int> product = workspace.Product;
            Arithmetic.Center(product);
            if (!Arithmetic.IsWithin(product, parameters.Gamma2 - 1))
            {
                return false;
            }

            Arithmetic.AddWithin(low, product, int.MaxValue);
            Arithmetic.Carries(parameters.Gamma2, low, hints);
            HintEncoding.Decide(hints, workspace.High.Slice(i * Field.N, Field.N));
        }

        return HintEncoding.TryEncode(parameters, workspace.Hints[..(parameters.K * Field.N)], encoded);
    }

    // Multiplies the challenge by a secret polynomial.
    private void Multiply(ReadOnlySpan<int> vector, int number, Workspace workspace)
    {
        Arithmetic.Multiply(workspace.Challenge, vector.Slice(number * Field.N, Field.N), workspace.Product);
        Arithmetic.Inverse(workspace.Product);
    }

    private int[] Transformed(ReadOnlySpan<int> vector)
    {
        int[] transformed = Secret.Allocate<int>(vector.Length);
        vector.CopyTo(transformed);
        Arithmetic.Forward(transformed);
        Arithmetic.Center(transformed);
        return transformed;
    }
}
