using System.Security.Cryptography;
using Estream.Crypto.Internal;
using Estream.Crypto.Internal.OpenSsl;

namespace Estream.Crypto;

/// <summary>A private key of Ed25519 (RFC 8032): makes signatures that <see cref="Ed25519PublicKey"/> verifies.</summary>
/// <remarks>
/// Thread-safe. The key lies in memory of the system's OpenSSL alone, which overwrites it when this is disposed and the last call that uses
/// it has ended. Signatures are deterministic: the same data have the same one.
/// </remarks>
public sealed class Ed25519PrivateKey : ISigner
{
    private const int MaxFileBytes = 4 << 10;

    private readonly KeyHandle _key;

    private Ed25519PrivateKey(ReadOnlySpan<byte> seed)
    {
        _key = EvpEd25519.ImportSeed(seed);
        PublicKey = new Ed25519PublicKey(EvpEd25519.PublicKeyOf(_key));
    }

    /// <summary>The key that others are given. Stays usable when this one is disposed.</summary>
    public Ed25519PublicKey PublicKey { get; }

    /// <inheritdoc/>
    public string Algorithm => Ed25519.Name;

    /// <inheritdoc/>
    public int SignatureSize => Ed25519.SignatureBytes;

    /// <inheritdoc/>
    IVerifier ISigner.Verifier => PublicKey;

    // PrivateKeyInfo of RFC 8410 up to the seed: it has one length only, so DER has one encoding.
    private static ReadOnlySpan<byte> InfoPrefix =>
        [0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

    /// <summary>Makes a new key from the system's randomness.</summary>
    /// <exception cref="PlatformNotSupportedException">The system has no OpenSSL that computes it
    /// (<see cref="Ed25519.IsSupported"/>).</exception>
    public static Ed25519PrivateKey Generate()
    {
        Span<byte> seed = stackalloc byte[Ed25519.SeedBytes];
        RandomNumberGenerator.Fill(seed);
        try
        {
            return new Ed25519PrivateKey(seed);
        }
        finally
        {
            Secret.Clear(seed);
        }
    }

    /// <summary>Makes the key of a seed: the form to store it in.</summary>
    /// <param name="seed"><see cref="Ed25519.SeedBytes"/> bytes nobody can guess. Copied; the caller clears its own.</param>
    /// <exception cref="EstreamInvalidKeyException">It has another length (<see cref="KeyFault.Length"/>).</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no OpenSSL that computes it.</exception>
    public static Ed25519PrivateKey ImportSeed(ReadOnlySpan<byte> seed)
    {
        KeyCheck.Length(seed, Ed25519.SeedBytes, Ed25519.Name, "seed");
        return new Ed25519PrivateKey(seed);
    }

    /// <summary>Writes the seed, from which <see cref="ImportSeed"/> makes this key again.</summary>
    /// <param name="destination">Exactly <see cref="Ed25519.SeedBytes"/> bytes, which the caller clears.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void ExportSeed(Span<byte> destination)
    {
        KeyCheck.Argument(destination.Length, Ed25519.SeedBytes, nameof(destination));
        EvpEd25519.ExportSeed(_key, destination);
    }

    /// <inheritdoc/>
    /// <remarks>Ed25519 has no contexts: one that is not empty is an <see cref="ArgumentException"/>.</remarks>
    public void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature)
    {
        if (!context.IsEmpty)
        {
            throw new ArgumentException(
                $"The context has {context.Length} bytes; {Ed25519.Name} has none. Put what it is for in front of the data, or sign with "
                + $"{MlDsa87.Name}.", nameof(context));
        }

        KeyCheck.Argument(signature.Length, Ed25519.SignatureBytes, nameof(signature));
        EvpEd25519.Sign(_key, data, signature);
    }

    /// <summary>Reads a key in its ASN.1 structure (RFC 8410, the form with the seed alone, which OpenSSL writes).</summary>
    /// <param name="info">A PKCS#8 private key in DER, not encrypted. Copied; the caller clears its own.</param>
    /// <exception cref="EstreamInvalidKeyException">It is no such structure (<see cref="KeyFault.Encoding"/>).</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no OpenSSL that computes it.</exception>
    public static Ed25519PrivateKey ImportPkcs8PrivateKey(ReadOnlySpan<byte> info)
    {
        if (info.Length != Ed25519.Pkcs8PrivateKeyBytes || !info.StartsWith(InfoPrefix))
        {
            KeyCheck.ThrowEncoding(Ed25519.Name, "PKCS#8 private key (DER)");
        }

        return new Ed25519PrivateKey(info[InfoPrefix.Length..]);
    }

    /// <summary>Writes the key in its ASN.1 structure.</summary>
    /// <param name="destination">Exactly <see cref="Ed25519.Pkcs8PrivateKeyBytes"/> bytes, which the caller clears.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void ExportPkcs8PrivateKey(Span<byte> destination)
    {
        KeyCheck.Argument(destination.Length, Ed25519.Pkcs8PrivateKeyBytes, nameof(destination));
        EvpEd25519.ExportSeed(_key, destination[InfoPrefix.Length..]);
        InfoPrefix.CopyTo(destination);
    }

    /// <summary>Reads a key file: PKCS#8 in PEM, not encrypted, as <see cref="Save"/> and OpenSSL write it.</summary>
    /// <param name="path">Its path. Only its owner may be able to use it.</param>
    /// <exception cref="EstreamInvalidKeyException">It holds no such key.</exception>
    /// <exception cref="Estream.Core.EstreamStorageException">It cannot be read, or others than its owner may use it.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no OpenSSL that computes it.</exception>
    public static Ed25519PrivateKey Load(string path) => KeyFile.LoadPrivate(path, MaxFileBytes, ImportPem);

    /// <summary>Reads the content of a key file, as <see cref="Load"/> does.</summary>
    /// <param name="text">PKCS#8 in PEM. The caller clears it.</param>
    /// <exception cref="EstreamInvalidKeyException">It holds no such key.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no OpenSSL that computes it.</exception>
    public static Ed25519PrivateKey ImportPem(ReadOnlySpan<byte> text) =>
        KeyFile.ImportPrivatePem(text, Ed25519.Name, Ed25519.Pkcs8PrivateKeyBytes, ImportPkcs8PrivateKey);

    /// <summary>Makes a key file that only its owner may use: PKCS#8 in PEM, not encrypted.</summary>
    /// <param name="path">Its path, where nothing is yet.</param>
    /// <exception cref="Estream.Core.EstreamStorageException">It is there already, or cannot be made.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void Save(string path) => KeyFile.SavePrivate(path, Ed25519.Pkcs8PrivateKeyBytes, ExportPkcs8PrivateKey);

    /// <summary>Overwrites the key once nobody uses it any more. Idempotent.</summary>
    public void Dispose() => _key.Dispose();
}
