using Estream.Wire.Mqtt.Internal;

namespace Estream.Wire.Mqtt.Tests;

public class EndpointSessionsTests
{
    private static readonly WillMessage s_large = new([1], new byte[1024 * 1024], 50);

    [Fact]
    public void Wills_do_not_exceed_their_memory_limit_and_release_it()
    {
        // Without the limit, a client that connects with a will, leaves, and repeats this with other identifiers would exhaust the memory.
        EndpointSessions sessions = new(maxSessions: 1_000, maxPerUser: int.MaxValue);
        const int Fitting = 63;
        for (int number = 0; number < 100; number++)
        {
            Leave(sessions, $"first-{number}", s_large);
        }

        Assert.Equal(100 - Fitting, sessions.TakeWillsGivenUp());
        Assert.Equal(0, sessions.TakeWillsGivenUp());

        // A client that reconnects cancels its will; the other wills are published when they are due.
        Attach(sessions, "first-0");
        Leave(sessions, "second", s_large);
        Assert.Equal(0, sessions.TakeWillsGivenUp());
        sessions.Sweep(now: 51_000_000_000);
        int published = 0;
        while (sessions.PeekWill() is not null)
        {
            sessions.RemoveWill();
            published++;
        }

        Assert.Equal(Fitting, published);
        for (int number = 0; number < Fitting; number++)
        {
            Leave(sessions, $"third-{number}", s_large);
        }

        Assert.Equal(0, sessions.TakeWillsGivenUp());
    }

    [Fact]
    public async Task Due_will_ends_the_wait_and_other_wills_do_not()
    {
        EndpointSessions sessions = new(maxSessions: 10, maxPerUser: int.MaxValue);
        Leave(sessions, "later", s_large);
        Assert.False(await sessions.AwaitWillAsync(TimeSpan.Zero, CancellationToken.None));

        Task<bool> waiting = sessions.AwaitWillAsync(Timeout.InfiniteTimeSpan, CancellationToken.None);
        Leave(sessions, "now", s_large with { DelaySeconds = 0 });
        Assert.True(await waiting);

        Leave(sessions, "before the wait", s_large with { DelaySeconds = 0 });
        Assert.True(await sessions.AwaitWillAsync(Timeout.InfiniteTimeSpan, CancellationToken.None));
        Assert.False(await sessions.AwaitWillAsync(TimeSpan.Zero, CancellationToken.None));
    }

    [Fact]
    public async Task Cancellation_ends_the_wait_for_a_will()
    {
        EndpointSessions sessions = new(maxSessions: 10, maxPerUser: int.MaxValue);
        using CancellationTokenSource stopping = new();
        Task<bool> waiting = sessions.AwaitWillAsync(Timeout.InfiniteTimeSpan, stopping.Token);

        await stopping.CancelAsync();

        Assert.False(await waiting);
    }

    private static void Leave(EndpointSessions sessions, string client, WillMessage will)
    {
        sessions.Detach(Attach(sessions, client), expirySeconds: 100, will, now: 0);
    }

    private static EndpointSession Attach(EndpointSessions sessions, string client)
    {
        Assert.Equal(AttachStatus.Attached,
            sessions.Attach(client, user: null, owner: null!, cleanStart: false, now: 0, out EndpointSession? session, out _, out _));
        return session!;
    }
}
