using System.Buffers.Binary;
using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>The key fields in the header of a segment, with a separate checksum that continues that of the header.</summary>
internal static class SegmentKeyHeader
{
    public static SegmentKey Read(RegionSpan memory) =>
        new((uint)memory.ReadInt32(BlockLayout.GenerationOffset),
            BinaryPrimitives.ReadUInt128LittleEndian(memory.ReadOnlySpan(BlockLayout.SaltOffset, BlockLayout.SaltBytes)));

    /// <param name="memory">The segment.</param>
    /// <param name="key">The key of the segment; nothing is written for a plaintext segment.</param>
    /// <param name="headerCheck">The checksum of the header.</param>
    public static void Write(RegionSpan memory, in SegmentKey key, uint headerCheck)
    {
        if (key.Generation == 0)
        {
            return;
        }

        memory.WriteInt32(BlockLayout.GenerationOffset, (int)key.Generation);
        BinaryPrimitives.WriteUInt128LittleEndian(memory.Span(BlockLayout.SaltOffset, BlockLayout.SaltBytes), key.Salt);
        memory.WriteInt32(BlockLayout.KeyCheckOffset, (int)CheckOf(memory, headerCheck));
    }

    /// <exception cref="EstreamCorruptionException">Generation, salt and checksum do not match.</exception>
    public static void Check(RegionSpan memory, string path)
    {
        uint stored = (uint)memory.ReadInt32(BlockLayout.KeyCheckOffset);
        bool isClear = stored == 0 && Read(memory) == default;
        if (!isClear && stored != CheckOf(memory, (uint)memory.ReadInt32(SegmentLayout.HeaderChecksumOffset)))
        {
            throw new EstreamCorruptionException(
                $"The key line in the header of '{path}' does not match its checksum. Restore the segment from a copy.", path,
                BlockLayout.GenerationOffset);
        }
    }

    private static uint CheckOf(RegionSpan memory, uint headerCheck) =>
        Crc32C.Append(headerCheck, memory.ReadOnlySpan(BlockLayout.GenerationOffset, BlockLayout.KeyCheckedBytes));
}

/// <summary>The key fields of a segment header; the default means no key.</summary>
/// <param name="Generation">The generation of the queue key from which the segment key is derived; 0 for a plaintext segment.</param>
/// <param name="Salt">A random number, so that no two segments have the same key, even if they reuse one file.</param>
internal readonly record struct SegmentKey(uint Generation, UInt128 Salt);
