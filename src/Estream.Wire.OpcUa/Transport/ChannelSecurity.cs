using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Estream.Wire.OpcUa.Transport;

/// <summary>How a secure channel is protected. Immutable; the owner disposes the certificates.</summary>
/// <param name="Algorithms">The policy.</param>
/// <param name="Mode">The mode.</param>
/// <param name="Own">The certificate of the client with its key; null without security.</param>
/// <param name="Server">The certificate of the server, which was checked; null without security.</param>
internal sealed record ChannelSecurity(
    PolicyAlgorithms Algorithms, UaSecurityMode Mode, X509Certificate2? Own, X509Certificate2? Server)
{
    public static ChannelSecurity None { get; } = new(PolicyAlgorithms.Of(UaSecurityPolicy.None), UaSecurityMode.None, null, null);

    public bool IsNone => Algorithms.IsNone;

    /// <summary>Signs with the key of the client.</summary>
    public byte[] Sign(ReadOnlySpan<byte> bytes)
    {
        using RSA key = Own!.GetRSAPrivateKey()!;
        return key.SignData(bytes, HashAlgorithmName.SHA256, Algorithms.SignaturePadding);
    }

    /// <summary>Verifies a signature of the server.</summary>
    public bool Verify(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature)
    {
        using RSA key = Server!.GetRSAPublicKey()!;
        return key.VerifyData(bytes, signature, HashAlgorithmName.SHA256, Algorithms.SignaturePadding);
    }

    /// <summary>Encrypts for the server, block by block.</summary>
    /// <param name="plain">The bytes; their length is a multiple of the plaintext block, or the last block is shorter.</param>
    public byte[] Encrypt(ReadOnlySpan<byte> plain)
    {
        using RSA key = Server!.GetRSAPublicKey()!;
        int cipherBlock = key.KeySize / 8;
        int plainBlock = cipherBlock - Algorithms.EncryptionOverhead;
        byte[] cipher = new byte[(plain.Length + plainBlock - 1) / plainBlock * cipherBlock];
        for (int from = 0, to = 0; from < plain.Length; from += plainBlock, to += cipherBlock)
        {
            key.Encrypt(
                plain.Slice(from, Math.Min(plainBlock, plain.Length - from)), cipher.AsSpan(to), Algorithms.EncryptionPadding);
        }

        return cipher;
    }

    /// <summary>Decrypts what the server encrypted for the client.</summary>
    /// <exception cref="CryptographicException">The bytes are not encrypted for the client.</exception>
    public byte[] Decrypt(ReadOnlySpan<byte> cipher)
    {
        using RSA key = Own!.GetRSAPrivateKey()!;
        int cipherBlock = key.KeySize / 8;
        if (cipher.Length % cipherBlock != 0)
        {
            throw new CryptographicException("The length is not a multiple of the block of the key.");
        }

        byte[] plain = new byte[cipher.Length];
        int length = 0;
        for (int from = 0; from < cipher.Length; from += cipherBlock)
        {
            length += key.Decrypt(cipher.Slice(from, cipherBlock), plain.AsSpan(length), Algorithms.EncryptionPadding);
        }

        return plain[..length];
    }
}
