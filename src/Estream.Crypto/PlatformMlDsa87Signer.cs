using System.Security.Cryptography;
using Estream.Crypto.Internal;

namespace Estream.Crypto;

/// <summary>ML-DSA-87 by <see cref="MLDsa"/> of .NET, which the platform's own library computes: for those whose rules ask for that
/// library. Keys and signatures are those of <see cref="MlDsa87PrivateKey"/>.</summary>
/// <remarks>
/// Thread-safe, one signature at a time. With OpenSSL 3.5 a signature takes some 800 microseconds, many times as long as one of
/// <see cref="MlDsa87PrivateKey"/>. Nothing falls back: where the platform has not the algorithm, there is no such signer.
/// </remarks>
public sealed class PlatformMlDsa87Signer : ISigner
{
    // What .NET says of its keys does not promise that two threads may use one.
    private readonly Lock _gate = new();
    private readonly MLDsa _key;
    private readonly PlatformMlDsa87Verifier _verifier;

    private PlatformMlDsa87Signer(MLDsa key)
    {
        _key = key;
        _verifier = PlatformMlDsa87Verifier.Import(key.ExportMLDsaPublicKey());
    }

    /// <summary>Whether this platform has the algorithm: OpenSSL 3.5 or newer, or a Windows that has it.</summary>
    public static bool IsSupported => MLDsa.IsSupported;

    /// <inheritdoc/>
    public string Algorithm => MlDsa87.Name;

    /// <inheritdoc/>
    public IVerifier Verifier => _verifier;

    /// <inheritdoc/>
    public int SignatureSize => MlDsa87.SignatureBytes;

    /// <summary>Makes the signer of a seed.</summary>
    /// <param name="seed">The standard's ξ, <see cref="MlDsa87.SeedBytes"/> bytes. Copied; the caller clears its own.</param>
    /// <exception cref="EstreamInvalidKeyException">It has another length (<see cref="KeyFault.Length"/>).</exception>
    /// <exception cref="PlatformNotSupportedException">The platform has not the algorithm (<see cref="IsSupported"/>).</exception>
    public static PlatformMlDsa87Signer ImportSeed(ReadOnlySpan<byte> seed)
    {
        KeyCheck.Length(seed, MlDsa87.SeedBytes, MlDsa87.Name, "seed");
        Require();
        return new PlatformMlDsa87Signer(MLDsa.ImportMLDsaPrivateSeed(MLDsaAlgorithm.MLDsa87, seed));
    }

    /// <summary>Makes the signer of a key that is there, from a file, say.</summary>
    /// <param name="key">The key, which stays its owner's.</param>
    /// <exception cref="PlatformNotSupportedException">The platform has not the algorithm (<see cref="IsSupported"/>).</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public static PlatformMlDsa87Signer Of(MlDsa87PrivateKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Require();
        byte[] secret = Secret.Allocate<byte>(key.HasSeed ? MlDsa87.SeedBytes : MlDsa87.PrivateKeyBytes);
        try
        {
            if (key.HasSeed)
            {
                key.ExportSeed(secret);
                return new PlatformMlDsa87Signer(MLDsa.ImportMLDsaPrivateSeed(MLDsaAlgorithm.MLDsa87, secret));
            }

            key.Export(secret);
            return new PlatformMlDsa87Signer(MLDsa.ImportMLDsaPrivateKey(MLDsaAlgorithm.MLDsa87, secret));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Hedged or not, as the platform's library is set up: OpenSSL hedges.</remarks>
    public void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature)
    {
        KeyCheck.Context(context.Length, MlDsa87.MaxContextBytes, nameof(context));
        KeyCheck.Argument(signature.Length, MlDsa87.SignatureBytes, nameof(signature));
        lock (_gate)
        {
            _key.SignData(data, signature, context);
        }
    }

    /// <summary>Gives the key back to the platform, which overwrites it. Idempotent.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _key.Dispose();
        }
    }

    /// <summary>Demands that the platform has the algorithm.</summary>
    internal static void Require()
    {
        if (!IsSupported)
        {
            throw new PlatformNotSupportedException(
                $"This platform's library has no {MlDsa87.Name}: .NET takes it from OpenSSL 3.5 or newer (Debian 13), or from Windows. "
                + $"Install that, or sign with {nameof(MlDsa87PrivateKey)}, which needs nothing of the platform.");
        }
    }
}
