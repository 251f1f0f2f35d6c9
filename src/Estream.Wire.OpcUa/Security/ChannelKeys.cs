using System.Security.Cryptography;

namespace Estream.Wire.OpcUa.Security;

/// <summary>The keys of one direction of a secure channel (Part 6, 6.7.5), ready to protect or open chunks. One thread at a time.</summary>
internal sealed class ChannelKeys : IDisposable
{
    public const int BlockBytes = 16;
    public const int SignatureBytes = 32;

    private readonly IncrementalHash _hmac;
    private readonly Aes _aes;
    private readonly ICryptoTransform _encrypt;
    private readonly ICryptoTransform _decrypt;

    /// <summary>Derives the keys of a direction with P_SHA256.</summary>
    /// <param name="algorithms">The policy.</param>
    /// <param name="secret">The nonce of the receiver.</param>
    /// <param name="seed">The nonce of the sender.</param>
    public ChannelKeys(PolicyAlgorithms algorithms, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> seed)
    {
        Span<byte> derived = stackalloc byte[SignatureBytes + algorithms.EncryptionKeyBytes + BlockBytes];
        Derive(secret, seed, derived);
        _hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, derived[..SignatureBytes]);
        _aes = Aes.Create();
        _aes.Mode = CipherMode.CBC;
        _aes.Padding = PaddingMode.None;
        _aes.SetKey(derived.Slice(SignatureBytes, algorithms.EncryptionKeyBytes));
        byte[] vector = derived[^BlockBytes..].ToArray();
        _aes.IV = vector;
        _encrypt = _aes.CreateEncryptor();
        _decrypt = _aes.CreateDecryptor();
        CryptographicOperations.ZeroMemory(derived);
    }

    /// <summary>Fills a span with P_SHA256 of RFC 5246, section 5.</summary>
    public static void Derive(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> seed, Span<byte> destination)
    {
        byte[] input = new byte[SignatureBytes + seed.Length];
        seed.CopyTo(input.AsSpan(SignatureBytes));
        Span<byte> block = stackalloc byte[SignatureBytes];
        HMACSHA256.HashData(secret, seed, input);
        while (true)
        {
            HMACSHA256.HashData(secret, input, block);
            int length = Math.Min(block.Length, destination.Length);
            block[..length].CopyTo(destination);
            destination = destination[length..];
            if (destination.IsEmpty)
            {
                break;
            }

            HMACSHA256.HashData(secret, input.AsSpan(0, SignatureBytes), block);
            block.CopyTo(input);
        }

        CryptographicOperations.ZeroMemory(input);
        CryptographicOperations.ZeroMemory(block);
    }

    public void Sign(ReadOnlySpan<byte> bytes, Span<byte> signature)
    {
        _hmac.AppendData(bytes);
        _hmac.GetHashAndReset(signature);
    }

    public bool Verify(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature)
    {
        Span<byte> expected = stackalloc byte[SignatureBytes];
        Sign(bytes, expected);
        return CryptographicOperations.FixedTimeEquals(expected, signature);
    }

    /// <summary>Encrypts in place; the length is a multiple of the block.</summary>
    public void Encrypt(byte[] buffer, int offset, int length) => Transform(_encrypt, buffer, offset, length);

    /// <summary>Decrypts in place; the length is a multiple of the block.</summary>
    public void Decrypt(byte[] buffer, int offset, int length) => Transform(_decrypt, buffer, offset, length);

    public void Dispose()
    {
        _encrypt.Dispose();
        _decrypt.Dispose();
        _aes.Dispose();
        _hmac.Dispose();
    }

    private static void Transform(ICryptoTransform transform, byte[] buffer, int offset, int length)
    {
        transform.TransformBlock(buffer, offset, length, buffer, offset);

        // Each chunk begins with the same vector (Part 6, 6.7.5). The final block of no bytes resets the transform.
        transform.TransformFinalBlock(buffer, 0, 0);
    }
}
