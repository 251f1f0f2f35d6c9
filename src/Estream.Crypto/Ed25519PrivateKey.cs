using System.Security.Cryptography;
using Estream.Crypto.Internal;
using Estream.Crypto.Internal.OpenSsl;

namespace Estream.Crypto;

/// <summary>A private key of Ed25519 (RFC 8032): creates signatures that <see cref="Ed25519PublicKey"/> verifies.</summary>
/// <remarks>
/// Thread-safe. Only the system's OpenSSL holds the key in memory. It overwrites the key after this object is disposed and the last call
/// that uses the key has ended. Signatures are deterministic: signing the same data again gives the same signature.
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

    /// <summary>The public key that belongs to this private key. It stays usable after the private key is disposed.</summary>
    public Ed25519PublicKey PublicKey { get; }

    /// <inheritdoc/>
    public string Algorithm => Ed25519.Name;

    /// <inheritdoc/>
    public int SignatureSize => Ed25519.SignatureBytes;

    /// <inheritdoc/>
    IVerifier ISigner.Verifier => PublicKey;

    // PrivateKeyInfo of RFC 8410 up to the seed. Its length is fixed, so DER allows a single encoding.
    private static ReadOnlySpan<byte> InfoPrefix =>
        [0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

    /// <summary>Generates a new key with the system's random number generator.</summary>
    /// <exception cref="PlatformNotSupportedException">The system has no OpenSSL that supports Ed25519
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

    /// <summary>Creates the key that belongs to a seed. Store the seed to store the key.</summary>
    /// <param name="seed"><see cref="Ed25519.SeedBytes"/> unpredictable bytes. Copied; the caller clears its own copy.</param>
    /// <exception cref="EstreamInvalidKeyException">The seed has the wrong length (<see cref="KeyFault.Length"/>).</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no OpenSSL that supports Ed25519.</exception>
    public static Ed25519PrivateKey ImportSeed(ReadOnlySpan<byte> seed)
    {
        KeyCheck.Length(seed, Ed25519.SeedBytes, Ed25519.Name, "seed");
        return new Ed25519PrivateKey(seed);
    }

    /// <summary>Writes the seed, from which <see cref="ImportSeed"/> recreates this key.</summary>
    /// <param name="destination">Receives the seed: exactly <see cref="Ed25519.SeedBytes"/> bytes. The caller clears it.</param>
    /// <exception cref="ArgumentException">The destination has the wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void ExportSeed(Span<byte> destination)
    {
        KeyCheck.Argument(destination.Length, Ed25519.SeedBytes, nameof(destination));
        EvpEd25519.ExportSeed(_key, destination);
    }

    /// <inheritdoc/>
    /// <remarks>Ed25519 has no contexts: a non-empty context throws <see cref="ArgumentException"/>.</remarks>
    public void Sign(ReadOnlySpan<byte> data, ReadOnlySpan<byte> context, Span<byte> signature)
    {
        if (!context.IsEmpty)
        {
            throw new ArgumentException(
                $"The context has {context.Length} bytes; {Ed25519.Name} supports no context. Prepend the context to the data, or sign "
                + $"with {MlDsa87.Name}.", nameof(context));
        }

        KeyCheck.Argument(signature.Length, Ed25519.SignatureBytes, nameof(signature));
        EvpEd25519.Sign(_key, data, signature);
    }

    /// <summary>Reads a key from its ASN.1 structure (RFC 8410, the form with only the seed, which OpenSSL writes).</summary>
    /// <param name="info">An unencrypted PKCS#8 private key in DER. Copied; the caller clears its own copy.</param>
    /// <exception cref="EstreamInvalidKeyException">The bytes are not such a structure (<see cref="KeyFault.Encoding"/>).</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no OpenSSL that supports Ed25519.</exception>
    public static Ed25519PrivateKey ImportPkcs8PrivateKey(ReadOnlySpan<byte> info)
    {
        if (info.Length != Ed25519.Pkcs8PrivateKeyBytes || !info.StartsWith(InfoPrefix))
        {
            KeyCheck.ThrowEncoding(Ed25519.Name, "PKCS#8 private key (DER)");
        }

        return new Ed25519PrivateKey(info[InfoPrefix.Length..]);
    }

    /// <summary>Writes the key in its ASN.1 structure.</summary>
    /// <param name="destination">Receives the structure: exactly <see cref="Ed25519.Pkcs8PrivateKeyBytes"/> bytes. The caller clears
    /// it.</param>
    /// <exception cref="ArgumentException">The destination has the wrong length.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void ExportPkcs8PrivateKey(Span<byte> destination)
    {
        KeyCheck.Argument(destination.Length, Ed25519.Pkcs8PrivateKeyBytes, nameof(destination));
        EvpEd25519.ExportSeed(_key, destination[InfoPrefix.Length..]);
        InfoPrefix.CopyTo(destination);
    }

    /// <summary>Reads a key file: unencrypted PKCS#8 in PEM, as written by <see cref="Save"/> and OpenSSL.</summary>
    /// <param name="path">The path of the file. Only its owner may have access.</param>
    /// <exception cref="EstreamInvalidKeyException">The file does not contain an Ed25519 private key.</exception>
    /// <exception cref="Estream.Core.EstreamStorageException">The file cannot be read, or users other than its owner have
    /// access.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no OpenSSL that supports Ed25519.</exception>
    public static Ed25519PrivateKey Load(string path) => KeyFile.LoadPrivate(path, MaxFileBytes, ImportPem);

    /// <summary>Reads the content of a key file, in the format of <see cref="Load"/>.</summary>
    /// <param name="text">Unencrypted PKCS#8 in PEM. The caller clears it.</param>
    /// <exception cref="EstreamInvalidKeyException">The text does not contain an Ed25519 private key.</exception>
    /// <exception cref="PlatformNotSupportedException">The system has no OpenSSL that supports Ed25519.</exception>
    public static Ed25519PrivateKey ImportPem(ReadOnlySpan<byte> text) =>
        KeyFile.ImportPrivatePem(text, Ed25519.Name, Ed25519.Pkcs8PrivateKeyBytes, ImportPkcs8PrivateKey);

    /// <summary>Creates a key file that only its owner can access: unencrypted PKCS#8 in PEM.</summary>
    /// <param name="path">The path of the new file. No file may exist there.</param>
    /// <exception cref="Estream.Core.EstreamStorageException">The file exists already, or cannot be created.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    public void Save(string path) => KeyFile.SavePrivate(path, Ed25519.Pkcs8PrivateKeyBytes, ExportPkcs8PrivateKey);

    /// <summary>Releases the key; OpenSSL overwrites it when the last call that uses it has ended. Idempotent.</summary>
    public void Dispose() => _key.Dispose();
}
