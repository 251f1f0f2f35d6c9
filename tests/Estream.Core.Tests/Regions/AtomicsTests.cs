namespace Estream.Core.Tests;

/// <summary>The atomic operations of a window: their effects, their results, and that they are atomic between threads.</summary>
public sealed class AtomicsTests : IDisposable
{
    private const int Times = 50_000;

    private readonly NativeRegion _region = NativeRegion.Allocate(4096);

    private RegionSpan Memory => _region.All;

    public void Dispose() => _region.Dispose();

    [Fact]
    public void Each_atomic_operation_returns_its_documented_value_and_changes_only_its_word()
    {
        Memory.Span(0, 64).Fill(0xFF);
        Memory.WriteInt32(16, 5);
        Assert.Equal(5, Memory.ExchangeInt32(16, 7));
        Assert.Equal(7, Memory.CompareExchangeInt32(16, 9, 5));
        Assert.Equal(7, Memory.CompareExchangeInt32(16, 9, 7));
        Assert.Equal(int.MinValue, Memory.AddInt32(16, int.MaxValue - 8));
        Assert.Equal(-1, Memory.ReadInt32(12));
        Assert.Equal(-1, Memory.ReadInt32(20));

        Memory.WriteInt64(32, 5);
        Assert.Equal(5, Memory.ExchangeInt64(32, 7));
        Assert.Equal(7, Memory.CompareExchangeInt64(32, 9, 5));
        Assert.Equal(7, Memory.CompareExchangeInt64(32, 9, 7));
        Assert.Equal(long.MinValue, Memory.AddInt64(32, long.MaxValue - 8));
        Assert.Equal(-1, Memory.ReadInt64(24));
        Assert.Equal(-1, Memory.ReadInt64(40));
        Assert.Equal(-1, Memory.AsBlocks(0, 64, 64)[0].CompareExchangeInt64(40, 3, -1));
        Assert.Equal(3, Memory.ReadInt64(40));
    }

    [Fact]
    public void Concurrent_additions_and_exchanges_lose_no_update()
    {
        RegionSpan memory = Memory;
        Parallel.For(0, 4, thread =>
        {
            for (int i = 0; i < Times; i++)
            {
                memory.AddInt32(0, 1);
                memory.AddInt64(8, 3);
                Raise(memory, 1);

                // The value taken from the word is added elsewhere, so the sum stays the same.
                memory.AddInt64(32, memory.ExchangeInt64(24, 0) + 1);
                memory.AddInt32(44, memory.ExchangeInt32(40, 0) + 1);
            }
        });
        Assert.Equal(4 * Times, memory.ReadInt32(0));
        Assert.Equal(3L * 4 * Times, memory.ReadInt64(8));
        Assert.Equal(4 * Times, memory.ReadInt32(16));
        Assert.Equal(4 * Times, memory.ReadInt64(32));
        Assert.Equal(4 * Times, memory.ReadInt32(44));
    }

    [Theory]
    [InlineData(-4)]
    [InlineData(4096)]
    [InlineData(4094)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Atomic_operations_throw_for_an_offset_outside_the_window(long offset)
    {
        Assert.Throws<ArgumentOutOfRangeException>(nameof(offset), () => { Memory.AddInt32(offset, 1); });
        Assert.Throws<ArgumentOutOfRangeException>(nameof(offset), () => { Memory.ExchangeInt32(offset, 1); });
        Assert.Throws<ArgumentOutOfRangeException>(nameof(offset), () => { Memory.CompareExchangeInt32(offset, 1, 0); });
        Assert.Throws<ArgumentOutOfRangeException>(nameof(offset), () => { Memory.ExchangeInt64(offset, 1); });
        Assert.Throws<ArgumentOutOfRangeException>(nameof(offset),
            () => { _ = Memory.AsBlocks(0, 64, 64)[0].CompareExchangeInt64((int)Math.Clamp(offset, int.MinValue, int.MaxValue), 1, 0); });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(6)]
    public void Atomic_operations_throw_for_an_unaligned_offset(long offset)
    {
        Assert.Throws<ArgumentException>(nameof(offset), () => { Memory.AddInt32(offset, 1); });
        Assert.Throws<ArgumentException>(nameof(offset), () => { Memory.ExchangeInt32(offset, 1); });
        Assert.Throws<ArgumentException>(nameof(offset), () => { Memory.CompareExchangeInt32(offset, 1, 0); });
        Assert.Throws<ArgumentException>(nameof(offset), () => { Memory.ExchangeInt64(offset, 1); });
    }

    private static void Raise(RegionSpan memory, int by)
    {
        int seen = memory.ReadInt32(16);
        for (int found; (found = memory.CompareExchangeInt32(16, seen + by, seen)) != seen; seen = found)
        {
        }
    }
}
