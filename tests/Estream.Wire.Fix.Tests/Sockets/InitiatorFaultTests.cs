using System.Collections.Concurrent;
using Estream.Core;
using Estream.Testing;
using Estream.Wire.Fix.Tests.Rig;

namespace Estream.Wire.Fix.Tests.Sockets;

/// <summary>An unexpected exception ends the connection but not the initiator, which reconnects.</summary>
public sealed class InitiatorFaultTests
{
    private const int Rounds = 4;

    [Fact]
    public async Task Unexpected_exception_ends_the_connection_and_the_initiator_reconnects()
    {
        BrokenClock clock = new();
        ConcurrentQueue<AdapterEvent> events = new();
        await using FixAcceptor acceptor =
            new(new FixAcceptorOptions { Port = 0 }, [SessionRig.Options()], new Inbox(), SystemClock.Instance, _ => { });
        await acceptor.StartAsync(CancellationToken.None);
        using CancellationTokenSource stopping = new();
        Task accepting = acceptor.RunAsync(stopping.Token);
        await using FixInitiator initiator = new(
            new FixInitiatorOptions { Host = "127.0.0.1", Port = acceptor.LocalEndPoint!.Port, MaxReconnectSeconds = 1 },
            SessionRig.Options() with { SenderCompId = "TW", TargetCompId = "ISLD" },
            new Inbox(),
            clock,
            events.Enqueue);

        // The first read of the clock is right after connecting. A later fault hits the next reader of the clock: the loop, a send or a
        // tick.
        clock.FailOnce();
        Task initiating = initiator.RunAsync(stopping.Token);
        for (int round = 1; round <= Rounds; round++)
        {
            Eventually.True(() => initiating.IsCompleted || Faults() == round, "the fault is told");
            Eventually.True(() => initiating.IsCompleted || initiator.Session.IsLoggedOn, "the initiator has logged on again");
            Assert.False(initiating.IsCompleted);
            if (round < Rounds)
            {
                clock.FailOnce();
            }
        }

        await stopping.CancelAsync();
        await Task.WhenAll(accepting, initiating);

        int Faults() =>
            events.Count(happened =>
                happened.Kind == AdapterEventKind.ConnectionFailed
                    && happened.Detail.Contains(BrokenClock.Message, StringComparison.Ordinal));
    }
}
