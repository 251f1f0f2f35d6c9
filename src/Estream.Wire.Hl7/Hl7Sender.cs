using System.Buffers;
using Estream.Esf;
using Estream.Wire.Hl7.Acknowledgement;
using Estream.Wire.Hl7.Codec;
using Estream.Wire.Hl7.Transport;

namespace Estream.Wire.Hl7;

/// <summary>
/// Sends stored messages over MLLP, one at a time and in their order. A message counts as sent when the receiver acknowledges it with AA or
/// CA, or at once if its MSH-15 and MSH-16 ask for no acknowledgement of success. If the connection is lost before the acknowledgement, the
/// message is sent again, so the receiver can get it twice (at least once). AE and CE skip the message. AR and CR skip it if their error
/// code names the message; otherwise the message is sent again later, because the standard allows these codes while a system is down (HL7
/// v2.5.1, 2.9.2.2).
/// </summary>
public sealed class Hl7Sender : IWireAdapter
{
    private const string NoIngress = "an HL7 client receives acknowledgements only";
    private const string NotRunning = "the adapter is not running";

    private static readonly TimeSpan s_tickInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(200);

    private readonly Hl7SenderOptions _options;
    private readonly AdapterContext _context;
    private readonly AdapterEventLog _events;
    private readonly EgressKeys _keys;
    private readonly Hl7Parser _parser;
    private readonly Lock _translating = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly Hl7SenderCounters _counters = new();
    private readonly Backoff _backoff;
    private readonly string _peer;
    private AdapterMetrics? _metrics;
    private volatile MllpClient? _link;
    private volatile string _trouble = "no attempt was made yet";
    private volatile bool _isServing;
    private bool _isDisposed;

    /// <summary>Creates a sender. Nothing is connected yet.</summary>
    /// <param name="options">The options.</param>
    /// <param name="context">The services of the host.</param>
    /// <exception cref="WireConfigurationException">An option is not accepted, or a key cannot be read.</exception>
    public Hl7Sender(Hl7SenderOptions options, AdapterContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        Check(options);
        _options = options;
        _context = context;
        _events = new AdapterEventLog(context.Name, context.Clock, context.Events);
        _parser = new Hl7Parser(options.Limits);
        _backoff = new Backoff(s_firstWait, TimeSpan.FromSeconds(options.MaxReconnectSeconds), Random.Shared);
        _peer = $"{options.Host}:{options.Port}";
        _keys = new EgressKeys(options.Schema, options.KeyFolder);
        Schemas = new AdapterSchemas([], [options.Schema]);
    }

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => Hl7SenderFactory.SenderDescriptor;

    /// <inheritdoc/>
    public string Name => _context.Name;

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <inheritdoc/>
    public AdapterStatistics Statistics => new(_link is null ? 0 : 1, 0, 0, 0)
    {
        EmittedTotal = _counters.Sent,
        EmitRefusedTotal = _counters.Refused,
        ReconnectsTotal = _counters.Reconnects,
    };

    /// <inheritdoc/>
    public HealthStatus Health =>
        !_isServing ? HealthStatus.Unhealthy("The adapter is not running.")
        : _link is null ? HealthStatus.Unhealthy($"{_peer} is not connected: {_trouble}")
        : HealthStatus.Healthy($"Connected to {_peer}: {_counters.Sent} messages acknowledged, {_counters.Refused} refused.");

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        // Reads the files, so that an invalid one stops the start.
        _ = _options.Tls?.ToClientOptions(_options.Host);
        _metrics = _counters.ToMetrics(Name, () => _link is null ? 0 : 1);
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
            while (!cancellation.IsCancellationRequested)
            {
                TimeSpan wait = _link is null && !await TryConnectAsync(cancellation).ConfigureAwait(false)
                    ? _backoff.Next()
                    : s_tickInterval;
                await Task.Delay(wait, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await DropIfClosedAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Normal shutdown.
        }
        finally
        {
            _isServing = false;
            await DropAsync().ConfigureAwait(false);
            _events.Report(AdapterEventKind.Stopped, "The client has stopped.");
        }
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateIngress(in WireMessage message, Span<byte> destination, out int length)
    {
        length = 0;
        return TranslateStatus.Unsupported(NoIngress);
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        destination.Clear();
        if (message.Schema.QualifiedName != _options.Schema.QualifiedName)
        {
            return TranslateStatus.NotMapped("no egress covers this schema");
        }

        lock (_translating)
        {
            if (_isDisposed)
            {
                return TranslateStatus.Unsupported("the adapter is closed");
            }

            EsfStatus status = _keys.Open(message.Bytes, out ReadOnlySpan<byte> opened);
            if (!status.IsOk)
            {
                return TranslateStatus.Of(status);
            }

            if (!Estream.Hl7.Hl7Message.View.TryOf(opened, out Estream.Hl7.Hl7Message.View view)
                || !view.Message.TryGet(out ReadOnlySpan<byte> content))
            {
                return TranslateStatus.Unfit("no key of Keys opens the field message");
            }

            Hl7Status parsed = _parser.Parse(content, out _);
            if (parsed != Hl7Status.Ok)
            {
                return TranslateStatus.Unfit(parsed.Describe());
            }

            destination.Topic.Write(view.ControlId);
            destination.Payload.Write(content);
            return TranslateStatus.Ok;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!_isServing)
        {
            return new EmitStatus(EmitCode.NotConnected, NotRunning);
        }

        await _sending.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_link is not { } link)
            {
                return new EmitStatus(EmitCode.NotConnected, $"{_peer} is not connected: {_trouble}");
            }

            EmitStatus status = await SendAsync(link, message.Payload.WrittenMemory, cancellation).ConfigureAwait(false);
            _counters.Count(status);
            return status;
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_translating)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            _keys.Dispose();
        }

        await DropAsync().ConfigureAwait(false);
        _metrics?.Dispose();
    }

    /// <exception cref="WireConfigurationException">An option is not accepted.</exception>
    internal static void Check(Hl7SenderOptions options)
    {
        Range("Port", options.Port, 1, ushort.MaxValue);
        Range("TimeoutSeconds", options.TimeoutSeconds, 1, 3_600);
        Range("MaxReconnectSeconds", options.MaxReconnectSeconds, 1, 3_600);
    }

    private static void Range(string key, int value, int min, int max)
    {
        if (value < min || value > max)
        {
            throw new WireConfigurationException(key, $"{value} is not accepted; write a whole number from {min} to {max}.");
        }
    }

    private async Task<EmitStatus> SendAsync(MllpClient link, ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        try
        {
            Hl7Ack? ack = await link.SendAsync(message, cancellation).ConfigureAwait(false);
            return ack is null || ack.Code.IsAccept() ? EmitStatus.Ok : Hl7AckPolicy.ToStatus(ack);
        }
        catch (ArgumentException)
        {
            return new EmitStatus(EmitCode.Refused, "the payload was not created by TranslateEgress");
        }
        catch (WireConnectionException failure)
        {
            await LoseAsync(link, failure.Message).ConfigureAwait(false);
            return new EmitStatus(EmitCode.NotConnected, failure.Message);
        }
        catch (OperationCanceledException)
        {
            // A late acknowledgement could be taken for that of the next message, so the connection cannot be used again.
            await LoseAsync(link, "the wait for an acknowledgement was cancelled").ConfigureAwait(false);
            throw;
        }
    }

    private async Task<bool> TryConnectAsync(CancellationToken cancellation)
    {
        try
        {
            _link = await MllpClient.ConnectAsync(
                _options.Host, _options.Port, TimeSpan.FromSeconds(_options.TimeoutSeconds), _options.Tls, _options.Limits, cancellation)
                .ConfigureAwait(false);
            _backoff.Reset();
            _counters.Connect();
            _events.Report(AdapterEventKind.Connected, $"Connected to {_peer}.");
            return true;
        }
        catch (Exception failure) when (failure is WireConnectionException or WireConfigurationException)
        {
            if (_trouble != failure.Message)
            {
                _trouble = failure.Message;
                _events.Report(AdapterEventKind.ConnectionFailed, failure.Message, failure);
            }

            return false;
        }
    }

    /// <summary>Notices that the receiver has closed the connection while no message is being sent.</summary>
    private async Task DropIfClosedAsync()
    {
        if (_link is { IsClosedByPeer: true } && _sending.Wait(0))
        {
            try
            {
                if (_link is { IsClosedByPeer: true } link)
                {
                    await LoseAsync(link, "the receiver closed the connection").ConfigureAwait(false);
                }
            }
            finally
            {
                _sending.Release();
            }
        }
    }

    /// <summary>Closes a connection that cannot be used again. The caller owns <see cref="_sending"/>.</summary>
    private async Task LoseAsync(MllpClient link, string reason)
    {
        _trouble = reason;
        Interlocked.CompareExchange(ref _link, null, link);
        _events.Report(AdapterEventKind.Disconnected, $"The connection with {_peer} has ended: {reason}");
        await link.DisposeAsync().ConfigureAwait(false);
    }

    private async Task DropAsync()
    {
        if (Interlocked.Exchange(ref _link, null) is not { } link)
        {
            return;
        }

        // Ends a call that waits for an acknowledgement. The buffer is released only when that call no longer uses it.
        link.Close();
        await _sending.WaitAsync().ConfigureAwait(false);
        try
        {
            await link.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }
}
