using System.Security.Cryptography;
using Estream.Crypto.Internal;
using Estream.Crypto.Internal.Edwards;
using Estream.Crypto.Internal.Vrf;

namespace Estream.Crypto;

/// <summary>A private key of <see cref="Ecvrf"/>: computes outputs and their proofs.</summary>
/// <remarks>Thread-safe. Operations on the secret take the same steps for all keys. The key is overwritten when this object is
/// disposed; dispose it after the last call has ended. Proofs are deterministic.</remarks>
public sealed class EcvrfPrivateKey : IDisposable
{
    private const int HashBytes = SHA512.HashSizeInBytes;

    // The seed, the secret scalar, and the second half of the hash of the seed, from which nonces are derived.
    private readonly byte[] _secret = Secret.Allocate<byte>(Ecvrf.SeedBytes + HashBytes);
    private bool _disposed;

    private EcvrfPrivateKey(ReadOnlySpan<byte> seed, EcvrfSuite suite)
    {
        seed.CopyTo(_secret);
        Span<byte> hash = _secret.AsSpan(Ecvrf.SeedBytes);
        _ = SHA512.HashData(seed, hash);
        hash[0] &= 0xF8;
        hash[31] = (byte)((hash[31] & 0x7F) | 0x40);
        Span<byte> encoded = stackalloc byte[Ecvrf.PublicKeyBytes];
        EdwardsPoint.Generator.Multiply(Scalar).Encode(encoded);
        PublicKey = EcvrfPublicKey.Import(encoded, suite);
    }

    /// <summary>The public key that belongs to this private key. It stays usable after the private key is disposed.</summary>
    public EcvrfPublicKey PublicKey { get; }

    private ReadOnlySpan<byte> Scalar => _secret.AsSpan(Ecvrf.SeedBytes, EdwardsScalar.Bytes);

    private ReadOnlySpan<byte> NoncePrefix => _secret.AsSpan(Ecvrf.SeedBytes + EdwardsScalar.Bytes);

    /// <summary>Generates a new key with the system's random number generator.</summary>
    /// <param name="suite">The cipher suite. Use a key with one suite only.</param>
    /// <exception cref="ArgumentOutOfRangeException">The suite is unknown.</exception>
    public static EcvrfPrivateKey Generate(EcvrfSuite suite = EcvrfSuite.TryAndIncrement)
    {
        Span<byte> seed = stackalloc byte[Ecvrf.SeedBytes];
        RandomNumberGenerator.Fill(seed);
        try
        {
            return new EcvrfPrivateKey(seed, suite);
        }
        finally
        {
            Secret.Clear(seed);
        }
    }

    /// <summary>Creates the key that belongs to a seed. Store the seed to store the key.</summary>
    /// <param name="seed"><see cref="Ecvrf.SeedBytes"/> unpredictable bytes. Copied; the caller clears its own copy.</param>
    /// <param name="suite">The cipher suite. Use a key with one suite only.</param>
    /// <exception cref="EstreamInvalidKeyException">The seed has the wrong length (<see cref="KeyFault.Length"/>).</exception>
    /// <exception cref="ArgumentOutOfRangeException">The suite is unknown.</exception>
    public static EcvrfPrivateKey ImportSeed(ReadOnlySpan<byte> seed, EcvrfSuite suite = EcvrfSuite.TryAndIncrement)
    {
        KeyCheck.Length(seed, Ecvrf.SeedBytes, Ecvrf.NameOf(suite), "seed");
        return new EcvrfPrivateKey(seed, suite);
    }

    /// <summary>Writes the seed, from which <see cref="ImportSeed"/> with the same suite recreates this key.</summary>
    /// <param name="destination">Receives the seed: exactly <see cref="Ecvrf.SeedBytes"/> bytes. The caller clears it.</param>
    /// <exception cref="ArgumentException">The destination has the wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void ExportSeed(Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        KeyCheck.Argument(destination.Length, Ecvrf.SeedBytes, nameof(destination));
        _secret.AsSpan(0, Ecvrf.SeedBytes).CopyTo(destination);
    }

    /// <summary>Computes the output for an input, with its proof. Takes about half a millisecond.</summary>
    /// <param name="input">The input (alpha_string), of any length. Must be public for <see cref="EcvrfSuite.TryAndIncrement"/>: the time
    /// depends on the input. For <see cref="EcvrfSuite.Elligator2"/> the time depends only on the length of the input.</param>
    /// <param name="proof">Receives the proof (pi_string): exactly <see cref="Ecvrf.ProofBytes"/> bytes.</param>
    /// <param name="output">Receives the output (beta_string): exactly <see cref="Ecvrf.OutputBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">A destination has the wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    /// <exception cref="CryptographicException">None of 256 candidates for the point of the input is on the curve
    /// (<see cref="EcvrfSuite.TryAndIncrement"/> only). The probability is about 2^-256.</exception>
    public void Prove(ReadOnlySpan<byte> input, Span<byte> proof, Span<byte> output)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        KeyCheck.Argument(proof.Length, Ecvrf.ProofBytes, nameof(proof));
        KeyCheck.Argument(output.Length, Ecvrf.OutputBytes, nameof(output));
        ReadOnlySpan<byte> encoded = PublicKey.Encoded.Span;
        EcvrfSuite suite = PublicKey.Suite;
        if (!EcvrfHash.TryEncodeToCurve(suite, encoded, input, out EdwardsPoint h))
        {
            throw new CryptographicException("No point of the curve was found for the input. Use another input.");
        }

        EdwardsPoint gamma = h.Multiply(Scalar);
        Span<byte> nonce = stackalloc byte[EdwardsScalar.Bytes];
        Span<byte> challenge = stackalloc byte[EdwardsScalar.Bytes];
        challenge.Clear();
        EcvrfHash.Nonce(NoncePrefix, h, nonce);
        EcvrfHash.Challenge(
            suite,
            encoded,
            h,
            gamma,
            EdwardsPoint.Generator.Multiply(nonce),
            h.Multiply(nonce),
            challenge[..EcvrfProof.ChallengeBytes]);
        gamma.Encode(proof);
        challenge[..EcvrfProof.ChallengeBytes].CopyTo(proof[EdwardsPoint.Bytes..]);
        EdwardsScalar.MultiplyAdd(nonce, challenge, Scalar, proof[(EdwardsPoint.Bytes + EcvrfProof.ChallengeBytes)..]);
        EcvrfHash.Output(suite, gamma, output);
        Secret.Clear(nonce);
    }

    /// <summary>Overwrites the key. Idempotent.</summary>
    public void Dispose()
    {
        _disposed = true;
        Secret.Clear(_secret.AsSpan());
    }
}
