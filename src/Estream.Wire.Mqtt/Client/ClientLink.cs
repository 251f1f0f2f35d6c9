using System.IO.Pipelines;
using Estream.Core;
using Estream.Wire.Mqtt.Codec;
using Estream.Wire.Mqtt.Internal.Authentication;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>
/// One accepted connection to a broker. Its loop reads, stores, acknowledges and reads again, like the loop of the endpoint. Publishing and
/// pings write concurrently with the loop, one at a time.
/// </summary>
internal sealed partial class ClientLink : IAsyncDisposable, IThreadPoolWorkItem
{
    private const int RetryMs = 100;
    private const int GoodbyeMs = 500;
    private const int StopGraceMs = 1_000;
    private const int PatienceWithoutKeepAlive = 30;
    private const long NanosPerSecond = 1_000_000_000;

    private readonly ClientCore _core;
    private readonly MqttTransport _transport;
    private readonly PipeReader _reader;
    private readonly PacketPump _pump;
    private readonly IngressWriter _ingress;
    private readonly OutboundTerms _terms;

    // The write gate. Closed until the session is resumed, so that no new packet overtakes the packets that the session still owes the
    // broker.
    private readonly SemaphoreSlim _writing = new(0, 1);
    private readonly CancellationTokenSource _ended = new();
    private readonly long _keepAliveNanos;
    private volatile WireConnectionException? _failure;
    private long _lastReceived;
    private long _lastSent;
    private long _writingSince;
    private volatile bool _isBlocked;

    // Nothing may follow the DISCONNECT [MQTT-3.14.4-1]. Guarded by _writing.
    private bool _isOver;
    private bool _isResumed;

    private ClientLink(ClientCore core, MqttTransport transport, PipeReader reader, ConnAckPacket grant)
    {
        _core = core;
        _transport = transport;
        _reader = reader;
        Grant = grant;
        _terms = new OutboundTerms(grant);
        _ingress = core.CreateWriter();
        MqttClientOptions options = core.Options;
        PumpLimits limits = new(
            options.MaxPacketBytes, options.MaxTopicBytes, options.ReceiveMaximum, options.TopicAliasMaximum, IsFromServer: true);
        _pump = new PacketPump(limits, _ingress, core.Counters, OnControl) { Received = core.Session.Received };
        _keepAliveNanos = (grant.ServerKeepAliveSeconds ?? options.KeepAliveSeconds) * NanosPerSecond;
        _provenAt = _lastReceived = _lastSent = core.Clock.MonotonicNanos;
    }

    /// <summary>The CONNACK of the broker.</summary>
    public ConnAckPacket Grant { get; }

    /// <exception cref="WireConnectionException">The broker cannot be reached or refuses the connection.</exception>
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
            ScramClient? exchange = core.CreateExchange();
            ConnAckPacket grant = await Handshake.ConnectAsync(
                transport.Stream, reader, core.CreateRequest(exchange), core.Broker, exchange, limit.Token).ConfigureAwait(false);
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

    /// <summary>Resumes the session, then receives until cancelled or lost.</summary>
    /// <param name="resume">Sends the packets that the session still owes the broker, with <see cref="SendFirstAsync"/>. Other writers wait
    /// until it completes.</param>
    /// <param name="cancellation">Ends the connection with a DISCONNECT, or after a short time without one.</param>
    /// <exception cref="WireConnectionException">The connection has ended; the message gives the reason.</exception>
    public async Task RunAsync(Func<ClientLink, ValueTask> resume, CancellationToken cancellation)
    {
        using CancellationTokenSource grace = new();
        using CancellationTokenRegistration hardEnd = grace.Token.Register(_transport.Dispose);
        using CancellationTokenRegistration stop = cancellation.Register(() =>
        {
            _reader.CancelPendingRead();
            grace.CancelAfter(StopGraceMs);
        });
        Task watching = KeepWatchAsync(_ended.Token);
        try
        {
            await resume(this).ConfigureAwait(false);
            LetWritersGo();
            await ReceiveAsync(cancellation).ConfigureAwait(false);
            await SayGoodbyeAsync(MqttReasonCode.Success).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            throw _failure
                ?? new WireConnectionException($"The connection to {_core.Broker} was lost: {failure.Message}", isTransient: true, failure);
        }
        finally
        {
            await _ended.CancelAsync().ConfigureAwait(false);

            // A blocked writer must not prevent the end.
            _transport.Dispose();
            LetWritersGo();
            await watching.ConfigureAwait(false);
        }
    }

    /// <summary>Writes a packet before all other writers, while the session is being resumed.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    public ValueTask SendFirstAsync(ReadOnlyMemory<byte> packet)
    {
        return WriteAsync(packet);
    }

    /// <summary>Ends the connection without a DISCONNECT. Thread-safe.</summary>
    public void Abort()
    {
        _transport.Dispose();
    }

    /// <summary>Writes a packet. Thread-safe.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> packet)
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            ThrowIfSaidGoodbye();
            await WriteAsync(packet).ConfigureAwait(false);
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
        LetWritersGo();

        // Wait for the current writer, which fails now. Later writers see that the connection is over.
        await _writing.WaitAsync().ConfigureAwait(false);
        _isOver = true;
        _writing.Release();
        await _reader.CompleteAsync().ConfigureAwait(false);
        _pump.Dispose();
        _output.Dispose();
        _ended.Dispose();
    }

    /// <summary>
    /// Ends the connection after an unexpected failure outside the read loop. The read loop then reports it. The next connection resends
    /// all unacknowledged messages, whereas this one would stay silent.
    /// </summary>
    private void Fail(Exception failure)
    {
        WireConnectionException because = new(
            $"The connection to {_core.Broker} was closed after an error in this host: {failure.Message}", isTransient: true, failure);
        Interlocked.CompareExchange(ref _failure, because, null);
        _transport.Dispose();
    }

    /// <summary>Throws if the last packet was sent. The caller holds the gate.</summary>
    private void ThrowIfSaidGoodbye()
    {
        if (_isOver)
        {
            throw new IOException("the last packet of this connection was already sent");
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> packet)
    {
        Volatile.Write(ref _writingSince, _core.Clock.MonotonicNanos);
        await _transport.Stream.WriteAsync(packet).ConfigureAwait(false);
        Volatile.Write(ref _lastSent, _core.Clock.MonotonicNanos);
        Volatile.Write(ref _writingSince, 0);
    }

    /// <summary>Opens the write gate once. After a failed resumption, the waiting writers then find the connection closed.</summary>
    private void LetWritersGo()
    {
        if (!_isResumed)
        {
            _isResumed = true;
            _writing.Release();
        }
    }

    private async Task ReceiveAsync(CancellationToken cancellation)
    {
        KeepAliveTracker signs = default;
        while (!cancellation.IsCancellationRequested)
        {
            ReadResult result = await _reader.ReadAsync(CancellationToken.None).ConfigureAwait(false);
            long now = _core.Clock.MonotonicNanos;
            SequencePosition consumed = _pump.Process(result.Buffer);
            PumpPause pause = _pump.Pause;
            if (signs.Take(result.Buffer.Length, result.Buffer.Slice(consumed).Length) || pause != PumpPause.NeedsBytes)
            {
                Volatile.Write(ref _lastReceived, now);
            }

            _reader.AdvanceTo(consumed, pause == PumpPause.NeedsBytes ? result.Buffer.End : consumed);
            SetBlocked(pause == PumpPause.Blocked);
            if (!_pump.Acks.IsEmpty)
            {
                // If this flush fails, the connection ends without these acknowledgements, and the broker resends the messages.
                await _ingress.WaitDurableAsync(CancellationToken.None).ConfigureAwait(false);
                await SendAsync(_pump.Acks.Written).ConfigureAwait(false);
            }

            _pump.Flushed();
            if (_core.Outbound.HasWaiting(_terms))
            {
                // Acknowledgements have freed slots. Do not wait for the write: the broker may not read until its own packets are read.
                RequestSending();
            }

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
            throw new WireConnectionException($"{_core.Broker} violated MQTT 5: {_pump.Fault}", isTransient: true);
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
            case PacketType.PubAck or PacketType.PubRec or PacketType.PubComp:
                return OnAnswer(type, body);
            case PacketType.Auth:
                return OnAuth(body);
            case PacketType.SubAck:
                Fault fault = ReasonsPacket.Decode(type, body, out ReasonsPacket granted);
                return fault.IsFault ? fault : _core.OnSubscribed(granted);
            case PacketType.Disconnect:
                fault = DisconnectPacket.Decode(body, isFromServer: true, out DisconnectPacket goodbye);
                if (!fault.IsFault)
                {
                    _failure = Handshake.Left(_core.Broker, goodbye);
                    _pump.Finish();
                }

                return fault;
            default:
                return Fault.Protocol("the server sent a packet that is not allowed after its CONNACK (section 2.1.2)");
        }
    }

    /// <summary>Runs the watch, and ends the connection if it fails: an unwatched connection could stay dead forever.</summary>
    private async Task KeepWatchAsync(CancellationToken cancellation)
    {
        try
        {
            await WatchAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
    }

    /// <summary>
    /// Sends PINGREQ packets, and ends the connection when the broker sends nothing, or accepts nothing, for one and a half keep-alive
    /// times. Never waits for a write, because it must detect a write that is blocked.
    /// </summary>
    private async Task WatchAsync(CancellationToken cancellation)
    {
        long keepAlive = _keepAliveNanos > 0 ? _keepAliveNanos : long.MaxValue;
        long patience = _keepAliveNanos > 0 ? _keepAliveNanos * 3 / 2 : PatienceWithoutKeepAlive * NanosPerSecond;
        TimeSpan interval = TimeSpan.FromSeconds(Math.Clamp(patience / (6.0 * NanosPerSecond), 0.05, 1));
        Task pinging = Task.CompletedTask;
        Task proving = Task.CompletedTask;
        while (!cancellation.IsCancellationRequested)
        {
            await Delays.WaitAsync(interval, cancellation).ConfigureAwait(false);
            _core.Routes.Retry();
            if (_core.Outbound.HasWaiting(_terms))
            {
                // Packet identifiers could not be saved on a full disk. Try again, in case no acknowledgement or message triggers another
                // attempt.
                RequestSending();
            }

            long now = _core.Clock.MonotonicNanos;
            long unheard = _keepAliveNanos > 0 && !_isBlocked ? now - Volatile.Read(ref _lastReceived) : 0;
            long writingSince = Volatile.Read(ref _writingSince);
            if (unheard > patience || (writingSince != 0 && now - writingSince > patience))
            {
                _failure = new WireConnectionException(
                    $"{_core.Broker} has {(unheard > patience ? "sent no complete packet" : "accepted no data")} for too long.",
                    isTransient: true);
                _transport.Dispose();
                break;
            }

            if (proving.IsCompleted && MustProve(now))
            {
                if (_exchange is not null)
                {
                    _failure = new WireConnectionException(
                        $"{_core.Broker} has not answered the AUTH for {_core.Options.ReauthenticateSeconds} s.", isTransient: true);
                    _transport.Dispose();
                    break;
                }

                proving = TryProveAsync(now);
            }

            if (pinging.IsCompleted && (now - Volatile.Read(ref _lastSent) > keepAlive / 2 || unheard > keepAlive / 2))
            {
                pinging = TryPingAsync();
            }
        }

        await pinging.ConfigureAwait(false);
        await proving.ConfigureAwait(false);
    }

    private async Task TryPingAsync()
    {
        try
        {
            await SendAsync(ControlPackets.PingReq.ToArray()).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // The read loop fails as well and reports it.
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
    }

    private async Task SayGoodbyeAsync(MqttReasonCode reason)
    {
        try
        {
            byte[] packet = new byte[16];
            int length = ControlPackets.WriteDisconnect(packet, reason, null);
            await WriteLastAsync(packet.AsMemory(0, length)).WaitAsync(TimeSpan.FromMilliseconds(GoodbyeMs)).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or TimeoutException)
        {
            // The broker has already closed the connection.
        }
    }

    /// <summary>Writes the last packet of the connection. Later writers fail.</summary>
    private async Task WriteLastAsync(ReadOnlyMemory<byte> packet)
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            _isOver = true;
            await WriteAsync(packet).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    private void SetBlocked(bool isBlocked)
    {
        if (isBlocked != _isBlocked)
        {
            _isBlocked = isBlocked;
            _core.Events.Report(
                isBlocked ? AdapterEventKind.StorageBlocked : AdapterEventKind.StorageRecovered,
                isBlocked ? $"Reading from {_core.Broker} is paused: {_ingress.Failure?.Message}"
                    : $"Reading from {_core.Broker} has resumed.");
        }
    }
}
