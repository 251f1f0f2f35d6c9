using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>The bytes of docs/formats/bytemap.md as they are in the files.</summary>
public sealed class ByteMapLayoutTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_block_reference_contains_offset_segment_and_kind()
    {
        BlockRef at = BlockRef.Of(segment: 5, offset: 264, isList: false);
        Assert.Equal((nuint)((5UL << 27) | 33), at.Word);
        Assert.Equal((5, 264, false), (at.Segment, at.Offset, at.IsList));
        BlockRef last = BlockRef.Of(BlockRef.MaxSegment, (1L << 30) - 8, isList: true);
        Assert.Equal(nuint.MaxValue, last.Word);
        Assert.Equal((BlockRef.MaxSegment, (1L << 30) - 8, true), (last.Segment, last.Offset, last.IsList));
    }

    [Fact]
    public void Files_start_with_the_documented_bytes()
    {
        using (ByteMap map = ByteMap.Open(_directory.Path))
        {
            map.Put("key"u8, "value"u8);
        }

        byte[] meta = File.ReadAllBytes(_directory.Combine("bytes.meta"));
        Assert.Equal(4096, meta.Length);
        Assert.Equal("ESTRMBYT"u8, meta.AsSpan(0, 8));
        Assert.Equal(1, BitConverter.ToInt32(meta, 8));
        Assert.Equal(2, BitConverter.ToInt64(meta, 512));
        Assert.Equal(0, BitConverter.ToInt64(meta, 576));
        Assert.Equal(24, BitConverter.ToInt64(meta, 640));

        byte[] heap = File.ReadAllBytes(_directory.Combine("heap.0001"));
        Assert.Equal("ESTRMHEP"u8, heap.AsSpan(0, 8));
        Assert.Equal(heap.Length, BitConverter.ToInt64(heap, 16));
        Assert.Equal(1, BitConverter.ToInt64(heap, 64));
        Assert.Equal(256 + 24, BitConverter.ToInt64(heap, 128));
        Assert.Equal(24, BitConverter.ToInt64(heap, 192));
        ReadOnlySpan<byte> block = heap.AsSpan(256, 24);
        Assert.Equal((1 << 24) | 3, BitConverter.ToInt32(block[4..]));
        Assert.Equal(5, BitConverter.ToInt32(block[8..]));
        Assert.Equal(0, BitConverter.ToInt32(block[12..]));
        Assert.Equal("keyvalue"u8, block[16..]);
        Assert.Equal(Core.Crc32C.Compute(block[4..]), BitConverter.ToUInt32(block));
    }
}
