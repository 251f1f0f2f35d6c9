using System.Runtime.CompilerServices;
using Estream.Core;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal;

namespace Estream.Wire.Mqtt;

/// <summary>
/// A bridge to an existing broker. It subscribes, stores each message in a queue before acknowledging it, and publishes messages of the
/// host. After a connection loss it reconnects and resumes the session that the broker has kept.
/// </summary>
public sealed class MqttClient : IWireAdapter, IDeadLetterTarget
{
    private readonly ClientCore _core;
    private readonly IngressWriter _translator;
    private readonly Lock _translating = new();
    private AdapterMetrics? _metrics;
    private volatile ClientLink? _link;
    private volatile string _trouble = "The client is not connected yet.";

    /// <summary>Creates a client. It does not connect yet.</summary>
    /// <param name="options">The broker, the subscriptions and the limits.</param>
    /// <param name="mappings">The queues that topics map to; the first match wins.</param>
    /// <param name="context">The context that the host provides.</param>
    /// <exception cref="WireConfigurationException">An option is out of range.</exception>
    /// <exception cref="ArgumentException">A mapping names a queue that does not exist.</exception>
    public MqttClient(MqttClientOptions options, IEnumerable<TopicMapping> mappings, AdapterContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        ClientChecks.Check(options);
        Name = context.Name;
        _core = new ClientCore(options, context, new IngressRoutes(mappings, context.Ingress));
        _translator = _core.CreateWriter();
        Schemas = new AdapterSchemas(
            [.. _core.Routes.Mappings.Select(mapping => mapping.Schema).Distinct()],
            [.. options.Egress.Select(egress => egress.Topic.Schema).Distinct()]);
    }

    /// <inheritdoc/>
    public AdapterDescriptor Descriptor => MqttClientFactory.ClientDescriptor;

    IngressWriter IDeadLetterTarget.CreateDeadLetterWriter() => _core.CreateWriter();

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public AdapterSchemas Schemas { get; }

    /// <inheritdoc/>
    public AdapterStatistics Statistics =>
        new(_core.Counters.Connections, _core.Counters.Received, _core.Counters.RejectedTotal, _core.Counters.Bytes)
        {
            EmittedTotal = _core.Counters.Emitted,
            EmitRefusedTotal = _core.Counters.EmitRefused,
            ReconnectsTotal = Math.Max(0, _core.Counters.ConnectionsTotal - 1),
        };

    /// <inheritdoc/>
    public HealthStatus Health
    {
        get
        {
            if (_link is null)
            {
                return HealthStatus.Unhealthy(_trouble);
            }

            if (_core.Routes.Failure is { } failure)
            {
                return HealthStatus.Unhealthy($"A queue cannot be written, so reading from the broker is paused: {failure.Message}");
            }

            if (_core.RefusedSubscriptions is { } refused)
            {
                return HealthStatus.Degraded($"{_core.Broker} did not grant all subscriptions as requested: {refused}.");
            }

            return _core.IsSubscribed || _core.Options.Subscriptions.Count == 0
                ? HealthStatus.Healthy($"Connected to {_core.Broker}.")
                : HealthStatus.Degraded($"Connected to {_core.Broker}, which has not answered the SUBSCRIBE yet.");
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellation)
    {
        _core.OpenSession();
        _metrics = MqttMetrics.Of(_core.Counters);
        _core.Events.Report(AdapterEventKind.Started, $"Connecting to {_core.Broker} as '{_core.Options.ClientId}'.");
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task Ingest(CancellationToken cancellation)
    {
        Backoff backoff = new(_core.Options.ReconnectInitial, _core.Options.ReconnectMax, _core.Options.Random);
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await RunOnceAsync(backoff, cancellation).ConfigureAwait(false);
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested)
            {
                // Catches any failure: unacknowledged messages are sent again, and a bug here must not end the bridge permanently.
                TimeSpan wait = backoff.Next();
                _trouble = $"{failure.Message} Trying again in {wait.TotalMilliseconds:0} ms.";
                _core.Counters.Reject(MqttReasonCode.UnspecifiedError, "the connection to the broker was lost or refused", peer: null);
                _core.Events.Report(AdapterEventKind.ConnectionFailed, _trouble, failure);
                await Delays.WaitAsync(wait, cancellation).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is EstreamException or OperationCanceledException)
            {
                // The connection was lost while closing, or a full disk prevented saving the start of a session. The next start reports it.
                break;
            }
        }

        _core.Outbound.Close("The client has stopped.");
        _core.Events.Report(AdapterEventKind.Stopped, "The client has stopped.");
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateIngress(in WireMessage message, Span<byte> destination, out int length)
    {
        lock (_translating)
        {
            return _translator.Translate(message, destination, out length);
        }
    }

    /// <inheritdoc/>
    public TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination)
    {
        return EgressTranslation.Translate(_core.Options.Egress, message, destination);
    }

    /// <inheritdoc/>
    public ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        ClientLink? link = _link;
        EmitStatus refusal = WhyNot(message, link);
        if (!refusal.IsOk)
        {
            _core.Counters.CountEmit(refusal);
            return ValueTask.FromResult(refusal);
        }

        if (message.Quality == (int)MqttQos.AtMostOnce)
        {
            return PublishOnceAsync(link!, message);
        }

        return !cancellation.IsCancellationRequested && _core.Outbound.TryAdd(message, out Outgoing? added)
            ? Publish(added, cancellation)
            : PublishInTurnAsync(message, cancellation);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _metrics?.Dispose();
        _link?.Abort();
        _core.Outbound.Close("The client is disposed.");
        _translator.Dispose();
        _core.Dispose();
        return ValueTask.CompletedTask;
    }

    private EmitStatus WhyNot(EgressMessage message, ClientLink? link)
    {
        if (message.Quality is not (0 or 1 or 2))
        {
            return new EmitStatus(EmitCode.Refused, $"QoS {message.Quality} does not exist; set Quality to 0, 1 or 2");
        }

        if (!TopicRules.IsValidName(message.Topic.WrittenSpan))
        {
            return new EmitStatus(
                EmitCode.Refused,
                $"a message cannot be published to this topic of {message.Topic.WrittenCount} bytes; a topic must have 1 to 65,535 "
                + "bytes of UTF-8 without +, # and U+0000");
        }

        if (link is null)
        {
            return new EmitStatus(EmitCode.NotConnected, _trouble);
        }

        return link.WhyNot(message) is { } why ? new EmitStatus(EmitCode.Refused, $"{_core.Broker} {why}") : EmitStatus.Ok;
    }

    private async ValueTask<EmitStatus> PublishOnceAsync(ClientLink link, EgressMessage message)
    {
        EmitStatus status = EmitStatus.Ok;
        try
        {
            await link.SendOnceAsync(message).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or EstreamException)
        {
            status = new EmitStatus(EmitCode.NotConnected, $"Nothing can be sent to {_core.Broker}: {failure.Message}");
        }

        _core.Counters.CountEmit(status);
        return status;
    }

    private async ValueTask<EmitStatus> PublishInTurnAsync(EgressMessage message, CancellationToken cancellation)
    {
        Outgoing added = await _core.Outbound.AddAsync(message, cancellation).ConfigureAwait(false);
        return await Publish(added, cancellation).ConfigureAwait(false);
    }

    private ValueTask<EmitStatus> Publish(Outgoing added, CancellationToken cancellation)
    {
        // Request after adding: a later connection starts with all unacknowledged messages, and the current connection is notified here. So
        // each connection sends the message exactly once.
        _link?.RequestSending();
        return added.WaitAsync(cancellation);
    }

    private async Task RunOnceAsync(Backoff backoff, CancellationToken cancellation)
    {
        ClientLink link = await ClientLink.OpenAsync(_core, cancellation).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable closing = link.ConfigureAwait(false);
        _core.Events.Report(
            AdapterEventKind.Connected, $"Connected to {_core.Broker}{(link.Grant.SessionPresent ? ", which has kept the session" : "")}.");
        _core.Counters.Open();
        long openedAt = _core.Clock.MonotonicNanos;
        try
        {
            await link.RunAsync(ResumeAsync, cancellation).ConfigureAwait(false);
        }
        finally
        {
            // A short-lived connection does not reset the backoff: otherwise two clients with the same identifier would evict each other
            // forever.
            if (_core.Clock.MonotonicNanos - openedAt > _core.Options.ReconnectMax.TotalNanoseconds)
            {
                backoff.Reset();
            }

            _link = null;
            _trouble = $"The connection to {_core.Broker} is closed.";
            _core.Counters.Close();
        }
    }

    /// <summary>Resumes the session or begins a new one. Subscribes in both cases, because the settings may have changed.</summary>
    private async ValueTask ResumeAsync(ClientLink link)
    {
        if (_core.Session.IsToBeDiscarded)
        {
            _core.Session.IsToBeDiscarded = false;
            await LeaveAsync(link).ConfigureAwait(false);
            throw new WireConnectionException($"{_core.Broker} has discarded the session; the next connection begins a new one.",
                isTransient: true);
        }

        if (link.Grant.SessionPresent && !_core.Session.IsKnown)
        {
            _core.Session.IsToBeDiscarded = true;
            await LeaveAsync(link).ConfigureAwait(false);
            throw new WireConnectionException(
                $"{_core.Broker} has a session of '{_core.Options.ClientId}' whose state this host does not know; it is discarded "
                + "[MQTT-3.2.2-4].", isTransient: true);
        }

        if (!link.Grant.SessionPresent)
        {
            _core.Session.Begin();
            _core.Outbound.FailAll($"{_core.Broker} has lost the session; it is unknown whether the broker received the message");
        }

        _core.IsSubscribed = false;

        // Set before the unacknowledged messages are sent. If a caller adds a message later, it requests sending on this connection, and
        // the write waits until the session is resumed.
        _link = link;
        if (_core.Options.Subscriptions.Count > 0)
        {
            await SubscribeAsync(link).ConfigureAwait(false);
        }

        await link.ResumeOutboundAsync().ConfigureAwait(false);
    }

    /// <summary>Sends a DISCONNECT before any other writer, because otherwise the broker would publish the will [MQTT-3.14.4-3].</summary>
    private static ValueTask LeaveAsync(ClientLink link)
    {
        byte[] packet = new byte[ControlPackets.MaxAckLength];
        int length = ControlPackets.WriteDisconnect(packet, MqttReasonCode.Success, null);
        return link.SendFirstAsync(packet.AsMemory(0, length));
    }

    private async ValueTask SubscribeAsync(ClientLink link)
    {
        byte[] packet = ClientPackets.Subscribe(ClientCore.SubscribeId, _core.Options.Subscriptions);
        if (packet.Length > link.Grant.MaximumPacketSize)
        {
            _core.OnSubscribeTooLong(packet.Length, link.Grant.MaximumPacketSize);
            return;
        }

        await link.SendFirstAsync(packet).ConfigureAwait(false);
    }
}
