namespace Estream.Core.Tests;

/// <summary>No offset and no length, however absurd, reaches outside a window.</summary>
public sealed class RegionSpanTests : IDisposable
{
    private const int Length = 4096;

    private readonly NativeRegion _region = NativeRegion.Allocate(Length);

    public static TheoryData<long> OutsideForEightBytes => new()
    {
        -1, -8, long.MinValue, long.MinValue + 7, Length - 7, Length, Length + 1, int.MaxValue, uint.MaxValue, (1L << 32) - 8,
        long.MaxValue - 8, long.MaxValue,
    };

    public void Dispose() => _region.Dispose();

    [Theory]
    [MemberData(nameof(OutsideForEightBytes))]
    public void Every_access_throws_for_an_offset_outside_the_window(long offset)
    {
        RegionSpan memory = _region.All;
        foreach (Action access in Accesses(memory, offset))
        {
            Assert.Throws<ArgumentOutOfRangeException>(nameof(offset), access);
        }
    }

    [Fact]
    public void A_record_is_copied_only_if_all_expected_bytes_match()
    {
        const int Prefix = 12;
        const int Most = 300;
        RegionSpan memory = _region.All;
        new Random(7).NextBytes(memory.Span(0, Length));
        byte[] destination = new byte[Most + 1];
        for (int length = 0; length <= Most; length++)
        {
            int copied = Most - length;
            ReadOnlySpan<byte> record = memory.ReadOnlySpan(length, Prefix + Most);
            byte[] expected = record.Slice(Prefix, length).ToArray();
            destination.AsSpan().Clear();
            Assert.True(memory.TryMatchAndCopy(length, Prefix, expected, (ulong)copied, destination, out uint checksum));
            Assert.Equal(Crc32C.Compute(record), checksum);
            Assert.Equal([.. record[(Prefix + length)..], .. new byte[length + 1]], destination);
            for (int at = 0; at < length; at++)
            {
                expected[at] ^= 1;
                Assert.False(memory.TryMatchAndCopy(length, Prefix, expected, (ulong)copied, destination, out _));
                expected[at] ^= 1;
            }
        }
    }

    [Theory]
    [InlineData(-1, 10)]
    [InlineData(long.MinValue, 10)]
    [InlineData(Length - 25, 10)]
    [InlineData(long.MaxValue, 10)]
    [InlineData(0, 65)]
    [InlineData(0, ulong.MaxValue)]
    [InlineData(0, 1UL << 32)]
    public void A_record_that_is_outside_or_does_not_fit_is_refused(long offset, ulong copied)
    {
        byte[] destination = new byte[64];
        Assert.False(_region.All.TryMatchAndCopy(offset, 12, new byte[4], copied, destination, out _));
        Assert.True(_region.All.TryMatchAndCopy(Length - 26, 12, new byte[4], 10, destination, out _));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(Length - 8)]
    public void Every_access_accepts_an_offset_inside_the_window(long offset)
    {
        RegionSpan memory = _region.All;
        foreach (Action access in Accesses(memory, offset))
        {
            access();
        }
    }

    /// <summary>Covers lengths below and above each size at which the copy changes its method, at even and odd addresses.</summary>
    [Fact]
    public void Copies_of_every_length_are_exact_and_return_the_checksum_of_the_bytes()
    {
        RegionSpan memory = _region.All;
        byte[] bytes = new byte[600];
        new Random(1).NextBytes(bytes);
        for (int length = 0; length < 520; length++)
        {
            foreach (int offset in (int[])[0, 8, 13, Length - length])
            {
                ReadOnlySpan<byte> source = bytes.AsSpan(length % 7, length);
                memory.Span(0, Length).Fill(0xA5);
                memory.Write(offset, source);
                AssertOnly(memory, offset, source);

                memory.Span(0, Length).Fill(0xA5);
                Assert.Equal(Crc32C.Append(77, source), memory.WriteAndChecksum(offset, source, 77));
                AssertOnly(memory, offset, source);

                memory.Span(0, Length).Fill(0xA5);
                memory.WriteBehindFence(offset, source);
                AssertOnly(memory, offset, source);

                memory.Span(0, Length).Fill(0xA5);
                Assert.Equal(Crc32C.Append(77, source), memory.WriteAndChecksumBehindFence(offset, source, 77));
                AssertOnly(memory, offset, source);
            }
        }
    }

    [Theory]
    [InlineData(-1, 8)]
    [InlineData(long.MinValue, 8)]
    [InlineData(long.MaxValue, 8)]
    [InlineData(Length, 1)]
    [InlineData(Length - 7, 8)]
    [InlineData(0, Length + 1)]
    public void A_copy_that_does_not_fit_throws_and_changes_nothing(long offset, int length)
    {
        RegionSpan memory = _region.All;
        byte[] before = memory.ReadOnlySpan(0, Length).ToArray();
        byte[] source = new byte[length];
        source.AsSpan().Fill(1);
        Assert.Throws<ArgumentOutOfRangeException>(nameof(offset), () => memory.Write(offset, source));
        Assert.Throws<ArgumentOutOfRangeException>(nameof(offset), () => memory.WriteAndChecksum(offset, source, 0));
        Assert.Throws<ArgumentOutOfRangeException>(nameof(offset), () => memory.WriteBehindFence(offset, source));
        Assert.Throws<ArgumentOutOfRangeException>(nameof(offset), () => memory.WriteAndChecksumBehindFence(offset, source, 0));
        memory.Prefetch(offset);
        Assert.True(memory.ReadOnlySpan(0, Length).SequenceEqual(before));
    }

    [Fact]
    public void The_default_window_is_empty_and_every_access_throws()
    {
        RegionSpan memory = default;
        Assert.Equal(0, memory.Length);
        foreach (Action access in Accesses(memory, 0))
        {
            Assert.Throws<ArgumentOutOfRangeException>("offset", access);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Slice(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.AsArray<long>(0, 1));
        Assert.True(memory.Span(0, 0).IsEmpty);
        memory.Prefetch(0);
    }

    [Fact]
    public void A_disposed_region_returns_empty_windows()
    {
        _region.Dispose();
        Assert.Equal(0, _region.All.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => _region.All.ReadInt32(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _region.Slice(0, 8));
        _region.Dispose();
    }

    [Theory]
    [InlineData(0, -1)]
    [InlineData(1, int.MinValue)]
    [InlineData(0, Length + 1)]
    [InlineData(1, Length)]
    [InlineData(Length, 1)]
    [InlineData(-1, 1)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(long.MaxValue, int.MaxValue)]
    [InlineData(long.MinValue, int.MinValue)]
    public void AsSpan_throws_for_a_range_outside_the_window(long offset, int length)
    {
        RegionSpan memory = _region.All;
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.Span(offset, length).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.ReadOnlySpan(offset, length).Length);
    }

    [Theory]
    [InlineData(0, -1)]
    [InlineData(-1, 0)]
    [InlineData(0, Length + 1)]
    [InlineData(Length + 1, 0)]
    [InlineData(1, long.MaxValue)]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(long.MinValue, long.MinValue)]
    [InlineData(long.MaxValue, 1)]
    public void Slice_throws_for_a_range_outside_the_window(long offset, long length)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _region.All.Slice(offset, length));
        Assert.Throws<ArgumentOutOfRangeException>(() => _region.Slice(offset, length));
        Assert.Throws<ArgumentOutOfRangeException>(() => _region.Prefault(offset, length));
    }

    // A region over 4 GiB has space for the length that a negative number becomes when read as unsigned. Untouched pages cost nothing.
    [Fact]
    public void A_negative_length_throws_in_a_region_larger_than_any_span()
    {
        using NativeRegion large = NativeRegion.Allocate(6L << 30);
        Assert.Throws<ArgumentOutOfRangeException>(() => large.All.Span(0, -1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => large.All.ReadOnlySpan(0, int.MinValue).Length);
        large.All.WriteInt64((6L << 30) - 8, 42);
        Assert.Equal(42, large.All.ReadInt64((6L << 30) - 8));
        Assert.Equal(42, large.All.Slice(5L << 30, 1L << 30).ReadInt64((1L << 30) - 8));
    }

    [Fact]
    public void Offsets_in_a_slice_of_a_slice_count_from_its_own_start()
    {
        RegionSpan part = _region.All.Slice(1024, 64);
        part.WriteInt32(0, 7);
        Assert.Equal(7, _region.All.ReadInt32(1024));
        Assert.Throws<ArgumentOutOfRangeException>(() => part.ReadInt32(61));
        Assert.Throws<ArgumentOutOfRangeException>(() => part.ReadInt32(-1024));
        Assert.Equal(64, part.Span(0, 64).Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(7)]
    public void Atomic_accesses_throw_for_an_unaligned_offset(long offset)
    {
        Assert.Throws<ArgumentException>(nameof(offset), () => { _region.All.AddInt64(offset, 1); });
        Assert.Throws<ArgumentException>(nameof(offset), () => { _region.All.CompareExchangeInt64(offset, 1, 0); });
    }

    [Fact]
    public void Numbers_are_little_endian_and_atomic_accesses_return_the_documented_value()
    {
        RegionSpan memory = _region.All;
        memory.WriteInt64(0, 0x0807060504030201);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], memory.ReadOnlySpan(0, 8).ToArray());
        Assert.Equal(0x04030201, memory.ReadInt32Acquire(0));
        memory.WriteInt32Release(4, -1);
        Assert.Equal(unchecked((long)0xFFFFFFFF04030201), memory.ReadInt64Acquire(0));
        memory.WriteInt64Release(8, 40);
        Assert.Equal(42, memory.AddInt64(8, 2));
        Assert.Equal(42, memory.CompareExchangeInt64(8, 7, 42));
        Assert.Equal(7, memory.CompareExchangeInt64(8, 9, 42));
        Assert.Equal(7, memory.ReadOnlyAt<long>(8));
        memory.At<short>(8) = 3;
        Assert.Equal(3, memory.ReadInt64(8));
    }

    private static IEnumerable<Action> Accesses(RegionSpan memory, long offset) =>
    [
        () => memory.ReadInt64(offset),
        () => memory.ReadInt64Acquire(offset),
        () => memory.WriteInt64(offset, 1),
        () => memory.WriteInt64Release(offset, 1),
        () => _ = memory.ReadInt32(offset) + memory.ReadInt32(offset + 4),
        () => _ = memory.ReadInt32Acquire(offset) + memory.ReadInt32Acquire(offset + 4),
        () => { memory.WriteInt32(offset + 4, 1); memory.WriteInt32(offset, 1); },
        () => { memory.WriteInt32Release(offset + 4, 1); memory.WriteInt32Release(offset, 1); },
        () => memory.AddInt64(offset, 1),
        () => memory.CompareExchangeInt64(offset, 1, 0),
        () => memory.At<long>(offset) = 1,
        () => _ = memory.ReadOnlyAt<long>(offset),
        () => memory.Span(offset, 8)[0] = 1,
        () => _ = memory.ReadOnlySpan(offset, 8)[0],
    ];

    private static void AssertOnly(RegionSpan memory, int offset, ReadOnlySpan<byte> source)
    {
        Assert.True(memory.ReadOnlySpan(offset, source.Length).SequenceEqual(source), $"{source.Length} bytes at {offset}");
        Assert.False(memory.ReadOnlySpan(0, offset).ContainsAnyExcept((byte)0xA5), $"written before {offset}");
        Assert.False(memory.ReadOnlySpan(offset + source.Length, Length - offset - source.Length).ContainsAnyExcept((byte)0xA5),
            $"written behind {offset} + {source.Length}");
    }
}
