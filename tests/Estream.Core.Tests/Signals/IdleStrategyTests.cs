namespace Estream.Core.Tests;

/// <summary>The steps of the strategy, checked by its state. The duration of a pause depends on the machine and is not checked.</summary>
public sealed class IdleStrategyTests
{
    [Theory]
    [InlineData(49)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1_000_001)]
    public void A_longest_sleep_out_of_range_throws(int microseconds) =>
        Assert.Equal(2, new Action[] { () => IdleStrategy.Backoff(microseconds), () => IdleStrategy.Sleep(microseconds) }
            .Count(made => Assert.Throws<ArgumentOutOfRangeException>(made) is not null));

    [Fact]
    public void Backoff_goes_from_spinning_through_yielding_to_longer_and_longer_sleeps()
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
    public void Backoff_restarts_after_work_and_after_Reset()
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
    public void BusySpin_never_sleeps_and_is_the_default()
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

    [Fact]
    public void TryIdleAwake_returns_false_when_the_strategy_would_sleep()
    {
        IdleStrategy idle = IdleStrategy.Backoff();
        IdleStrategy spin = IdleStrategy.BusySpin;
        IdleStrategy sleep = IdleStrategy.Sleep();
        Assert.Equal(200, Enumerable.Range(0, 1_000).Count(_ => idle.TryIdleAwake()));
        Assert.Equal(1_000, Enumerable.Range(0, 1_000).Count(_ => spin.TryIdleAwake()));
        Assert.Equal(0, Enumerable.Range(0, 1_000).Count(_ => sleep.TryIdleAwake()));
        idle.Reset();
        sleep.Reset();
        Assert.True(idle.TryIdleAwake());
        Assert.False(sleep.TryIdleAwake());
    }

    [Fact]
    public void Sleep_starts_at_once_with_a_short_sleep_and_restarts_after_Reset()
    {
        IdleStrategy idle = IdleStrategy.Sleep(100);
        List<int> sleeps = [];
        for (int round = 0; round < 5; round++)
        {
            idle.Idle(round == 3 ? 1 : 0);
            sleeps.Add(idle.SleepMicroseconds);
        }

        Assert.Equal([50, 100, 100, 0, 50], sleeps);
    }
}
