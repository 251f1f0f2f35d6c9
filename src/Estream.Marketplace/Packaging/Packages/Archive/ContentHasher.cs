using System.Security.Cryptography;
using Estream.Crypto;
using Estream.Marketplace.Hashing;

namespace Estream.Marketplace.Packages;

/// <summary>Both hashes of contents that come in pieces, one content after the other. One thread at a time.</summary>
internal sealed class ContentHasher : IDisposable
{
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Sha3Hasher _sha3 = new();
    private readonly byte[] _hashes = new byte[2 * Rfc9162.HashBytes];

    /// <summary>SHA-256 of the content that was finished last.</summary>
    public ReadOnlySpan<byte> Sha256 => _hashes.AsSpan(0, Rfc9162.HashBytes);

    /// <summary>SHA3-256 of it.</summary>
    public ReadOnlySpan<byte> Sha3 => _hashes.AsSpan(Rfc9162.HashBytes);

    public void Append(ReadOnlySpan<byte> data)
    {
        _sha256.AppendData(data);
        _sha3.Append(data);
    }

    /// <summary>Ends a content, and begins the next.</summary>
    public void Finish()
    {
        _ = _sha256.GetHashAndReset(_hashes);
        _sha3.GetHashAndReset(_hashes.AsSpan(Rfc9162.HashBytes));
    }

    public void Dispose() => _sha256.Dispose();
}
