using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Estream.Queue.Tests.Support;

/// <summary>Encrypted segments read and written from the bytes that docs/formats/queue.md describes, without the library.</summary>
internal static class BlockByHand
{
    public const int HeaderBytes = 64;

    /// <summary>Returns the key of a generation from queue.keys.</summary>
    public static byte[] QueueKey(byte[] table, int generation, byte[] masterKey)
    {
        int count = BitConverter.ToInt32(table, 32);
        byte[] entry = Enumerable.Range(0, count).Select(i => table[(64 + (128 * i))..(192 + (128 * i))])
            .Single(e => BitConverter.ToInt32(e, 0) == generation);
        byte[] key = new byte[32];
        using var master = new AesGcm(masterKey, 16);
        master.Decrypt(entry.AsSpan(48, 12), entry.AsSpan(64, 32), entry.AsSpan(96, 16), key, [.. table[16..32], .. entry[..64]]);
        return key;
    }

    /// <summary>Returns the key of a segment.</summary>
    public static byte[] SegmentKey(byte[] segment, byte[] queueKey) =>
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256, queueKey, 32, segment[200..216],
            [.. "estream queue segment v1"u8, .. segment[16..24], .. segment[24..32]]);

    /// <summary>Returns the offsets of the blocks in a segment of an exclusive writer.</summary>
    public static List<int> Blocks(byte[] segment)
    {
        var blocks = new List<int>();
        int word;
        for (int offset = 256; (word = BitConverter.ToInt32(segment, offset)) != 0; offset += (word & 0x0FFFFFFF) + 7 & ~7)
        {
            if (BitConverter.ToUInt32(segment, offset + 8) == 0x40000004)
            {
                blocks.Add(offset);
            }
        }

        return blocks;
    }

    /// <summary>Returns the frames of a block.</summary>
    public static byte[] Decrypt(byte[] segment, int offset, byte[] segmentKey)
    {
        int inner = (BitConverter.ToInt32(segment, offset) & 0x0FFFFFFF) - HeaderBytes;
        byte[] frames = new byte[inner];
        using var aes = new AesGcm(segmentKey, 16);
        aes.Decrypt(
            segment.AsSpan(offset + 24, 12), segment.AsSpan(offset + HeaderBytes, inner), segment.AsSpan(offset + 48, 16), frames,
            Authenticated(segment, offset));
        return frames;
    }

    /// <summary>Writes a block of one message after all others in a segment of an exclusive writer.</summary>
    public static void Append(byte[] segment, int offset, byte[] segmentKey, int number, string text, byte[] nonce, int count = 1)
    {
        byte[] payload = Encoding.UTF8.GetBytes(text);
        byte[] frames = new byte[16 + payload.Length + 7 & ~7];
        BinaryPrimitives.WriteInt32LittleEndian(frames, 16 + payload.Length);
        BinaryPrimitives.WriteInt32LittleEndian(frames.AsSpan(8), number);
        payload.CopyTo(frames, 16);
        Span<byte> block = segment.AsSpan(offset, HeaderBytes + frames.Length + 8);
        block.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(block, HeaderBytes + frames.Length | 1 << 28);
        BinaryPrimitives.WriteInt32LittleEndian(block[8..], 0x40000004);
        BinaryPrimitives.WriteInt32LittleEndian(block[16..], number);
        BinaryPrimitives.WriteInt32LittleEndian(block[20..], count);
        nonce.CopyTo(block[24..]);
        using var aes = new AesGcm(segmentKey, 16);
        aes.Encrypt(nonce, frames, block.Slice(HeaderBytes, frames.Length), block.Slice(48, 16), Authenticated(segment, offset));
        Reseal(segment, offset);
    }

    /// <summary>Recomputes the checksum of a block.</summary>
    public static void Reseal(byte[] segment, int offset)
    {
        int length = BitConverter.ToInt32(segment, offset) & 0x0FFFFFFF;
        uint check = Core.Crc32C.Append(BitConverter.ToUInt32(segment, 12), segment.AsSpan(offset + 8, length - 8));
        BinaryPrimitives.WriteUInt32LittleEndian(segment.AsSpan(offset + 4), check);
    }

    private static byte[] Authenticated(byte[] segment, int offset) =>
        [.. segment[16..24], .. segment[24..32], .. BitConverter.GetBytes((long)offset), .. segment[offset..(offset + 4)],
            .. segment[(offset + 8)..(offset + 48)]];
}
