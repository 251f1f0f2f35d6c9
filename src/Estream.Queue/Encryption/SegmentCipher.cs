using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Estream.Queue.Internal;

/// <summary>
/// Encrypts and decrypts the blocks of one segment. The key is derived from the queue key, the queue id, the segment number and the salt in
/// the segment header. A block therefore authenticates only in its own segment, at its own offset, and not after the segment is reused. Not
/// thread-safe; allocates nothing per block.
/// </summary>
internal sealed class SegmentCipher : IDisposable
{
    private const int KeyBytes = 32;

    private readonly AesGcm _aes;
    private readonly long _queueId;
    private readonly long _segment;

    /// <param name="queueKey">The key of the generation that the segment names.</param>
    /// <param name="queueId">The id of the queue.</param>
    /// <param name="segment">The index of the segment.</param>
    public SegmentCipher(ReadOnlySpan<byte> queueKey, long queueId, Segment segment)
    {
        _queueId = queueId;
        _segment = segment.Index;
        ReadOnlySpan<byte> purpose = "estream queue segment v1"u8;
        Span<byte> info = stackalloc byte[purpose.Length + 16];
        Span<byte> salt = stackalloc byte[BlockLayout.SaltBytes];
        Span<byte> key = stackalloc byte[KeyBytes];
        purpose.CopyTo(info);
        BinaryPrimitives.WriteInt64LittleEndian(info[purpose.Length..], queueId);
        BinaryPrimitives.WriteInt64LittleEndian(info[(purpose.Length + 8)..], segment.Index);
        BinaryPrimitives.WriteUInt128LittleEndian(salt, segment.Key.Salt);
        try
        {
            HKDF.DeriveKey(HashAlgorithmName.SHA256, queueKey, key, salt, info);
            _aes = new AesGcm(key, BlockLayout.TagBytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Encrypts frames and stores the tag in the header of the block.</summary>
    /// <param name="offset">The offset of the block in its segment.</param>
    /// <param name="header">The header with the length word, without checksum and tag.</param>
    /// <param name="plain">The frames.</param>
    /// <param name="cipher">Receives the same number of bytes.</param>
    public void Encrypt(long offset, Span<byte> header, ReadOnlySpan<byte> plain, Span<byte> cipher)
    {
        Span<byte> authenticated = stackalloc byte[BlockLayout.AuthenticatedBytes];
        Bind(offset, header, authenticated);
        _aes.Encrypt(
            header.Slice(BlockLayout.NonceOffset, BlockLayout.NonceBytes), plain, cipher,
            header.Slice(BlockLayout.TagOffset, BlockLayout.TagBytes), authenticated);
    }

    /// <summary>Decrypts frames, if the block is genuine and at its offset.</summary>
    /// <returns>Whether the block authenticates. If not, <paramref name="plain"/> is zero.</returns>
    public bool TryDecrypt(long offset, ReadOnlySpan<byte> header, ReadOnlySpan<byte> cipher, Span<byte> plain)
    {
        Span<byte> authenticated = stackalloc byte[BlockLayout.AuthenticatedBytes];
        Bind(offset, header, authenticated);
        try
        {
            _aes.Decrypt(
                header.Slice(BlockLayout.NonceOffset, BlockLayout.NonceBytes), cipher,
                header.Slice(BlockLayout.TagOffset, BlockLayout.TagBytes), plain, authenticated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            plain.Clear();
            return false;
        }
    }

    public void Dispose() => _aes.Dispose();

    private void Bind(long offset, ReadOnlySpan<byte> header, Span<byte> authenticated)
    {
        BinaryPrimitives.WriteInt64LittleEndian(authenticated, _queueId);
        BinaryPrimitives.WriteInt64LittleEndian(authenticated[8..], _segment);
        BinaryPrimitives.WriteInt64LittleEndian(authenticated[16..], offset);
        header[..sizeof(int)].CopyTo(authenticated[24..]);
        header[FrameLayout.NumberOffset..BlockLayout.TagOffset].CopyTo(authenticated[(24 + sizeof(int))..]);
    }
}
