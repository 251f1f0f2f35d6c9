using System.Buffers.Binary;
using System.Security.Cryptography;
using Estream.Wire.OpcUa.Security;

namespace Estream.Wire.OpcUa.Transport;

/// <summary>Protects and opens the chunks of messages with the keys of one security token (Part 6, 6.7.2). Not thread-safe in one
/// direction.</summary>
internal sealed class MessageProtector : IDisposable
{
    /// <summary>Header, channel and token.</summary>
    public const int PrefixBytes = ChunkHeader.Bytes + 8;

    private const int SequenceBytes = 8;

    private readonly UaSecurityMode _mode;
    private readonly ChannelKeys? _sending;
    private readonly ChannelKeys? _receiving;

    /// <summary>Derives the keys of a token.</summary>
    public MessageProtector(
        ChannelSecurity security, uint channelId, uint tokenId, ReadOnlySpan<byte> ownNonce, ReadOnlySpan<byte> peerNonce)
    {
        (_mode, ChannelId, TokenId) = (security.Mode, channelId, tokenId);
        if (!security.IsNone)
        {
            _sending = new ChannelKeys(security.Algorithms, peerNonce, ownNonce);
            _receiving = new ChannelKeys(security.Algorithms, ownNonce, peerNonce);
        }
    }

    public uint ChannelId { get; }

    public uint TokenId { get; }

    /// <summary>The bytes of a chunk that carry no body, at most.</summary>
    public int Overhead => PrefixBytes + SequenceBytes + (_sending is null ? 0 : ChannelKeys.SignatureBytes + ChannelKeys.BlockBytes);

    /// <summary>Writes a chunk.</summary>
    /// <returns>Its length.</returns>
    public int Protect(ChunkKind kind, byte final, uint sequence, uint requestId, ReadOnlySpan<byte> body, byte[] buffer, int offset)
    {
        Span<byte> chunk = buffer.AsSpan(offset);
        BinaryPrimitives.WriteUInt32LittleEndian(chunk[ChunkHeader.Bytes..], ChannelId);
        BinaryPrimitives.WriteUInt32LittleEndian(chunk[(ChunkHeader.Bytes + 4)..], TokenId);
        BinaryPrimitives.WriteUInt32LittleEndian(chunk[PrefixBytes..], sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(chunk[(PrefixBytes + 4)..], requestId);
        body.CopyTo(chunk[(PrefixBytes + SequenceBytes)..]);
        int end = PrefixBytes + SequenceBytes + body.Length;
        if (_sending is null)
        {
            new ChunkHeader(kind, final, end).Write(chunk);
            return end;
        }

        if (_mode == UaSecurityMode.SignAndEncrypt)
        {
            int unpadded = SequenceBytes + body.Length + 1 + ChannelKeys.SignatureBytes;
            int padding = (ChannelKeys.BlockBytes - (unpadded % ChannelKeys.BlockBytes)) % ChannelKeys.BlockBytes;
            chunk.Slice(end, padding + 1).Fill((byte)padding);
            end += padding + 1;
        }

        int length = end + ChannelKeys.SignatureBytes;
        new ChunkHeader(kind, final, length).Write(chunk);
        _sending.Sign(chunk[..end], chunk.Slice(end, ChannelKeys.SignatureBytes));
        if (_mode == UaSecurityMode.SignAndEncrypt)
        {
            _sending.Encrypt(buffer, offset + PrefixBytes, length - PrefixBytes);
        }

        return length;
    }

    /// <summary>Opens a chunk in place.</summary>
    /// <returns>The sequence header and the body.</returns>
    /// <exception cref="CryptographicException">The chunk is not authentic.</exception>
    public ReadOnlySpan<byte> Open(byte[] buffer, int offset, int length)
    {
        if (_receiving is null)
        {
            return buffer.AsSpan(offset + PrefixBytes, length - PrefixBytes);
        }

        if (_mode == UaSecurityMode.SignAndEncrypt)
        {
            if ((length - PrefixBytes) % ChannelKeys.BlockBytes != 0)
            {
                throw new CryptographicException("The length of a chunk is not a multiple of the block.");
            }

            _receiving.Decrypt(buffer, offset + PrefixBytes, length - PrefixBytes);
        }

        int signed = length - ChannelKeys.SignatureBytes;
        Span<byte> chunk = buffer.AsSpan(offset, length);
        if (signed < PrefixBytes + SequenceBytes || !_receiving.Verify(chunk[..signed], chunk[signed..]))
        {
            throw new CryptographicException("The signature of a chunk is wrong.");
        }

        int padding = _mode == UaSecurityMode.SignAndEncrypt ? chunk[signed - 1] + 1 : 0;
        return padding <= signed - PrefixBytes - SequenceBytes
            ? chunk[PrefixBytes..(signed - padding)]
            : throw new CryptographicException("The padding of a chunk is wrong.");
    }

    public void Dispose()
    {
        _sending?.Dispose();
        _receiving?.Dispose();
    }
}
