using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Estream.Wire.Modbus.Server;

/// <summary>Serves the connection of one master: one loop reads requests, stores writes, waits until they are durable, and writes the
/// responses in the order of the requests. Nothing is read while a write cannot be stored or a response cannot be written.</summary>
internal sealed class ServerConnection : ServedConnection
{
    private const int MaxLatestBytes = 16 * 1024;
    private const int BufferedFrames = 8;

    private readonly ModbusServerOptions _options;
    private readonly ServerServices _services;
    private readonly IngressWriter _writer;
    private readonly WriteBatch _writes = new();
    private readonly byte[] _received = new byte[BufferedFrames * ModbusLimits.MaxTcpFrameBytes];
    private readonly byte[] _response = new byte[ModbusLimits.MaxTcpFrameBytes];
    private readonly byte[] _latest = new byte[MaxLatestBytes];
    private int _filled;
    private int _next;

    public ServerConnection(Socket socket, ModbusServerOptions options, ServerServices services)
        : base(socket, TimeSpan.FromSeconds(options.RequestSeconds), services.Events)
    {
        _options = options;
        _services = services;
        _writer = services.CreateWriter();
    }

    private TimeSpan RequestLimit => TimeSpan.FromSeconds(_options.RequestSeconds);

    protected override void Release() => _writer.Dispose();

    protected override async Task ServeAsync()
    {
        _writer.Peer = Identity?.CertificateName;
        TimeSpan idle = _options.IdleSeconds == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(_options.IdleSeconds);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(Closing);
        limit.CancelAfter(idle);
        using CancellationTokenSource writing = CancellationTokenSource.CreateLinkedTokenSource(Closing);
        bool wasInFrame = false;
        while (await ReadAsync(wasInFrame, limit.Token).ConfigureAwait(false)
            && await TakeFramesAsync(writing).ConfigureAwait(false))
        {
            // The time of a request counts from its first byte, so that a master that sends single bytes cannot extend it.
            bool isInFrame = _filled > 0;
            if (!isInFrame || !wasInFrame)
            {
                limit.CancelAfter(isInFrame ? RequestLimit : idle);
            }

            wasInFrame = isInFrame;
        }
    }

    /// <returns>False if the master has closed the connection, or was silent for too long.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReadAsync(bool isInFrame, CancellationToken limit)
    {
        try
        {
            int count = await Stream.ReadAsync(_received.AsMemory(_filled), limit).ConfigureAwait(false);
            _filled += count;
            if (count == 0)
            {
                Events.Report(AdapterEventKind.Disconnected, $"{Peer} closed the connection.");
            }

            return count > 0;
        }
        catch (OperationCanceledException) when (!Closing.IsCancellationRequested)
        {
            Events.Report(
                isInFrame ? AdapterEventKind.ProtocolViolation : AdapterEventKind.Disconnected,
                isInFrame
                    ? $"{Peer} was disconnected: a request took longer than {_options.RequestSeconds} s (RequestSeconds)."
                    : $"{Peer} was disconnected: no request within {_options.IdleSeconds} s (IdleSeconds).");
            return false;
        }
    }

    /// <summary>Answers all complete requests.</summary>
    /// <param name="writing">Limits the time to write a response.</param>
    /// <returns>False if the connection must end.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> TakeFramesAsync(CancellationTokenSource writing)
    {
        int taken = 0;
        while (true)
        {
            ModbusFrameStatus status = MbapHeader.TryRead(_received.AsSpan(taken, _filled - taken), out MbapHeader header);
            if (status == ModbusFrameStatus.Invalid)
            {
                _services.Counters.Refuse("a peer does not speak Modbus/TCP", peer: Peer);
                Events.Report(AdapterEventKind.ProtocolViolation, $"{Peer} was disconnected: it does not speak Modbus/TCP.");
                return false;
            }

            if (status == ModbusFrameStatus.Incomplete)
            {
                _received.AsSpan(taken, _filled - taken).CopyTo(_received);
                _filled -= taken;
                return true;
            }

            Establish();
            int start = taken + MbapHeader.Length;
            taken = start + header.PduLength;
            if (!await AnswerAsync(header, _received.AsMemory(start, header.PduLength), writing).ConfigureAwait(false))
            {
                return false;
            }
        }
    }

    /// <returns>False if a write could not be stored, so that the connection must end without a response.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> AnswerAsync(MbapHeader header, ReadOnlyMemory<byte> pdu, CancellationTokenSource writing)
    {
        int length = Respond(header.UnitId, pdu.Span);
        if (_writes.Count > 0)
        {
            if (!TryStore() && !await StoreBlockedAsync().ConfigureAwait(false))
            {
                return false;
            }

            await _writer.WaitDurableAsync(Closing).ConfigureAwait(false);
            CountStored();
        }

        (header with { PduLength = length }).Write(_response);
        writing.CancelAfter(RequestLimit);
        await Stream.WriteAsync(_response.AsMemory(0, MbapHeader.Length + length), writing.Token).ConfigureAwait(false);
        writing.CancelAfter(Timeout.InfiniteTimeSpan);
        return true;
    }

    private int Respond(byte unitId, ReadOnlySpan<byte> pdu)
    {
        _writes.Clear();
        _next = 0;
        Span<byte> response = _response.AsSpan(MbapHeader.Length);
        int length = 0;
        ModbusExceptionCode refusal = ModbusRequestView.TryParse(pdu, out ModbusRequestView request);
        refusal = refusal != ModbusExceptionCode.None ? refusal
            : !_services.Units.TryGetValue(unitId, out ServedUnit? unit) || Identity?.Allows(unit.Name) == false
                ? ModbusExceptionCode.GatewayPathUnavailable
            : unit.Respond(request, _latest, _services.Clock.UtcNanos, _writes, response, out length);
        _services.Counters.CountRequest();
        CountMessage(refusal == ModbusExceptionCode.None, _services.Clock.UtcNanos);
        if (refusal == ModbusExceptionCode.None)
        {
            return length;
        }

        _services.Counters.CountException(TextOf(refusal), Peer);
        _writes.Clear();
        return ModbusResponse.Exception(pdu[0], refusal, response);
    }

    private static string TextOf(ModbusExceptionCode refusal) => refusal switch
    {
        ModbusExceptionCode.IllegalFunction => "illegal function (exception 01)",
        ModbusExceptionCode.IllegalDataAddress => "illegal data address (exception 02)",
        ModbusExceptionCode.IllegalDataValue => "illegal data value (exception 03)",
        ModbusExceptionCode.ServerDeviceFailure => "server device failure (exception 04)",
        ModbusExceptionCode.GatewayPathUnavailable => "the unit is not served to this master (exception 0A)",
        _ => "a request cannot be answered (another exception)",
    };

    /// <summary>Appends the messages of a write. Continues after the last stored message if called again.</summary>
    /// <returns>False if the queue cannot be written now.</returns>
    private bool TryStore()
    {
        try
        {
            for (; _next < _writes.Count; _next++)
            {
                if (_writer.Append(new WireMessage(ModbusServer.WriteTopic, _writes[_next])) == IngressStatus.Blocked)
                {
                    return false;
                }
            }

            return true;
        }
        finally
        {
            _writer.Release();
        }
    }

    /// <summary>Tries to store a write until the queue can be written, the master has left, or the time of a request is over. In the latter
    /// cases the connection ends without a response, and the master repeats the write.</summary>
    private async Task<bool> StoreBlockedAsync()
    {
        Events.Report(AdapterEventKind.StorageBlocked, $"Reading from {Peer} is paused: the queue cannot be written.");
        if (await RetryAsync(TryStore, RequestLimit, _services.Clock).ConfigureAwait(false))
        {
            return true;
        }

        Events.Report(
            AdapterEventKind.Disconnected, $"{Peer} was disconnected without a response: the queue cannot be written.");
        return false;
    }

    private void CountStored()
    {
        for (int i = 0; i < _writes.Count; i++)
        {
            _services.Counters.Receive(_writes[i].Length);
        }
    }
}
