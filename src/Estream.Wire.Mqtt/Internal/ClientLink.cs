using System.IO.Pipelines;
using Estream.Core;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>
/// One accepted connection to a broker. Its loop reads, stores, acknowledges and reads again, as the endpoint's does; emitting and
/// pinging write beside it, one at a time.
/// </summary>
internal sealed class ClientLink : IAsyncDisposable
{
    private const int RetryMs = 100;
    private const int GoodbyeMs = 500;
    private const long NanosPerSecond = 1_000_000_000;

    private readonly ClientCore _core;
    private readonly MqttTransport _transport;
    private readonly PipeReader _reader;
    private readonly PacketPump _pump;
    private readonly IngressWriter _ingress;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _ended = new();
    private readonly long _keepAliveNanos;
    private volatile WireConnectionException? _failure;
    private long _lastReceived;
    private long _lastSent;
    private volatile bool _isBlocked;

    private ClientLink(ClientCore core, MqttTransport transport, PipeReader reader, ConnAckPacket grant)
    {
        _core = core;
        _transport = transport;
        _reader = reader;
        Grant = grant;
        _ingress = core.CreateWriter();
        MqttClientOptions options = core.Options;
        PumpLimits limits = new(
            options.MaxPacketBytes, options.MaxTopicBytes, options.ReceiveMaximum, options.TopicAliasMaximum, IsFromServer: true);
        _pump = new PacketPump(limits, _ingress, core.Counters, OnControl) { Received = core.Received };
        _keepAliveNanos = (grant.ServerKeepAliveSeconds ?? options.KeepAliveSeconds) * NanosPerSecond;
        _lastReceived = _lastSent = core.Clock.MonotonicNanos;
    }

    /// <summary>What the broker grants.</summary>
    public ConnAckPacket Grant { get; }

    /// <exception cref="WireConnectionException">The broker cannot be reached or refuses.</exception>
    public static async Task<ClientLink> OpenAsync(ClientCore core, CancellationToken cancellation)
    {
        MqttClientOptions options = core.Options;
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(options.ConnectTimeoutSeconds));
        MqttTransport? transport = null;
        try
        {
            transport = await MqttTransport.ConnectAsync(options.Host, options.Port, options.Tls, limit.Token).ConfigureAwait(false);
            PipeReader reader = PipeReader.Create(transport.Stream, new StreamPipeReaderOptions(bufferSize: EndpointConnection.ReadBytes));
            ConnAckPacket grant = await Handshake.ConnectAsync(transport.Stream, reader, core.CreateRequest(), core.Broker, limit.Token)
                .ConfigureAwait(false);
            return new ClientLink(core, transport, reader, grant);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            transport?.Dispose();
            throw new WireConnectionException($"{core.Broker} did not answer within {options.ConnectTimeoutSeconds} s.", isTransient: true);
        }
        catch
        {
            transport?.Dispose();
            throw;
        }
    }

    /// <summary>Receives until cancelled or lost.</summary>
    /// <exception cref="WireConnectionException">The connection is over, and this is why.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using CancellationTokenRegistration stop = cancellation.Register(_reader.CancelPendingRead);
        Task pinging = PingAsync(_ended.Token);
        try
        {
            await ReceiveAsync(cancellation).ConfigureAwait(false);
            await SayGoodbyeAsync(MqttReasonCode.Success).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            throw _failure ?? new WireConnectionException($"The connection to {_core.Broker} was lost: {failure.Message}", isTransient: true, failure);
        }
        finally
        {
            await _ended.CancelAsync().ConfigureAwait(false);
            await pinging.ConfigureAwait(false);
        }
    }

    /// <summary>Writes a packet; from any thread.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> packet)
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            await _transport.Stream.WriteAsync(packet).ConfigureAwait(false);
            Volatile.Write(ref _lastSent, _core.Clock.MonotonicNanos);
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(false);
        _transport.Dispose();
        await _reader.CompleteAsync().ConfigureAwait(false);
        _pump.Dispose();
        _ended.Dispose();
    }

    private async Task ReceiveAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            ReadResult result = await _reader.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            Volatile.Write(ref _lastReceived, _core.Clock.MonotonicNanos);
            SequencePosition consumed = _pump.Process(result.Buffer);
            PumpPause pause = _pump.Pause;
            _reader.AdvanceTo(consumed, pause == PumpPause.NeedsBytes ? result.Buffer.End : consumed);
            SetBlocked(pause == PumpPause.Blocked);
            if (!_pump.Acks.IsEmpty)
            {
                await SendAsync(_pump.Acks.Written).ConfigureAwait(false);
            }

            _pump.Flushed();
            await ThrowIfOverAsync(pause == PumpPause.NeedsBytes && result.IsCompleted).ConfigureAwait(false);
            if (pause == PumpPause.Blocked)
            {
                await Delays.WaitAsync(TimeSpan.FromMilliseconds(RetryMs), cancellation).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask ThrowIfOverAsync(bool isClosed)
    {
        if (_pump.Fault.IsFault)
        {
            await SayGoodbyeAsync(_pump.Fault.Code).ConfigureAwait(false);
            throw new WireConnectionException($"{_core.Broker} sent what MQTT 5 does not allow: {_pump.Fault}", isTransient: true);
        }

        if (_failure is not null)
        {
            throw _failure;
        }

        if (isClosed)
        {
            throw new WireConnectionException($"{_core.Broker} closed the connection.", isTransient: true);
        }
    }

    private Fault OnControl(PacketType type, ReadOnlySpan<byte> body)
    {
        switch (type)
        {
            case PacketType.PingResp:
                return body.IsEmpty ? default : Fault.Malformed("a PINGRESP has content (section 3.13.1)");
            case PacketType.PubAck:
                return OnPubAck(body);
            case PacketType.SubAck:
                Fault fault = ReasonsPacket.Decode(type, body, out ReasonsPacket granted);
                return fault.IsFault ? fault : _core.OnSubscribed(granted);
            case PacketType.Disconnect:
                fault = DisconnectPacket.Decode(body, out DisconnectPacket goodbye);
                _failure = Handshake.Left(_core.Broker, goodbye);
                _pump.Finish();
                return fault;
            case PacketType.PubRec or PacketType.PubComp:
                return AckPacket.Decode(type, body, out _);
            default:
                return Fault.Protocol("a packet is not one a server sends after its CONNACK (section 2.1.2)");
        }
    }

    private Fault OnPubAck(ReadOnlySpan<byte> body)
    {
        Fault fault = AckPacket.Decode(PacketType.PubAck, body, out AckPacket answer);
        if (!fault.IsFault)
        {
            _core.Outbound.Complete(
                answer.PacketId,
                answer.IsFailure
                    ? new EmitStatus(EmitCode.Refused, $"{_core.Broker} refused the message with 0x{(byte)answer.Reason:X2} {answer.Reason}")
                    : EmitStatus.Ok);
        }

        return fault;
    }

    /// <summary>Keeps the connection alive, and ends it when the broker is silent for one and a half times that long.</summary>
    private async Task PingAsync(CancellationToken cancellation)
    {
        TimeSpan interval = TimeSpan.FromSeconds(Math.Clamp(_keepAliveNanos / (4.0 * NanosPerSecond), 0.05, 5));
        while (_keepAliveNanos > 0 && !cancellation.IsCancellationRequested)
        {
            await Delays.WaitAsync(interval, cancellation).ConfigureAwait(false);
            long now = _core.Clock.MonotonicNanos;
            if (!_isBlocked && now - Volatile.Read(ref _lastReceived) > _keepAliveNanos * 3 / 2)
            {
                _failure = new WireConnectionException($"{_core.Broker} has been silent for too long.", isTransient: true);
                _transport.Dispose();
                return;
            }

            if (now - Volatile.Read(ref _lastSent) > _keepAliveNanos / 2 || now - Volatile.Read(ref _lastReceived) > _keepAliveNanos / 2)
            {
                await TryPingAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task TryPingAsync()
    {
        try
        {
            await SendAsync(ControlPackets.PingReq.ToArray()).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // The reading loop finds out too, and says it.
        }
    }

    private async Task SayGoodbyeAsync(MqttReasonCode reason)
    {
        try
        {
            byte[] packet = new byte[16];
            int length = ControlPackets.WriteDisconnect(packet, reason, null);
            await SendAsync(packet.AsMemory(0, length)).AsTask().WaitAsync(TimeSpan.FromMilliseconds(GoodbyeMs)).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or TimeoutException)
        {
            // The broker has gone already; there is nobody left to tell.
        }
    }

    private void SetBlocked(bool isBlocked)
    {
        if (isBlocked != _isBlocked)
        {
            _isBlocked = isBlocked;
            _core.Events.Report(
                isBlocked ? AdapterEventKind.StorageBlocked : AdapterEventKind.StorageRecovered,
                isBlocked ? $"{_core.Broker} is not read from: {_ingress.Failure?.Message}" : $"{_core.Broker} is read from again.");
        }
    }
}
