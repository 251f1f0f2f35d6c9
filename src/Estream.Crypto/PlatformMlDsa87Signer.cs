using System.Security.Cryptography;
using Estream.Crypto.Internal;

namespace Estream.Crypto;

/// <summary>Signs with ML-DSA-87 through .NET's <see cref="MLDsa"/>, computed by the platform's own library, for users whose rules require
/// that library. Keys and signatures are compatible with <see cref="MlDsa87PrivateKey"/>.</summary>
/// <remarks>
/// Thread-safe; makes one signature at a time. With OpenSSL 3.5 a signature takes about 800 microseconds, many times as long as with
/// <see cref="MlDsa87PrivateKey"/>. There is no fallback: if the platform lacks the algorithm, creating a signer throws.
/// </remarks>
public sealed class PlatformMlDsa87Signer : ISigner
{
    // .NET does not document the keys of MLDsa as thread-safe.
    private readonly Lock _gate = new();
    private readonly MLDsa _key;
    private readonly PlatformMlDsa87Verifier _verifier;

    private PlatformMlDsa87Signer(MLDsa key)
    {
        _key = key;
        _verifier = PlatformMlDsa87Verifier.Import(key.ExportMLDsaPublicKey());
    }

    /// <summary>Whether this platform supports the algorithm: OpenSSL 3.5 or newer, or a version of Windows that supports it.</summary>
    public static bool IsSupported => MLDsa.IsSupported;

    /// <inheritdoc/>
    public string Algorithm => MlDsa87.Name;

    /// <inheritdoc/>
    public IVerifier Verifier => _verifier;

    /// <inheritdoc/>
    public int SignatureSize => MlDsa87.SignatureBytes;

    /// <summary>Creates a signer from a seed.</summary>
    /// <param name="seed">The standard's ξ: <see cref="MlDsa87.SeedBytes"/> bytes. Copied; the caller clears its own copy.</param>
    /// <exception cref="EstreamInvalidKeyException">The seed has the wrong length (<see cref="KeyFault.Length"/>).</exception>
    /// <exception cref="PlatformNotSupportedException">The platform does not support the algorithm (<see cref="IsSupported"/>).</exception>
    public static PlatformMlDsa87Signer ImportSeed(ReadOnlySpan<byte> seed)
    {
        KeyCheck.Length(seed, MlDsa87.SeedBytes, MlDsa87.Name, "seed");
        Require();
        return new PlatformMlDsa87Signer(MLDsa.ImportMLDsaPrivateSeed(MLDsaAlgorithm.MLDsa87, seed));
    }

    /// <summary>Creates a signer from an existing key, for example one loaded from a file.</summary>
    /// <param name="key">The key. The caller keeps ownership and disposes it.</param>
    /// <exception cref="PlatformNotSupportedException">The platform does not support the algorithm (<see cref="IsSupported"/>).</exception>
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
    /// <remarks>The platform's library decides whether the signature is hedged; OpenSSL hedges.</remarks>
    public void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature)
    {
        KeyCheck.Context(context.Length, MlDsa87.MaxContextBytes, nameof(context));
        KeyCheck.Argument(signature.Length, MlDsa87.SignatureBytes, nameof(signature));
        lock (_gate)
        {
            _key.SignData(data, signature, context);
        }
    }

    /// <summary>Disposes the platform's key, which overwrites it. Idempotent.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _key.Dispose();
        }
    }

    /// <summary>Throws if the platform does not support the algorithm.</summary>
    internal static void Require()
    {
        if (!IsSupported)
        {
            throw new PlatformNotSupportedException(
                $"This platform does not support {MlDsa87.Name}: .NET needs OpenSSL 3.5 or newer (Debian 13), or Windows with support. "
                + $"Install it, or sign with {nameof(MlDsa87PrivateKey)}, which does not depend on the platform.");
        }
    }
}
