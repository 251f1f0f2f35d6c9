using Estream.Circuits.Triggers;
using Estream.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Estream.Circuits.Tests.Triggers;

/// <summary>Due times under clocks that advance, jump and go back.</summary>
public sealed class DueTimesTests
{
    [Theory]
    [InlineData(100, 100)]
    [InlineData(101, 200)]
    [InlineData(199, 200)]
    [InlineData(0, 0)]
    [InlineData(-1, 0)]
    [InlineData(-250, -200)]
    public void The_first_due_time_is_not_before_the_start(long now, long first) => Assert.Equal(first, new DueTimes(100, null, now).Next);

    [Theory]
    [InlineData(100, 150, null, 0)]
    [InlineData(100, 199, null, 0)]
    [InlineData(100, 200, 200L, 0)]
    [InlineData(100, 250, 200L, 0)]
    [InlineData(100, 501, 500L, 3)]
    [InlineData(1_000, 501, null, 0)]
    [InlineData(130, 250, 200L, 0)]
    [InlineData(130, 350, 300L, 1)]
    public void The_newest_due_time_is_due_and_earlier_ones_are_missed(long last, long now, long? expected, long expectedMissed)
    {
        DueTimes due = new(100, last, now);
        bool isDue = due.TryGetDue(now, out long at, out long missed);
        Assert.Equal(expected, isDue ? at : null);
        Assert.Equal(expectedMissed, isDue ? missed : 0);
    }

    [Property(200, 5_000, Arbitrary = [typeof(Seeds)])]
    public void Each_due_time_is_taken_or_missed_once_whatever_the_clock_does(int seed)
    {
        var random = new Random(seed);
        long every = random.Next(1, 50);
        long now = random.Next(-500, 500);
        DueTimes due = new(every, random.Next(2) == 0 ? null : now - random.Next(200), now);
        long next = due.Next;
        for (int i = 0; i < 200; i++)
        {
            now += random.Next(8) switch { 0 => -random.Next(300), 1 => random.Next(300), _ => random.Next(20) };
            if (!due.TryGetDue(now, out long at, out long missed))
            {
                Assert.True(now < next, "what was due did not come");
                continue;
            }

            Assert.True(at % every == 0 && at <= now && now - at < every, "it is not the newest due time");
            Assert.Equal(next + (missed * every), at);
            due.Take(at);
            next = at + every;
            Assert.Equal(next, due.Next);
        }
    }

    /// <summary>Seeds of a schedule and of its clock.</summary>
    public static class Seeds
    {
        /// <summary>All seeds, equally likely.</summary>
        public static Arbitrary<int> All() => Gen.Choose(0, 1 << 30).ToArbitrary();
    }
}
