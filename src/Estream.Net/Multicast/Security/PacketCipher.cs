using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Estream.Net.Multicast.Internal;

/// <summary>
/// AES-256-GCM with the packet key of one sender in one session. The nonce is the packet number; docs/formats/multicast.md explains why no
/// nonce repeats. Not thread-safe; allocates nothing per packet, except where a tag does not verify.
/// </summary>
internal sealed class PacketCipher : IDisposable
{
    public const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int SaltBytes = 20;

    private readonly AesGcm _aes;

    public PacketCipher(ReadOnlySpan<byte> sharedKey, ulong session, ulong sender, uint stream)
    {
        Span<byte> salt = stackalloc byte[SaltBytes];
        Span<byte> key = stackalloc byte[KeyBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(salt, session);
        BinaryPrimitives.WriteUInt64LittleEndian(salt[8..], sender);
        BinaryPrimitives.WriteUInt32LittleEndian(salt[16..], stream);
        try
        {
            HKDF.DeriveKey(HashAlgorithmName.SHA256, sharedKey, key, salt, "estream multicast v1"u8);
            _aes = new AesGcm(key, PacketLayout.TagBytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Encrypts a body.</summary>
    /// <param name="number">The packet number, as in the header.</param>
    /// <param name="header">The 40 bytes of the header, which are authenticated.</param>
    /// <param name="body">The body.</param>
    /// <param name="output">Receives the encrypted body and the tag.</param>
    public void Encrypt(ulong number, ReadOnlySpan<byte> header, ReadOnlySpan<byte> body, Span<byte> output)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        WriteNonce(nonce, number);
        _aes.Encrypt(nonce, body, output[..body.Length], output.Slice(body.Length, PacketLayout.TagBytes), header);
    }

    /// <summary>Decrypts a body if it is authentic.</summary>
    public bool TryDecrypt(ulong number, ReadOnlySpan<byte> header, ReadOnlySpan<byte> body, ReadOnlySpan<byte> tag, Span<byte> plain)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        WriteNonce(nonce, number);
        try
        {
            _aes.Decrypt(nonce, body, tag, plain, header);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose() => _aes.Dispose();

    private static void WriteNonce(Span<byte> nonce, ulong number)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(nonce, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], number);
    }
}
