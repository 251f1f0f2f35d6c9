using Estream.Core;
using Estream.Esf;
using Estream.Queue;

namespace Estream.Circuits.Operations.Cpu;

/// <summary>Reads messages of a queue by sequence number, position or time. Consecutive sequence numbers are read without a
/// seek.</summary>
internal sealed class ReadOperation : CpuOperation
{
    private const long Unknown = -1;

    private readonly EstreamQueue _queue;
    private readonly EsfField _fromSequence;
    private readonly EsfField _fromPosition;
    private readonly EsfField _fromTime;
    private readonly EsfField _payload;
    private readonly EsfField _position;
    private readonly EsfField _sequence;
    private readonly EsfField _time;

    // Created with the first request. From then on the tailer keeps retention from reclaiming the messages it reads.
    private QueueTailer? _tailer;

    // The sequence number at which the tailer is positioned, if known.
    private long _standsAt = Unknown;
    private OperationStatus _outcome;

    public ReadOperation(CircuitOperation operation, EstreamQueue queue)
        : base(operation)
    {
        _queue = queue;
        _fromSequence = RequestField("sequence");
        _fromPosition = RequestField("position");
        _fromTime = RequestField("time");
        _payload = ResultField("payload");
        _position = ResultField("position");
        _sequence = ResultField("sequence");
        _time = ResultField("time");
    }

    public override void Dispose()
    {
        base.Dispose();
        _tailer?.Dispose();
    }

    protected override int ResultBytes(ReadOnlySpan<byte> request)
    {
        long? sequence = _fromSequence.TryGetUInt64(request, out ulong number) ? (long)Math.Min(number, long.MaxValue) : null;
        long? position = _fromPosition.TryGetInt64(request, out long place) ? place : null;
        long? time = _fromTime.TryGetInt64(request, out long moment) ? moment : null;
        int routes = (sequence is null ? 0 : 1) + (position is null ? 0 : 1) + (time is null ? 0 : 1);
        if (routes != 1)
        {
            _outcome = OperationStatus.Invalid;
            return 0;
        }

        _tailer ??= _queue.CreateTailer();
        bool isThere = TryReach(_tailer, sequence, position, time, out int length);
        _outcome = !isThere ? OperationStatus.Absent : length > MostBytes ? OperationStatus.TooLong : OperationStatus.Done;
        return _outcome == OperationStatus.Done ? length : 0;
    }

    protected override OperationStatus Execute(ReadOnlySpan<byte> request, ref EsfMessageBuilder result)
    {
        if (_outcome == OperationStatus.Done && _tailer!.TryRead(out QueueMessage message))
        {
            _standsAt = message.Sequence + 1;
            _ = result.TrySet(_payload, message.Payload);
            _ = result.TrySet(_position, (Int128)message.Position);
            _ = result.TrySet(_sequence, (Int128)message.Sequence);
            _ = result.TrySet(_time, (Int128)message.Time);
        }

        return _outcome;
    }

    /// <summary>Positions the tailer before the first requested message; returns false if that message does not exist yet.</summary>
    private bool TryReach(QueueTailer tailer, long? sequence, long? position, long? time, out int length)
    {
        length = 0;
        if (sequence > _standsAt && IsAtEnd(tailer))
        {
            return false;
        }

        try
        {
            Seek(tailer, sequence, position, time);
            return TryMeasure(tailer, out length);
        }
        catch (ArgumentException)
        {
            // The position is past the end, or no message starts there.
            if (sequence is not null)
            {
                ParkAtEnd(tailer);
            }

            return false;
        }
        catch (EstreamStorageException gone) when (gone.Reason == StorageFailure.NotFound)
        {
            _standsAt = Unknown;
            if (position is not null)
            {
                return false;
            }

            // Retention reclaimed the message: continue with the oldest message that is left.
            tailer.SeekToStart();
            return TryMeasure(tailer, out length);
        }
    }

    private void Seek(QueueTailer tailer, long? sequence, long? position, long? time)
    {
        if (sequence is not null && sequence == _standsAt)
        {
            return;
        }

        _standsAt = Unknown;
        if (position is long place)
        {
            tailer.Seek(place);
        }
        else if (time is long moment)
        {
            tailer.SeekToTime(moment);
        }
        else
        {
            tailer.SeekToSequence(sequence!.Value);
            _standsAt = sequence.Value;
        }
    }

    /// <summary>Whether the tailer is at a known sequence number without a message. Then no later message exists either, and no search is
    /// needed.</summary>
    private bool IsAtEnd(QueueTailer tailer)
    {
        try
        {
            return _standsAt != Unknown && !tailer.TryPeek(out _);
        }
        catch (EstreamException)
        {
            // The message at the tailer was reclaimed by retention, or is damaged. The search for the requested number shows whether that
            // affects the request.
            return false;
        }
    }

    /// <summary>Positions the tailer at the end of the queue, so that repeated requests for a future sequence number need no
    /// search.</summary>
    private void ParkAtEnd(QueueTailer tailer)
    {
        long next = _queue.GetInfo().NextSequence;
        try
        {
            tailer.SeekToSequence(next);
            _standsAt = next;
        }
        catch (Exception moved) when (moved is ArgumentException or EstreamStorageException)
        {
            // The queue was truncated or retention reclaimed the position meanwhile: the next request searches.
        }
    }

    private static bool TryMeasure(QueueTailer tailer, out int length)
    {
        bool isThere = tailer.TryPeek(out QueueMessage message);
        length = isThere ? message.Payload.Length : 0;
        return isThere;
    }
}
