using Estream.Host.Remote;
using Estream.Testing;

namespace Estream.Host.Tests.Remote;

/// <summary>Goal: a subscription sends no more messages a second than its client asked for.</summary>
public sealed class MessagePaceTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void A_second_refills_the_pace_and_more_time_adds_nothing()
    {
        MessagePace pace = new(100, _time);
        Assert.Equal(100, pace.Available);
        pace.Take(100);
        Assert.Equal(0, pace.Available);

        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(50, pace.Available);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(100, pace.Available);
    }

    [Fact]
    public async Task A_wait_ends_when_a_message_may_be_sent()
    {
        MessagePace pace = new(1, _time);
        pace.Take(1);
        Task waiting = pace.WaitAsync(CancellationToken.None).AsTask();
        _time.Advance(TimeSpan.FromMilliseconds(900));
        Assert.False(waiting.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(200));
        await waiting.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(1, pace.Available);
    }

    [Fact]
    public async Task Paces_of_a_connection_share_its_limit()
    {
        MessagePace all = new(100, _time);
        MessagePace one = new(80, _time, all);
        MessagePace other = new(80, _time, all);
        one.Take(80);
        Assert.Equal(20, other.Available);
        other.Take(20);
        Task waiting = other.WaitAsync(CancellationToken.None).AsTask();
        Assert.False(waiting.IsCompleted);

        _time.Advance(TimeSpan.FromMilliseconds(500));
        await waiting.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(40, one.Available);
        Assert.Equal(50, other.Available);
    }

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        MessagePace pace = new(1, _time);
        pace.Take(1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pace.WaitAsync(new CancellationToken(canceled: true)));
    }
}
