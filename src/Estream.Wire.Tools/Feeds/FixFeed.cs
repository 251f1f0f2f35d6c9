using System.Text;
using Estream.Core;
using Estream.Wire.Fix;

namespace Estream.Wire.Tools.Feeds;

/// <summary>A simulated desk that sends orders to a FIX acceptor and receives the reports. Sequence numbers start at 1 with each
/// Logon.</summary>
internal sealed class FixFeed : IFeed, IFixApplication, IAsyncDisposable
{
    private const int OrdStatus = 39;
    private const int Text = 58;
    private const long LogonLimitNanos = 5_000_000_000;

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(10);

    private readonly FixFeedOptions _options;
    private readonly IClock _clock;
    private readonly FixOrders _orders;
    private readonly FixInitiator _initiator;
    private long _sent;
    private long _bytes;
    private long _reports;
    private long _refused;
    private long _logons;
    private volatile string _failure = "no answer to the Logon";
    private volatile string? _refusal;

    /// <exception cref="ArgumentException">A name cannot be sent.</exception>
    public FixFeed(FixFeedOptions options, IClock clock)
    {
        _options = options;
        _clock = clock;
        _orders = new FixOrders(options.Protocol, clock);
        _initiator = new FixInitiator(
            new FixInitiatorOptions { Name = "feed", Host = options.Host, Port = options.Port, Tls = options.Tls, MaxReconnectSeconds = 5 },
            new FixSessionOptions
            {
                Protocol = options.Protocol,
                SenderCompId = options.Sender,
                TargetCompId = options.Target,
                Username = options.Username,
                PasswordFile = options.PasswordFile,
                ResetOnLogon = true,
            },
            this,
            clock,
            Hear);
    }

    public long MaxMessages => _options.MaxMessages;

    public string? FirstRefusal => _refusal;

    private bool IsDone => MaxMessages > 0 && _sent >= MaxMessages;

    public FeedCounts Count(long monotonicNanos)
    {
        long losses = Math.Max(0, Interlocked.Read(ref _logons) - 1);
        return new FeedCounts(
            Interlocked.Read(ref _sent), Interlocked.Read(ref _reports), Interlocked.Read(ref _refused), Interlocked.Read(ref _bytes),
            _initiator.Session.IsLoggedOn ? 1 : 0, losses, "reports", monotonicNanos);
    }

    /// <exception cref="WireToolException">The acceptor refuses the Logon.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task running = _initiator.RunAsync(stop.Token);
        try
        {
            await SendAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            // Sends Logout and waits for the answer. The acceptor sends the answer after all its earlier messages.
            await stop.CancelAsync().ConfigureAwait(false);
            await running.ConfigureAwait(false);
        }
    }

    public void OnLogon(FixSession session) => Interlocked.Increment(ref _logons);

    public FixVerdict OnMessage(FixSession session, in FixMessage message)
    {
        bool isReport = message.MsgType.SequenceEqual("8"u8);
        if (isReport)
        {
            Interlocked.Increment(ref _reports);
        }

        // A report that an order was rejected, or a Business Message Reject.
        if ((isReport && message.Fields.Is(OrdStatus, "8"u8)) || message.MsgType.SequenceEqual("j"u8))
        {
            Interlocked.Increment(ref _refused);
            _refusal ??= message.Fields.TryGet(Text, out ReadOnlySpan<byte> text) ? Encoding.UTF8.GetString(text) : null;
        }

        return FixVerdict.Accepted;
    }

    public ValueTask DisposeAsync() => _initiator.DisposeAsync();

    private async Task SendAsync(CancellationToken cancellation)
    {
        using PeriodicTimer timer = new(s_tick);
        FeedPace pace = new(_options.MessagesPerSecond, _clock);
        long start = _clock.MonotonicNanos;
        while (!IsDone && !cancellation.IsCancellationRequested)
        {
            if (Interlocked.Read(ref _logons) == 0 && _clock.MonotonicNanos - start > LogonLimitNanos)
            {
                throw new WireToolException(
                    $"{_options.Host}:{_options.Port} does not accept the Logon of {_options.Sender} ({_failure}): check --sender, "
                    + "--target, --fix-version and the TLS options");
            }

            long due = pace.Take();
            while (due > 0 && !IsDone && TrySend())
            {
                due--;
            }

            await timer.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private bool TrySend()
    {
        FixMessageBuilder order = _orders.Make(_sent);
        if (_initiator.Session.Send(order) != FixSendStatus.Sent)
        {
            return false;
        }

        Interlocked.Add(ref _bytes, order.BodyLength);
        Interlocked.Increment(ref _sent);
        return true;
    }

    private void Hear(AdapterEvent happened)
    {
        if (happened.Kind is AdapterEventKind.ConnectionFailed or AdapterEventKind.Disconnected)
        {
            _failure = happened.Detail.TrimEnd('.');
        }
    }
}

/// <summary>The options of a <see cref="FixFeed"/>.</summary>
internal sealed record FixFeedOptions
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>The TLS options; null for plain TCP.</summary>
    public WireTlsOptions? Tls { get; init; }

    public required FixProtocol Protocol { get; init; }

    public required string Sender { get; init; }

    public required string Target { get; init; }

    public string? Username { get; init; }

    public string? PasswordFile { get; init; }

    public required double MessagesPerSecond { get; init; }

    /// <summary>The number of messages; 0 for no limit.</summary>
    public required long MaxMessages { get; init; }
}
