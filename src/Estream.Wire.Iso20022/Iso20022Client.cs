using Estream.Core;
using Estream.Esf;
using Estream.Wire.Iso20022.Connections;
using Estream.Wire.Iso20022.Payments;

namespace Estream.Wire.Iso20022;

/// <summary>
/// Sends stored ISO 20022 messages over TCP or TLS, one at a time and in their order, and stores the status reports (pacs.002) that the
/// peer sends. A message counts as sent when the peer has answered that it has the message. Otherwise the message is sent again, so the
/// peer can get it twice, with the same <c>MsgId</c> (at least once).
/// </summary>
/// <remarks>
/// The state of each payment of a pacs.008 is kept in a map of the adapter: sent, accepted, rejected, settled or timed out. A payment is
/// recorded, with its deadline, before its message is sent for the first time. A message is never sent after its deadline, nor again after
/// the peer has answered. Status reports are paired with payments by <c>OrgnlMsgId</c>, <c>OrgnlInstrId</c>, <c>OrgnlEndToEndId</c>,
/// <c>OrgnlTxId</c> and <c>OrgnlUETR</c>. The client reads them from the queue that pacs.002 is mapped to, so it also uses reports that
/// another adapter stores in this queue.
/// </remarks>
public sealed class Iso20022Client : IPaymentAdapter
{
    private const string NoIngress = "an ISO 20022 client stores status reports (pacs.002) only";
    internal const string ReportTopic = "pacs.002";

    private static readonly TimeSpan s_tickInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(200);

    private readonly Iso20022ClientOptions _options;
    private readonly AdapterContext _context;
    private readonly AdapterEventLog _events;
    private readonly IngressRoutes _routes;
    private readonly Iso20022Limits _limits;
    private readonly OutgoingMessages _outgoing;
    private readonly Iso20022Translator _translator;
    private readonly Lock _translating = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ClientCounters _counters = new();
    private readonly Backoff _backoff;
    private readonly string _peer;
    private AdapterMetrics? _metrics;
    private PaymentTable? _payments;
    private volatile PeerLink? _link;
    private volatile string _trouble = "no attempt was made yet";
    private volatile bool _isServing;
    private bool _isDisposed;

    /// <summary>Creates a client. Nothing is connected or opened yet.</summary>
    /// <param name="options">The options.</param>
    /// <param name="mappings">The queue of status reports: the topic <c>pacs.002</c> with a JSON payload. Required if pacs.008 is
    /// sent.</param>
    /// <param name="context">The services of the host.</param>
    /// <exception cref="WireConfigurationException">An option is not accepted, a key cannot be read, or the host gives adapters no
    /// directory.</exception>
    /// <exception cref="ArgumentException">A mapping names a queue that does not exist.</exception>
    /// <exception cref="EsfKeyException">An audience of private fields has no key.</exception>
    public Iso20022Client(Iso20022ClientOptions options, IReadOnlyCollection<TopicMapping> mappings, AdapterContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(mappings);
        ArgumentNullException.ThrowIfNull(context);
        options.Validate(hasReports: mappings.Count > 0);
        if (options.SendsPayments && context.Place is null)
        {
            throw new WireConfigurationException(
                "Egress", "sends payments, but this host gives adapters no directory for their states (AdapterContext.Place).");
        }

        _options = options;
        _context = context;
        _counters.Rejections = context.Rejections;
        _events = new AdapterEventLog(context.Name, context.Clock, context.Events);
        _routes = new IngressRoutes(mappings, context.Ingress, static _ => []);
        _limits = Iso20022Settings.Limits(options.MaxMessageBytes);
        _outgoing = new OutgoingMessages(options, _limits, context.Schemas);
        _translator = new Iso20022Translator(context.Schemas, _limits, options.Checks);
        _backoff = new Backoff(s_firstWait, TimeSpan.FromSeconds(options.MaxReconnectSeconds), Random.Shared);
        _peer = $"{options.Host}:{options.Port}";
        Schemas = new AdapterSchemas(
            [.. mappings.Select(mapping => mapping.Schema).Distinct()], [.. options.Egress.Select(egress => egress.Schema)]);
    }

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => Iso20022ClientFactory.ClientDescriptor;

    /// <inheritdoc/>
    public string Name => _context.Name;

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <inheritdoc/>
    public AdapterStatistics Statistics => _counters.ToStatistics(_link is null ? 0 : 1);

    /// <inheritdoc/>
    public HealthStatus Health =>
        !_isServing ? HealthStatus.Unhealthy("The adapter is not running.")
        : _routes.Failure is { } failure
            ? HealthStatus.Unhealthy($"A queue cannot be written, so reading from the peer is paused: {failure.Message}")
        : _link is null ? HealthStatus.Unhealthy($"{_peer} is not connected: {_trouble}")
        : HealthStatus.Healthy($"Connected to {_peer}: {_counters.Emitted} messages sent, {_counters.Refused} refused.");

    /// <inheritdoc/>
    public int WaitingPaymentCount => _payments?.Count(PaymentState.Sent) ?? 0;

    /// <summary>The states of payments; null if the client sends none, and before the start.</summary>
    internal PaymentTable? Payments => _payments;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        // Reads the files, so that an invalid one stops the start.
        _ = _options.Tls?.ToClientOptions(_options.Host);
        _payments = !_options.SendsPayments ? null
            : PaymentTable.Open(_context.Place!, TimeSpan.FromSeconds(_options.PaymentSeconds), _options.MaxPayments, _events);
        _metrics = _counters.ToMetrics(Name, _payments, () => _link is null ? 0 : 1);
        _events.Report(AdapterEventKind.Started, $"Sending to {_peer}{(_options.Tls is null ? "" : " with TLS")}.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Ingest(CancellationToken cancellation)
    {
        if (_metrics is null)
        {
            throw new InvalidOperationException("Start the adapter before it ingests.");
        }

        _isServing = true;
        try
        {
            ReportFollower? follower = _payments is { } payments ? Follow(payments) : null;
            IEnumerable<Func<CancellationToken, Task>> following = follower is null ? [] : [follower.RunAsync];
            await AdapterLoops.RunAsync([token => ConnectAsync(follower, token), TickAsync, .. following], cancellation)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Normal shutdown.
        }
        finally
        {
            _isServing = false;
            _events.Report(AdapterEventKind.Stopped, "The client has stopped.");
        }
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateIngress(in WireMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        if (Schemas.Produced.Count == 0)
        {
            return TranslateStatus.Unsupported(NoIngress);
        }

        lock (_translating)
        {
            TranslateStatus status = _translator.ToEsf(message.Payload, destination, out EsfSchema? schema, out length);
            return !status.IsOk || Schemas.Produced.Contains(schema!) ? status : TranslateStatus.Unsupported(NoIngress);
        }
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        return _outgoing.Translate(message, destination);
    }

    /// <inheritdoc/>
    public async ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        await _sending.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            EmitStatus status = !_isServing ? new EmitStatus(EmitCode.NotConnected, "the adapter is not running")
                : _link is not { } link ? new EmitStatus(EmitCode.NotConnected, $"{_peer} is not connected: {_trouble}")
                : await SendAsync(link, message.Payload.WrittenMemory, cancellation).ConfigureAwait(false);
            _counters.CountEmit(status);
            return status;
        }
        catch (EstreamStorageException failure)
        {
            return new EmitStatus(EmitCode.Deferred, $"the states of payments cannot be saved: {failure.Message}");
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<WaitingPayment> GetWaitingPayments(int max)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(max);
        return _payments is not { } payments ? [] :
        [
            .. payments.Waiting(max).Select(entry => new WaitingPayment(
                entry.MessageId, entry.Index, entry.EndToEndId, entry.IsReceived, entry.Status, entry.RecordedNanos, entry.DeadlineNanos)),
        ];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _isServing = false;
        _link?.Close();
        await _sending.WaitAsync().ConfigureAwait(false);
        _sending.Release();
        _metrics?.Dispose();
        _payments?.Dispose();
        _outgoing.Dispose();
    }

    private static EmitStatus Refused(string why) => new(EmitCode.Refused, why);

    private ReportFollower Follow(PaymentTable payments)
    {
        TopicMapping reports = _routes.Mappings.First(mapping => mapping.Pattern.ToString() == ReportTopic);
        _context.Ingress.TryGet(reports.Queue, out IngressSink? sink);
        return new ReportFollower(Name, sink!.Newest.Queue, reports.Schema, payments, _counters.CountUnpaired);
    }

    private async Task<EmitStatus> SendAsync(PeerLink link, ReadOnlyMemory<byte> document, CancellationToken cancellation)
    {
        if (_outgoing.Read(document.Span) is not { } ids)
        {
            return Refused("the payload was not created by TranslateEgress");
        }

        if (document.Length > _options.MaxMessageBytes)
        {
            return Refused($"the message is longer than {_options.MaxMessageBytes} bytes (MaxMessageBytes)");
        }

        if (ids.Payments.Length > 0 && Decide(ids) is { } decided)
        {
            return decided;
        }

        try
        {
            PeerAnswer answer = await link.SendAsync(
                ids.MessageId, document, TimeSpan.FromSeconds(_options.TimeoutSeconds), cancellation).ConfigureAwait(false);
            _backoff.Reset();
            return Take(answer, ids);
        }
        catch (WireConnectionException failure)
        {
            Close(link, failure.Message);
            return new EmitStatus(EmitCode.NotConnected, failure.Message);
        }
        catch (OperationCanceledException)
        {
            // A late answer could be taken for that of the next message, so the connection cannot be used again.
            Close(link, "the sending of a message was cancelled");
            throw;
        }
    }

    // Clears the link at once: the reader of the connection may be busy, and until it notices the end, the client would report healthy.
    private void Close(PeerLink link, string reason)
    {
        _trouble = reason;
        _ = Interlocked.CompareExchange(ref _link, null, link);
        link.Close();
    }

    /// <summary>Records the payments of a message, or finds out why the message is not sent.</summary>
    /// <returns>Null if the message must be sent.</returns>
    private EmitStatus? Decide(OutgoingIds ids) => _payments!.Begin(ids.Payments, ids.Digest) switch
    {
        SendDecision.Send => null,
        SendDecision.Received => EmitStatus.Ok,
        SendDecision.Rejected => Refused("the peer has rejected the message"),
        SendDecision.Expired => Refused($"the deadline of the message has passed (PaymentSeconds: {_options.PaymentSeconds})"),
        SendDecision.Different => Refused("another message with the same MsgId was sent before; write a new MsgId"),
        SendDecision.TooLarge => Refused($"the message has more payments than MaxPayments, {_options.MaxPayments}"),
        _ => new EmitStatus(EmitCode.Deferred, $"{_options.MaxPayments} payments wait for a report (MaxPayments)"),
    };

    private EmitStatus Take(PeerAnswer answer, OutgoingIds ids)
    {
        if (ids.Payments.Length > 0 && answer.IsAccepted)
        {
            _payments!.SetReceived(ids.MessageId);
        }
        else if (ids.Payments.Length > 0)
        {
            _payments!.SetRejected(ids.MessageId);
        }

        return answer.IsAccepted ? EmitStatus.Ok : Refused($"the peer has rejected the message: {answer.Text}");
    }

    /// <summary>Keeps a connection to the peer, and reads from it.</summary>
    private async Task ConnectAsync(ReportFollower? reports, CancellationToken cancellation)
    {
        if (reports is not null)
        {
            // A stored report may say that the peer has a message, which then must not be sent again.
            await reports.CaughtUp.WaitAsync(cancellation).ConfigureAwait(false);
        }

        while (!cancellation.IsCancellationRequested)
        {
            if (await TryConnectAsync(cancellation).ConfigureAwait(false) is { } link)
            {
                await using (link.ConfigureAwait(false))
                {
                    _link = link;
                    try
                    {
                        _trouble = await link.RunAsync(cancellation).ConfigureAwait(false);
                    }
                    finally
                    {
                        _link = null;
                    }
                }

                _events.Report(AdapterEventKind.Disconnected, $"The connection with {_peer} has ended: {_trouble}");
            }

            await Task.Delay(_backoff.Next(), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<PeerLink?> TryConnectAsync(CancellationToken cancellation)
    {
        try
        {
            Iso20022Connection connection = await Iso20022Connection.ConnectAsync(
                _options.Host, _options.Port, TimeSpan.FromSeconds(_options.TimeoutSeconds), _options.Tls, _options.MaxMessageBytes,
                cancellation).ConfigureAwait(false);
            _counters.Connect();
            _events.Report(AdapterEventKind.Connected, $"Connected to {_peer}.");
            DocumentIntake intake = new(_routes, _context, _events, _limits, _options.Checks);
            return new PeerLink(connection, _options.Answers, intake, TakeLateReject, _counters, _events);
        }
        catch (Exception failure) when (failure is WireConnectionException or WireConfigurationException)
        {
            if (_trouble != failure.Message)
            {
                _trouble = failure.Message;
                _events.Report(AdapterEventKind.ConnectionFailed, failure.Message, failure);
            }

            return null;
        }
    }

    private void TakeLateReject(PeerAnswer reject)
    {
        bool isKnown = reject.MessageId is { } id && _payments?.SetRejected(id) == true;
        _events.Report(AdapterEventKind.Degraded, isKnown
            ? $"The peer has rejected a message that it had received: {reject.Text}"
            : $"The peer has rejected a message that this client does not know: {reject.Text}");
    }

    private void TimeOut()
    {
        try
        {
            _payments?.TimeOut();
        }
        catch (EstreamStorageException failure)
        {
            _events.Report(AdapterEventKind.StorageBlocked, $"The states of payments cannot be saved: {failure.Message}", failure);
        }
    }

    private async Task TickAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            _routes.Retry();
            TimeOut();
            await Task.Delay(s_tickInterval, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
