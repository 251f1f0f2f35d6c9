using Estream.Core;
using Estream.Queue;

namespace Estream.Net.Multicast.Internal;

/// <summary>What an attempt to send did.</summary>
internal enum SendResult
{
    Nothing,
    Sent,
    Blocked,
}

/// <summary>
/// Sends the messages of the log in order, each once. A packet that the transport refuses is kept and sent again. Not thread-safe; never
/// allocates in steady state.
/// </summary>
internal sealed class LiveStream : IDisposable
{
    private readonly PacketOutput _output;
    private readonly FecEncoder? _fec;
    private readonly LogCursor _cursor;
    private readonly byte[] _buffer;
    private readonly int _maxBody;
    private readonly long _segmentBytes;
    private int _offset;
    private int _keptLength;
    private long _keptEnd;
    private long _keptPosition;
    private long _keptSequence;

    public LiveStream(EstreamQueue queue, PacketOutput output, FecEncoder? fec)
    {
        _output = output;
        _fec = fec;
        _cursor = new LogCursor(queue);
        _buffer = output.CreateBuffer();
        _maxBody = fec?.MaxDataBytes ?? output.MaxBodyBytes;
        _segmentBytes = queue.SegmentBytes;
    }

    /// <summary>The position of the last message sent, at least in part; 0 if none.</summary>
    public long LastPosition { get; private set; }

    /// <summary>The sequence number of that message; -1 if none.</summary>
    public long LastSequence { get; private set; } = -1;

    /// <summary>The first address not sent.</summary>
    public long EndAddress { get; private set; }

    /// <summary>How often retention deleted messages before they were sent live.</summary>
    public long Skips { get; private set; }

    /// <summary>The size of the last packet.</summary>
    public int LastPacketBytes { get; private set; }

    /// <summary>Moves behind the last message of the log; earlier ones are sent only on request.</summary>
    public void SeekToEnd()
    {
        _cursor.SeekToEnd();
        (_offset, _keptLength) = (0, 0);
        LastPosition = Math.Max(0, _cursor.Previous);
        LastSequence = LastPosition == 0 ? -1 : _cursor.PreviousSequence;
        EndAddress = LastPosition == 0 ? 0 : _cursor.PreviousEnd;
    }

    /// <summary>Sends the next packet, if there is a message.</summary>
    /// <param name="limit">No message at or after this address is added to the packet.</param>
    public SendResult TrySend(long limit)
    {
        if (_keptLength > 0)
        {
            return TrySendKept();
        }

        try
        {
            return TrySendNext(limit);
        }
        catch (EstreamStorageException missing) when (missing.Reason == StorageFailure.NotFound)
        {
            // The receivers ask for what was skipped, and each one is told that it was deleted.
            Skips++;
            SeekToEnd();
            return SendResult.Nothing;
        }
    }

    public void Dispose() => _cursor.Dispose();

    private SendResult TrySendNext(long limit)
    {
        DataBuilder builder = new(_output.BodyOf(_buffer)[.._maxBody], _segmentBytes);
        bool mayRefer = !_output.IsEncrypted && _fec is null;
        if (!builder.TryBuild(_cursor, _offset, limit, _fec?.Group ?? 0, _fec?.Count ?? 0, mayRefer))
        {
            return SendResult.Nothing;
        }

        (_keptPosition, _keptSequence, _keptEnd) = (builder.LastPosition, builder.LastSequence, builder.EndAddress);
        if (!_output.TrySendToGroup(PacketType.Data, PacketFlags.None, builder.Length, builder.Rest, _buffer))
        {
            _keptLength = builder.HasAdvanced ? builder.Length : 0;
            return SendResult.Blocked;
        }

        OnSent(builder.Length, builder.Rest.Length);
        _offset = builder.NextOffset;
        if (builder.MustAdvance)
        {
            _cursor.Advance();
        }

        return SendResult.Sent;
    }

    private SendResult TrySendKept()
    {
        if (!_output.TrySendToGroup(PacketType.Data, PacketFlags.None, _keptLength, default, _buffer))
        {
            return SendResult.Blocked;
        }

        OnSent(_keptLength, 0);
        _keptLength = 0;
        _offset = 0;
        return SendResult.Sent;
    }

    private void OnSent(int length, int rest)
    {
        (LastPosition, LastSequence, EndAddress) = (_keptPosition, _keptSequence, _keptEnd);
        LastPacketBytes = PacketLayout.HeaderBytes + length + rest;
        _fec?.Add(_output.BodyOf(_buffer)[..length]);
    }
}
