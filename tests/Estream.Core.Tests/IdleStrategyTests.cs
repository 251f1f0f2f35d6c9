namespace Estream.Core.Tests;

/// <summary>What the ladder does, seen from its state: how long a pause takes is the machine's affair.</summary>
public sealed class IdleStrategyTests
{
    [Theory]
    [InlineData(49)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1_000_001)]
    public void A_longest_sleep_out_of_range_is_refused(int microseconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => IdleStrategy.Backoff(microseconds));

    [Fact]
    public void Nothing_to_do_leads_from_spinning_over_yielding_to_ever_longer_sleeps()
    {
        IdleStrategy idle = IdleStrategy.Backoff(200);
        List<int> sleeps = [];
        for (int round = 0; round < 206; round++)
        {
            idle.Idle(0);
            sleeps.Add(idle.SleepMicroseconds);
        }

        Assert.Equal(200, sleeps.Count(s => s == 0));
        Assert.Equal([50, 100, 200, 200, 200, 200], sleeps[200..]);
    }

    [Fact]
    public void Work_and_reset_start_over()
    {
        IdleStrategy idle = IdleStrategy.Backoff(50);
        for (int round = 0; round < 201; round++)
        {
            idle.Idle(0);
        }

        Assert.Equal(50, idle.SleepMicroseconds);
        idle.Idle(1);
        Assert.Equal(0, idle.SleepMicroseconds);
        idle.Idle(0);
        Assert.Equal(0, idle.SleepMicroseconds);
        idle.Reset();
        Assert.Equal(0, idle.SleepMicroseconds);
    }

    [Fact]
    public void Busy_spinning_never_sleeps_and_is_the_default()
    {
        IdleStrategy spin = IdleStrategy.BusySpin;
        IdleStrategy none = default;
        for (int round = 0; round < 1_000; round++)
        {
            spin.Idle(0);
            none.Idle(0);
        }

        Assert.Equal(0, spin.SleepMicroseconds);
        Assert.Equal(0, none.SleepMicroseconds);
    }
}
