using System.Buffers;
using System.Text.Json;
using Estream.Core;
using Estream.Host.Http;
using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>
/// A search through one queue, in steps of some milliseconds. Each step enters the gate of the queue separately, and keeps no memory of
/// the messages that it has passed. Used by one thread at a time.
/// </summary>
/// <param name="queue">The queue.</param>
/// <param name="write">Writes the members of a message.</param>
/// <param name="terms">The range and the conditions.</param>
/// <param name="clock">The clock.</param>
internal abstract class MessageSearch(EstreamQueue queue, WriteMembers write, SearchTerms terms, IClock clock)
{
    private const long StepNanos = 20_000_000;

    /// <summary>The maximum number of bytes that a step writes before it ends.</summary>
    protected const int MaxStepBytes = 1 << 20;

    private long _room = terms.TotalBytes;

    public long Scanned { get; protected set; }

    public long Matched { get; private set; }

    /// <summary>The sequence number and time of the newest message that was read.</summary>
    public (long Sequence, long Time) Place { get; protected set; }

    /// <summary>The part of the range that was searched, 0 to 1.</summary>
    public abstract double Fraction { get; }

    /// <summary>Why the search has ended: <c>limit</c>, <c>end</c> or <c>budget</c>; null while the search runs.</summary>
    public string? EndReason { get; protected set; }

    /// <summary>Where a later search continues toward newer messages; null if there are none yet.</summary>
    public abstract long? NextSequence { get; }

    /// <summary>Where a later search continues toward older messages; null if there are none.</summary>
    public abstract long? PreviousSequence { get; }

    /// <summary>The sequence number of the next message to be appended when the search began.</summary>
    public required long EndSequence { get; init; }

    /// <summary>Closes when the queue closes.</summary>
    public required ReadGate Gate { get; init; }

    protected EstreamQueue Queue => queue;

    /// <summary>Begins a search. Called inside the gate of the queue.</summary>
    /// <exception cref="ArgumentException">The start does not exist.</exception>
    /// <exception cref="EstreamException">The queue is damaged.</exception>
    public static MessageSearch Begin(EstreamQueue queue, WriteMembers write, SearchTerms terms, IClock clock, ReadGate gate)
    {
        QueueInfo info = queue.GetInfo();
        using QueueTailer tailer = queue.CreateTailer();
        long from = Math.Clamp(terms.From.Resolve(tailer, info), info.FirstSequence, info.NextSequence);
        long last = info.NextSequence - 1;
        if (terms.To is { } to)
        {
            // The last message that is not newer than a time precedes the first newer message.
            last = Math.Min(last, to.Kind == SeekKind.Time
                ? new SeekPoint(SeekKind.Time, to.Value == long.MaxValue ? to.Value : to.Value + 1).Resolve(tailer, info) - 1
                : to.Resolve(tailer, info));
        }

        return terms.IsBackward
            ? new BackwardSearch(queue, write, terms, clock, info.FirstSequence, Math.Min(from, info.NextSequence - 1))
            {
                EndSequence = info.NextSequence, Gate = gate,
            }
            : new ForwardSearch(queue, write, terms, clock, info.FirstSequence, from, last)
            {
                EndSequence = info.NextSequence, Gate = gate,
            };
    }

    /// <summary>Searches for some milliseconds and writes the matching messages, one a line.</summary>
    /// <exception cref="EstreamException">The queue is damaged. The search cannot continue.</exception>
    /// <exception cref="ObjectDisposedException">The host is stopping, or the queue was removed.</exception>
    public void Advance(IBufferWriter<byte> lines) => Gate.Read(() =>
    {
        Step(lines);
        return true;
    });

    /// <summary>Does one step. Called inside the gate of the queue.</summary>
    protected abstract void Step(IBufferWriter<byte> lines);

    protected bool IsMatch(in QueueMessage message)
    {
        Scanned++;
        return terms.Filter.MatchesSchema(message.Payload) && terms.Patterns?.Matches(message.Payload) != false
            && terms.Filter.MatchesFields(message.Payload) && terms.Also?.Invoke(message.Payload) != false;
    }

    /// <summary>Begins a step. The returned function returns true after the time of the step has passed.</summary>
    protected Func<bool> BeginStep()
    {
        long end = clock.MonotonicNanos + StepNanos;
        return () => clock.MonotonicNanos >= end;
    }

    /// <summary>Writes a line. Ends the search if this was the last line.</summary>
    /// <returns>The length of the line.</returns>
    protected int Write(in QueueMessage message, IBufferWriter<byte> lines)
    {
        using Utf8JsonWriter json = new(lines, JsonBody.Options);
        json.WriteStartObject();
        if (terms.IsWrapped)
        {
            json.WriteStartObject("message"u8);
        }

        write(message, (int)Math.Min(MessageBudget.Answer.MessageBytes, _room), json);
        if (terms.IsWrapped)
        {
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.Flush();
        lines.Write("\n"u8);
        Matched++;
        _room = Math.Max(0, _room - message.Payload.Length);
        EndReason = Matched >= terms.Limit ? "limit" : _room == 0 ? "budget" : null;
        return (int)json.BytesCommitted;
    }

    /// <summary>Moves a tailer to the first message from a number on that retention has not deleted.</summary>
    protected static void SeekAvailable(QueueTailer tailer, long sequence)
    {
        try
        {
            tailer.SeekToSequence(sequence);
        }
        catch (EstreamStorageException deleted) when (deleted.Reason == StorageFailure.NotFound)
        {
            tailer.SeekToStart();
        }
    }
}

/// <summary>Writes the members of a message.</summary>
internal delegate void WriteMembers(in QueueMessage message, int maxBytes, Utf8JsonWriter writer);

/// <summary>A search from older to newer messages.</summary>
internal sealed class ForwardSearch(
    EstreamQueue queue, WriteMembers write, SearchTerms terms, IClock clock, long oldest, long from, long last)
    : MessageSearch(queue, write, terms, clock)
{
    // Reading the clock for each message would cost more than reading the message.
    private const int MessagesPerLook = 256;

    private readonly long _from = from;
    private long _next = from;

    public override double Fraction => last < _from ? 1 : Math.Clamp((_next - _from) / (double)(last + 1 - _from), 0, 1);

    public override long? NextSequence => _next < EndSequence ? _next : null;

    public override long? PreviousSequence => _from > oldest ? _from - 1 : null;

    protected override void Step(IBufferWriter<byte> lines)
    {
        if (_next > last)
        {
            EndReason ??= "end";
            return;
        }

        using QueueTailer tailer = Queue.CreateTailer();
        SeekAvailable(tailer, _next);
        Func<bool> isEnough = BeginStep();
        int written = 0;
        for (int count = 1; EndReason is null; count++)
        {
            if (!tailer.TryRead(out QueueMessage message) || message.Sequence > last)
            {
                _next = last + 1;
                EndReason = "end";
                return;
            }

            _next = message.Sequence + 1;
            Place = (message.Sequence, message.Time);
            if (IsMatch(message))
            {
                written += Write(message, lines);
            }

            if (written >= MaxStepBytes || (count % MessagesPerLook == 0 && isEnough()))
            {
                return;
            }
        }
    }
}

/// <summary>A search from newer to older messages. A queue is read forward only, so each step reads a block twice: the first pass finds the
/// matching messages, the second reads them.</summary>
internal sealed class BackwardSearch(EstreamQueue queue, WriteMembers write, SearchTerms terms, IClock clock, long oldest, long from)
    : MessageSearch(queue, write, terms, clock)
{
    private const int MinBlock = 64;
    private const int MaxBlock = 16_384;

    private int _block = 512;
    private readonly long _from = from;
    private long _last = from;

    public override double Fraction => _from < oldest ? 1 : Math.Clamp((_from - _last) / (double)(_from + 1 - oldest), 0, 1);

    public override long? NextSequence => _from + 1 < EndSequence ? _from + 1 : null;

    public override long? PreviousSequence => _last >= oldest ? _last : null;

    protected override void Step(IBufferWriter<byte> lines)
    {
        if (_last < oldest)
        {
            EndReason ??= "end";
            return;
        }

        Func<bool> isEnough = BeginStep();
        long first = Math.Max(oldest, _last - _block + 1);
        using QueueTailer tailer = Queue.CreateTailer();
        Stack<long> matches = new();
        SeekAvailable(tailer, first);
        while (tailer.TryRead(out QueueMessage message) && message.Sequence <= _last)
        {
            Place = (message.Sequence, message.Time);
            if (IsMatch(message))
            {
                matches.Push(message.Position);
            }
        }

        _last = WriteNewestFirst(tailer, matches, lines) ?? first - 1;
        _block = Math.Clamp(isEnough() ? _block / 2 : _block * 2, MinBlock, MaxBlock);
        EndReason ??= _last < oldest ? "end" : null;
    }

    /// <summary>Writes the found messages, up to the limits of the step and of the search.</summary>
    /// <returns>Where the search continues, if not all were written; otherwise null.</returns>
    private long? WriteNewestFirst(QueueTailer tailer, Stack<long> matches, IBufferWriter<byte> lines)
    {
        int written = 0;
        while (matches.TryPop(out long position))
        {
            if (tailer.TrySeek(position) && tailer.TryRead(out QueueMessage message) && message.Position == position)
            {
                written += Write(message, lines);
                if (EndReason is not null || written >= MaxStepBytes)
                {
                    return message.Sequence - 1;
                }
            }
        }

        return null;
    }
}
