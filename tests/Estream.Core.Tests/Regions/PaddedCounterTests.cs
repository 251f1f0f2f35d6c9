using System.Reflection;
using System.Runtime.InteropServices;

namespace Estream.Core.Tests;

public sealed class PaddedCounterTests
{
    /// <summary>128 bytes before and after the number: two cache lines, which processors fetch as a pair.</summary>
    [Fact]
    public void A_padded_counter_is_alone_on_its_cache_lines()
    {
        FieldInfo storage = Assert.Single(typeof(PaddedCounter).GetFields(BindingFlags.Instance | BindingFlags.NonPublic));
        FieldInfo count = Assert.Single(storage.FieldType.GetFields());
        Assert.Equal(256, Marshal.SizeOf(storage.FieldType));
        Assert.Equal(128, (int)Marshal.OffsetOf(storage.FieldType, count.Name));
    }

    [Fact]
    public void Add_returns_the_sum()
    {
        var counter = new PaddedCounter();
        Assert.Equal(0, counter.Value);
        Assert.Equal(5, counter.AddUnsynchronized(5));
        Assert.Equal(3, counter.Add(-2));
        Assert.Equal(3, counter.Value);
    }

    [Fact]
    public void Concurrent_additions_to_a_counter_lose_none()
    {
        var counter = new PaddedCounter();
        Parallel.For(0, 8, _ =>
        {
            for (int i = 0; i < 50_000; i++)
            {
                counter.Add(1);
            }
        });
        Assert.Equal(400_000, counter.Value);
    }
}
