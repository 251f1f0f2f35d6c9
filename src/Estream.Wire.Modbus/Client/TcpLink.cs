using System.Runtime.CompilerServices;

namespace Estream.Wire.Modbus.Client;

/// <summary>
/// A connection over TCP or TLS. Several requests may be under way; a response belongs to the request with its transaction id. A response
/// whose request has timed out is counted and dropped, and the connection continues.
/// </summary>
internal sealed class TcpLink : ModbusLink
{
    private const int ReadBufferBytes = 8 * 1024;

    private readonly Stream _stream;
    private readonly ModbusExchange?[] _pending;
    private readonly Lock _gate = new();
    private readonly byte[] _received = new byte[ReadBufferBytes];
    private readonly Action _continueWriting;
    private byte[] _outgoing;
    private byte[] _writing;
    private int _outgoingLength;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _write;
    private Task _reading = Task.CompletedTask;
    private ushort _lastTransaction;
    private bool _isWriting;
    private bool _isClosed;
    private volatile bool _isDisposing;

    /// <param name="stream">The connected stream, which the link disposes.</param>
    /// <param name="inFlight">The maximum number of requests under way.</param>
    public TcpLink(Stream stream, int inFlight)
    {
        _stream = stream;
        _pending = new ModbusExchange?[inFlight];
        _outgoing = new byte[inFlight * ModbusLimits.MaxTcpFrameBytes];
        _writing = new byte[inFlight * ModbusLimits.MaxTcpFrameBytes];
        _continueWriting = ContinueWriting;
    }

    /// <inheritdoc/>
    public override void Open() => _reading = Task.Run(ReadAsync);

    /// <inheritdoc/>
    public override bool TryStart(ModbusExchange exchange)
    {
        bool startsWriting;
        lock (_gate)
        {
            int slot = Array.IndexOf(_pending, null);
            int length = MbapHeader.Length + exchange.RequestLength;

            // The buffer is full only if the peer has not read the requests of earlier time-outs.
            if (_isClosed || slot < 0 || _outgoing.Length - _outgoingLength < length)
            {
                return false;
            }

            exchange.TransactionId = ++_lastTransaction;
            _pending[slot] = exchange;
            Span<byte> frame = _outgoing.AsSpan(_outgoingLength);
            new MbapHeader(exchange.TransactionId, exchange.Unit, exchange.RequestLength).Write(frame);
            exchange.Request.CopyTo(frame[MbapHeader.Length..]);
            _outgoingLength += length;
            startsWriting = !_isWriting;
            _isWriting = true;
        }

        if (startsWriting)
        {
            Write();
        }

        return true;
    }

    /// <inheritdoc/>
    public override void Expire(ModbusExchange exchange, ushort transaction)
    {
        bool isPending;
        lock (_gate)
        {
            int slot = Array.IndexOf(_pending, exchange);
            isPending = slot >= 0 && exchange.TransactionId == transaction;
            if (isPending)
            {
                _pending[slot] = null;
            }
        }

        if (isPending)
        {
            exchange.Complete(ModbusStatus.Timeout, default);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        _isDisposing = true;
        await _stream.DisposeAsync().ConfigureAwait(false);
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Write()
    {
        try
        {
            while (TakeOutgoing() is { Length: > 0 } bytes)
            {
#pragma warning disable CA2012 // The awaiter is used once: it is kept so that a continuation needs no allocation.
                _write = _stream.WriteAsync(bytes).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
                if (!_write.IsCompleted)
                {
                    _write.UnsafeOnCompleted(_continueWriting);
                    return;
                }

                _write.GetResult();
            }
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The reader notices the end and completes what is under way; here a lock of the caller may be held.
            _stream.Dispose();
        }
    }

    private void ContinueWriting()
    {
        try
        {
            _write.GetResult();
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or InvalidOperationException)
        {
            _stream.Dispose();
            return;
        }

        Write();
    }

    private ReadOnlyMemory<byte> TakeOutgoing()
    {
        lock (_gate)
        {
            int length = _outgoingLength;
            _isWriting = length > 0;
            (_outgoing, _writing) = (_writing, _outgoing);
            _outgoingLength = 0;
            return _writing.AsMemory(0, length);
        }
    }

    private async Task ReadAsync()
    {
        Exception? cause = null;
        int length = 0;
        try
        {
            while (true)
            {
                int count = await _stream.ReadAsync(_received.AsMemory(length)).ConfigureAwait(false);
                if (count == 0)
                {
                    break;
                }

                Counters.AddBytes(count);
                length = TakeFrames(length + count);
            }
        }
#pragma warning disable CA1031 // Whatever ends the reader ends the connection, with the cause, so that nothing waits for its responses.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            cause = failure;
        }

        await _stream.DisposeAsync().ConfigureAwait(false);
        CompleteAll();
        if (!_isDisposing)
        {
            Closed?.Invoke(cause);
        }
    }

    /// <summary>Handles the whole frames that were received.</summary>
    /// <returns>The number of bytes of an incomplete frame, now at the start of the buffer.</returns>
    private int TakeFrames(int length)
    {
        int start = 0;
        while (true)
        {
            ReadOnlySpan<byte> rest = _received.AsSpan(start, length - start);
            switch (MbapHeader.TryRead(rest, out MbapHeader header))
            {
                case ModbusFrameStatus.Ok:
                    Take(header, rest.Slice(MbapHeader.Length, header.PduLength));
                    start += MbapHeader.Length + header.PduLength;
                    continue;
                case ModbusFrameStatus.Invalid:
                    Counters.CountInvalid();
                    throw new InvalidDataException("The device sent bytes that are not a Modbus frame.");
                default:
                    rest.CopyTo(_received);
                    return rest.Length;
            }
        }
    }

    private void Take(MbapHeader header, ReadOnlySpan<byte> pdu)
    {
        ModbusExchange? exchange = null;
        lock (_gate)
        {
            for (int slot = 0; slot < _pending.Length; slot++)
            {
                if (_pending[slot] is { } waiting && waiting.TransactionId == header.TransactionId)
                {
                    exchange = waiting;
                    _pending[slot] = null;
                    break;
                }
            }
        }

        if (exchange is null)
        {
            Counters.CountLate();
            return;
        }

        if (header.UnitId != exchange.Unit || !ModbusResponseView.TryParse(exchange.Request, pdu, out ModbusResponseView response))
        {
            Counters.CountInvalid();
            exchange.Complete(ModbusStatus.InvalidResponse, pdu);
            return;
        }

        Counters.CountResponse();
        exchange.Complete(response.Exception == ModbusExceptionCode.None ? ModbusStatus.Ok : ModbusStatus.Exception, pdu);
    }

    private void CompleteAll()
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        // Nothing is added any more, and each exchange is taken under the lock, so that none is completed twice.
        for (int slot = 0; slot < _pending.Length; slot++)
        {
            ModbusExchange? exchange;
            lock (_gate)
            {
                exchange = _pending[slot];
                _pending[slot] = null;
            }

            exchange?.Complete(ModbusStatus.NotConnected, default);
        }
    }
}
