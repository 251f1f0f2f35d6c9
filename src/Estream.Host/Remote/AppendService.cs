using System.Text;
using Estream.Client;
using Estream.Core;
using Estream.Host.Runtime;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Host.Remote;

/// <summary>Appends the requests of one connection. Not thread-safe.</summary>
internal sealed class AppendService(RemoteParts parts) : IAppendNote
{
    /// <summary>The bytes that a message may take in a segment in addition to its own bytes.</summary>
    private const int FrameBytes = 32;

    /// <summary>The source of the dead letters of clients.</summary>
    public const string Source = "client";

    private Guid _id;
    private Producer? _producer;
    private long _first;
    private long _last;
    private IngressSink? _noted;
    private bool _isNoteOpen;

    /// <summary>Returns the maximum length of a message that a client may append to a queue.</summary>
    public static int MaxMessageBytes(int ofQueue) => ofQueue - (2 * FrameBytes);

    /// <summary>Appends messages, without those that the queue has already.</summary>
    /// <param name="sink">The queue.</param>
    /// <param name="id">The producer.</param>
    /// <param name="first">The number of the first message.</param>
    /// <param name="messages">The messages, concatenated.</param>
    /// <param name="lengths">The lengths; their sum is the length of <paramref name="messages"/>.</param>
    /// <param name="position">The position of the first message; -1 if it is not known any more.</param>
    /// <param name="reason">Why the messages were refused; empty if they were stored.</param>
    public ClientStatus Append(IngressSink sink, Guid id, long first, ReadOnlySpan<byte> messages, ReadOnlySpan<int> lengths,
        out long position, out string reason)
    {
        position = -1;
        if (WhyNot(sink, messages, lengths) is { } refusal)
        {
            reason = refusal;
            return ClientStatus.Invalid;
        }

        // Verification takes longer than an append, so it must not hold the lock of the queue.
        if (sink.Signatures is { } rule && !AreSigned(rule, sink, messages, lengths, out ClientStatus status, out reason))
        {
            return status;
        }

        sink.Enter();
        try
        {
            if (parts.Producers.Find(id, sink.Name) is not { } producer)
            {
                reason = $"The host knows {ProducerTable.MaxProducers} producers of the last minutes. Use fewer appenders, or retry later.";
                return ClientStatus.LimitExceeded;
            }

            (_id, _producer, _noted) = (id, producer, sink);
            return AppendNew(first, messages, lengths, out position, out reason);
        }
        finally
        {
            sink.Exit();
        }
    }

    /// <summary>Appends the results of messages of a group in one batch, which also commits the progress of their tailer.</summary>
    /// <param name="sink">The output of the group.</param>
    /// <param name="consumed">The tailer of the messages, created for this output.</param>
    /// <param name="note">Called before the commit; moves the tailer past the last processed message.</param>
    /// <param name="results">The results, concatenated.</param>
    /// <param name="lengths">The lengths; their sum is the length of <paramref name="results"/>. May be empty.</param>
    /// <param name="position">The position of the first result; -1 if nothing was stored.</param>
    /// <param name="reason">Why the results were refused; empty if they were stored.</param>
    public ClientStatus AppendResults(IngressSink sink, QueueTailer consumed, IAppendNote note, ReadOnlySpan<byte> results,
        ReadOnlySpan<int> lengths, out long position, out string reason)
    {
        position = -1;
        if (WhyNot(sink, results, lengths) is { } refusal)
        {
            reason = refusal;
            return ClientStatus.Invalid;
        }

        if (sink.Signatures is { } rule && !AreSigned(rule, sink, results, lengths, out ClientStatus status, out reason))
        {
            return status;
        }

        sink.Enter();
        try
        {
            bool isStored = sink.TryAppendBatch(results, lengths, note, out position, consumed);
            reason = isStored ? "" : WhyNotNow(sink);
            return isStored ? ClientStatus.Ok : ClientStatus.Unavailable;
        }
        catch (ArgumentException)
        {
            reason = $"{lengths.Length} results with {results.Length} bytes do not fit in one batch of queue '{sink.Name}'. Process fewer "
                + "messages at once, or give the queue larger segments.";
            return ClientStatus.Invalid;
        }
        finally
        {
            sink.Exit();
        }
    }

    /// <summary>Returns the number of the last message that a queue has of a producer; 0 if the host does not know the producer.</summary>
    public long LastOf(IngressSink sink, Guid id)
    {
        sink.Enter();
        try
        {
            return parts.Producers.Find(id, sink.Name)?.Last ?? 0;
        }
        finally
        {
            sink.Exit();
        }
    }

    bool IAppendNote.TryNote(string queue, long position, int length)
    {
        _isNoteOpen = parts.Producers.TryWrite(_id, queue, _producer!, _first, _last, position, length);
        return _isNoteOpen;
    }

    private ClientStatus AppendNew(
        long first, ReadOnlySpan<byte> messages, ReadOnlySpan<int> lengths, out long position, out string reason)
    {
        Producer producer = _producer!;
        reason = "";
        position = producer.First == first ? producer.Position : -1;
        long skipped = producer.Last + 1 - first;
        if (skipped < 0)
        {
            reason = $"Message {first} does not follow message {producer.Last}, the last that the host knows of this producer.";
            return ClientStatus.OutOfSequence;
        }

        if (skipped >= lengths.Length)
        {
            return ClientStatus.Ok;
        }

        foreach (int length in lengths[..(int)skipped])
        {
            messages = messages[length..];
        }

        lengths = lengths[(int)skipped..];
        while (lengths.Length > 0)
        {
            int count = CountThatFits(lengths, out int bytes);
            if (!TryAppendBatch(messages[..bytes], lengths[..count], out long at))
            {
                reason = WhyNotNow(_noted!);
                return ClientStatus.Unavailable;
            }

            position = position < 0 && skipped == 0 ? at : position;
            messages = messages[bytes..];
            lengths = lengths[count..];
        }

        return ClientStatus.Ok;
    }

    private static string WhyNotNow(IngressSink sink) => sink.Failure is { } failure
        ? $"The queue cannot be written: {failure.Message}"
        : "The queue cannot be written now.";

    private bool TryAppendBatch(ReadOnlySpan<byte> messages, ReadOnlySpan<int> lengths, out long position)
    {
        Producer producer = _producer!;
        IngressSink sink = _noted!;
        _first = producer.Last + 1;
        _last = producer.Last + lengths.Length;
        _isNoteOpen = false;
        bool isStored = false;
        try
        {
            isStored = sink.TryAppendBatch(messages, lengths, this, out position);
        }
        finally
        {
            // A queue that takes no more messages throws.
            if (!isStored && _isNoteOpen)
            {
                parts.Producers.TakeBack(_id, sink.Name, producer);
            }
        }

        if (isStored)
        {
            (producer.Last, producer.First, producer.Position) = (_last, _first, position);
            parts.Producers.Keep(_id, sink.Name, producer);
        }

        return isStored;
    }

    private int CountThatFits(ReadOnlySpan<int> lengths, out int bytes)
    {
        bytes = 0;
        int count = 0;
        long limit = _noted!.MaxMessageBytes;
        while (count < lengths.Length && bytes + lengths[count] + ((long)FrameBytes * (count + 2)) <= limit)
        {
            bytes += lengths[count++];
        }

        return count;
    }

    /// <summary>Verifies the signatures of messages. Stores the first message without a valid signature as a dead letter.</summary>
    private bool AreSigned(SignatureRule rule, IngressSink sink, ReadOnlySpan<byte> messages, ReadOnlySpan<int> lengths,
        out ClientStatus status, out string reason)
    {
        long now = parts.Clock.UtcNanos;
        for (int number = 1; number <= lengths.Length; number++)
        {
            ReadOnlySpan<byte> message = messages[..lengths[number - 1]];
            messages = messages[message.Length..];
            if (rule.WhyNot(parts.Schemas, message, now) is not { } why)
            {
                continue;
            }

            WireMessage letter = new(Encoding.UTF8.GetBytes(sink.Name), message);
            if (!parts.Sinks.DeadLetters.TryAppend(now, Source, letter, why))
            {
                (status, reason) =
                    (ClientStatus.Unavailable, $"Dead letters cannot be written now: {parts.Sinks.DeadLetters.Failure?.Message}");
                return false;
            }

            IngressMetrics.CountDeadLetter(Source, IngressStatus.DeadLettered);
            (status, reason) = (ClientStatus.Invalid,
                $"Message {number} of {lengths.Length} was refused and stored as a dead letter: {why}. Queue '{sink.Name}' accepts signed "
                + "messages only; no other message of the request was stored.");
            return false;
        }

        (status, reason) = (ClientStatus.Ok, "");
        return true;
    }

    private string? WhyNot(IngressSink sink, ReadOnlySpan<byte> messages, ReadOnlySpan<int> lengths)
    {
        int most = MaxMessageBytes(sink.MaxMessageBytes);
        foreach (int length in lengths)
        {
            if (length > most)
            {
                return $"A message has {length} bytes, but queue '{sink.Name}' takes {most}. Give the queue larger segments.";
            }

            if (parts.Privacy.IsProtected(messages[..length]))
            {
                return "A message has private fields, which only an adapter seals. Send it through an adapter.";
            }

            messages = messages[length..];
        }

        return null;
    }
}
