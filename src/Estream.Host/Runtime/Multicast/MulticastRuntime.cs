using Estream.Core;
using Estream.Host.Http;
using Estream.Net;
using Estream.Net.Multicast;
using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>
/// A publisher or subscriber on its own thread. After a failure it starts again, at first after a second, then after twice as long each
/// time, up to a minute.
/// </summary>
internal sealed partial class MulticastRuntime : IAsyncDisposable
{
    private const long SampleNanos = 250_000_000;

    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly EstreamQueue? _queue;
    private readonly string _directory;
    private readonly IClock _clock;
    private readonly ILogger _logger;
    private Task _run = Task.CompletedTask;
    private PacketFallback? _fallback;
    private MulticastState _state;
    private long _nextSample;
    private volatile MulticastOverview _overview;

    /// <param name="plan">The configuration.</param>
    /// <param name="queue">The published queue; null for a subscriber.</param>
    /// <param name="directory">The directory of the copy.</param>
    /// <param name="clock">The clock of the host.</param>
    /// <param name="logger">The logger.</param>
    public MulticastRuntime(MulticastPlan plan, EstreamQueue? queue, string directory, IClock clock, ILogger logger)
    {
        (Plan, _queue, _directory, _clock, _logger) = (plan, queue, directory, clock, logger);
        _overview = new MulticastOverview(plan.Name, plan.Role, plan.Queue, plan.EndPoint.ToString(), "starting", "");
    }

    public MulticastPlan Plan { get; }

    /// <summary>The state at the last sample, at most a quarter of a second old. Thread-safe.</summary>
    public MulticastOverview Overview => _overview;

    /// <summary>Why nothing is sent or received; null while it runs.</summary>
    public string? Failure => _overview is { State: MulticastOverview.Failing, Detail: var reason } ? reason : null;

    public void Start() =>
        _run = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private void Run()
    {
        TimeSpan pause = s_firstPause;
        while (!_stop.IsCancellationRequested)
        {
            long start = _clock.MonotonicNanos;
            try
            {
                RunOnce();
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                Tell(failure);
                bool ranLong = TimeSpan.FromTicks((_clock.MonotonicNanos - start) / 100) > s_longestPause;
                pause = ranLong ? s_firstPause : pause;
                _ = _stop.Token.WaitHandle.WaitOne(pause);
                pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
            }
        }
    }

    private void RunOnce()
    {
        if (Plan.Publisher is { } publishing)
        {
            using MulticastChannel channel = MulticastChannel.OpenPublisher(Plan.Channel);
            using MulticastPublisher publisher = new(_queue!, channel, publishing with { Clock = _clock });
            TellOpened(channel);
            channel.Run(publisher, _stop.Token, () => Sample(channel, publisher));
        }
        else
        {
            using MulticastChannel channel = MulticastChannel.OpenSubscriber(Plan.Channel);
            using MulticastSubscriber subscriber = new(_directory, channel, Plan.Subscriber! with { Clock = _clock });
            TellOpened(channel);
            channel.Run(subscriber, _stop.Token, () => Sample(channel, subscriber));
        }
    }

    private void TellOpened(MulticastChannel channel)
    {
        LogOpened(_logger, Plan.Name, Plan.Role, Plan.Queue, Plan.EndPoint.ToString(), channel.Description);
        if (channel.Fallback is { } fallback && fallback != _fallback)
        {
            LogFallback(_logger, Plan.Name, fallback.Reason);
        }

        _fallback = channel.Fallback;
        _nextSample = 0;
    }

    private void Sample(MulticastChannel channel, MulticastPublisher publisher)
    {
        if (!IsSampleDue())
        {
            return;
        }

        MulticastPublisherStatistics statistics = publisher.Statistics;
        PacketCounters counters = channel.ReadCounters();
        _overview = Opened(channel) with
        {
            State = statistics.Receivers == 0 ? "waiting" : "running",
            Receivers = statistics.Receivers,
            PacketsTotal = statistics.PacketsSent,
            NaksTotal = statistics.NaksReceived,
            RetransmitsTotal = statistics.RetransmittedPackets,
            InvalidTotal = statistics.InvalidPackets + counters.InvalidPackets,
            DroppedTotal = counters.ReceiveDropped,
            LagBytes = statistics.LagBytes,
        };
    }

    private void Sample(MulticastChannel channel, MulticastSubscriber subscriber)
    {
        if (!IsSampleDue() && subscriber.State == _state)
        {
            return;
        }

        _state = subscriber.State;
        MulticastSubscriberStatistics statistics = subscriber.Statistics;
        PacketCounters counters = channel.ReadCounters();
        _overview = Opened(channel) with
        {
            State = _state switch
            {
                MulticastState.Joining => "waiting",
                MulticastState.CatchingUp => "catching up",
                _ => "running",
            },
            PacketsTotal = statistics.PacketsReceived,
            LossesTotal = statistics.Losses,
            NaksTotal = statistics.NaksSent,
            RestoredTotal = statistics.PacketsRestored,
            InvalidTotal = statistics.InvalidPackets + counters.InvalidPackets,
            DroppedTotal = statistics.OverrunPackets + counters.ReceiveDropped,
            LagBytes = statistics.LagBytes,
        };
    }

    private MulticastOverview Opened(MulticastChannel channel) => _overview with
    {
        Detail = "",
        Transport = channel.Kind.ToText(),
        Fallback = channel.Fallback?.Reason ?? "",
    };

    private bool IsSampleDue()
    {
        long now = _clock.MonotonicNanos;
        if (now < _nextSample)
        {
            return false;
        }

        _nextSample = now + SampleNanos;
        return true;
    }

    private void Tell(Exception failure)
    {
        if (Failure != failure.Message)
        {
            LogFailure(_logger, Plan.Name, Plan.Queue, failure.Message);
        }

        _overview = _overview with { State = MulticastOverview.Failing, Detail = failure.Message, Receivers = 0 };
    }

    [LoggerMessage(EventId = 91, Level = LogLevel.Information,
        Message = "Multicast {Name}: {Role} of queue {Queue} at {EndPoint}, {Transport}.")]
    private static partial void LogOpened(ILogger logger, string name, string role, string queue, string endPoint, string transport);

    [LoggerMessage(EventId = 92, Level = LogLevel.Warning, Message = "Multicast {Name} uses UDP instead of AF_XDP: {Reason}")]
    private static partial void LogFallback(ILogger logger, string name, string reason);

    [LoggerMessage(EventId = 93, Level = LogLevel.Error, Message = "Multicast {Name} of queue {Queue} failed and starts again: {Reason}")]
    private static partial void LogFailure(ILogger logger, string name, string queue, string reason);
}
