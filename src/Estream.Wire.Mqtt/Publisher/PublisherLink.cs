using System.IO.Pipelines;
using Estream.Core;
using Estream.Wire.Mqtt.Codec;

namespace Estream.Wire.Mqtt.Internal;

/// <summary>An accepted connection to a server. One caller writes, and a separate task reads the acknowledgements.</summary>
internal sealed class PublisherLink : IAsyncDisposable
{
    private const int MaxAnswerBytes = 64 * 1024;
    private const long NanosPerMicrosecond = 1_000;
    private const int GoodbyeMs = 500;
    private const int DefaultWindow = ushort.MaxValue;

    private readonly MqttTransport _transport;
    private readonly PipeReader _reader;
    private readonly FrameScratch _scratch = new();
    private readonly Func<ushort, bool, bool> _onAnswer;
    private readonly string _server;
    private readonly SemaphoreSlim _progress = new(0);
    private readonly TimeSpan _pingInterval;
    private long _lastWrite = SystemClock.Instance.MonotonicNanos;
    private Task _reading = Task.CompletedTask;
    private volatile WireConnectionException? _failure;

    private PublisherLink(
        MqttTransport transport, PipeReader reader, ConnAckPacket grant, ConnectRequest request, int window, string server,
        Func<ushort, bool, bool> onAnswer)
    {
        _transport = transport;
        _reader = reader;
        _server = server;
        _onAnswer = onAnswer;
        Window = Math.Min(window, grant.ReceiveMaximum);
        int keepAlive = grant.ServerKeepAliveSeconds ?? request.KeepAliveSeconds;
        _pingInterval = keepAlive == 0 ? TimeSpan.MaxValue : TimeSpan.FromSeconds(keepAlive / 2.0);
    }

    /// <summary>The maximum number of unacknowledged messages.</summary>
    public int Window { get; }

    /// <summary>The failure that ended the connection; null while it is open.</summary>
    public WireConnectionException? Failure => _failure;

    public static async Task<PublisherLink> OpenAsync(
        MqttPublisherOptions options, ConnectRequest request, Func<ushort, bool, bool> onAnswer, CancellationToken cancellation)
    {
        string server = $"{options.Host}:{options.Port}";
        MqttTransport transport = await MqttTransport.ConnectAsync(options.Host, options.Port, options.Tls, cancellation)
            .ConfigureAwait(false);
        try
        {
            PipeReader reader = PipeReader.Create(transport.Stream);
            ConnAckPacket grant = await Handshake.ConnectAsync(transport.Stream, reader, request, server, exchange: null, cancellation)
                .ConfigureAwait(false);
            PublisherLink link = new(transport, reader, grant, request, Math.Min(options.Window, DefaultWindow), server, onAnswer);
            link._reading = Task.Run(link.ReadAsync, CancellationToken.None);
            return link;
        }
        catch
        {
            transport.Dispose();
            throw;
        }
    }

    /// <exception cref="WireConnectionException">The connection is over.</exception>
    public void ThrowIfLost()
    {
        if (_failure is { } failure)
        {
            throw new WireConnectionException(failure.Message, failure.IsTransient, failure);
        }
    }

    /// <summary>Writes packets. A cancelled write may have sent a part of them; then the connection must be closed.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> packets, CancellationToken cancellation)
    {
        _lastWrite = SystemClock.Instance.MonotonicNanos;
        return _transport.Stream.WriteAsync(packets, cancellation);
    }

    /// <summary>Waits for an acknowledgement, at most for a time limit, and sends a PINGREQ if one is due.</summary>
    public async Task WaitAsync(TimeSpan limit, CancellationToken cancellation)
    {
        await _progress.WaitAsync(limit, CancellationToken.None).ConfigureAwait(false);
        if (TimeSpan.FromMicroseconds((SystemClock.Instance.MonotonicNanos - _lastWrite) / NanosPerMicrosecond) > _pingInterval)
        {
            await SendAsync(ControlPackets.PingReq.ToArray(), cancellation).ConfigureAwait(false);
        }
    }

    public async Task DisconnectAsync()
    {
        using CancellationTokenSource limit = new(GoodbyeMs);
        byte[] packet = new byte[16];
        int length = ControlPackets.WriteDisconnect(packet, MqttReasonCode.Success, reasonString: null);
        await SendAsync(packet.AsMemory(0, length), limit.Token).ConfigureAwait(false);
    }

    /// <summary>Closes the connection and waits for the reading task. No acknowledgement is reported afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        _transport.Dispose();
        await _reading.ConfigureAwait(false);
        _scratch.Dispose();
        _progress.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                ReadResult result = await _reader.ReadAsync().ConfigureAwait(false);
                SequencePosition consumed = Take(result.Buffer);
                _reader.AdvanceTo(consumed, result.Buffer.End);
                if (result.IsCompleted && _failure is null)
                {
                    _failure = new WireConnectionException($"{_server} closed the connection.", isTransient: true);
                }

                _progress.Release();
                if (_failure is not null)
                {
                    return;
                }
            }
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            _failure ??= new WireConnectionException($"The connection to {_server} was lost: {failure.Message}", isTransient: true,
                failure);
        }
    }

    private SequencePosition Take(in System.Buffers.ReadOnlySequence<byte> buffer)
    {
        FrameCursor cursor = new(buffer, _scratch, MaxAnswerBytes);
        HeaderStatus status;
        while ((status = cursor.TryNext(out byte first, out ReadOnlySpan<byte> body, out Fault fault)) != HeaderStatus.Incomplete)
        {
            fault = status == HeaderStatus.Refused ? fault : Handle((PacketType)(first >> 4), body);
            if (fault.IsFault)
            {
                _failure ??= new WireConnectionException($"{_server} violated MQTT 5: {fault}", isTransient: false);
            }

            if (_failure is not null)
            {
                break;
            }
        }

        return cursor.Consumed;
    }

    private Fault Handle(PacketType type, ReadOnlySpan<byte> body)
    {
        Fault fault;
        switch (type)
        {
            case PacketType.PingResp:
                return default;
            case PacketType.PubAck:
                fault = AckPacket.Decode(type, body, out AckPacket answer);
                return fault.IsFault || _onAnswer(answer.PacketId, !answer.IsFailure)
                    ? fault
                    : Fault.Protocol("a PUBACK is not for the oldest unanswered message [MQTT-4.6.0-2]");
            case PacketType.Disconnect:
                fault = DisconnectPacket.Decode(body, isFromServer: true, out DisconnectPacket goodbye);
                _failure = fault.IsFault ? null : Handshake.Left(_server, goodbye);
                return fault;
            default:
                return Fault.Protocol("the server sent a packet that a publisher does not expect");
        }
    }
}
