using System.Text.Json;
using Estream.Core;
using Estream.Esf;
using Estream.Host.Http;
using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>Reads messages of one queue for the console. Thread-safe: each call uses its own tailer.</summary>
internal sealed class QueueView(string name, EstreamQueue queue, QueueWatch watch, MessageJson json, ReadGate gate) : IQueueView
{
    /// <summary>The maximum number of newest messages searched for a filtered response. The checkpoints of the queue cover them, and the
    /// search takes some milliseconds.</summary>
    public const int MostLookedAt = 8_000;

    /// <summary>The number of newest messages whose schemas describe a queue.</summary>
    private const int MostGlancedAt = 512;

    public void WriteLast(int count, MessagePatterns patterns, Utf8JsonWriter writer)
    {
        EsfMessageFilter? filter = patterns.AreAll ? null : json.Filter(patterns.Lattice, patterns.Path);
        writer.WriteStartArray();
        gate.Read(() =>
        {
            watch.Advance();
            long next = watch.Extent().NextSequence;
            return filter is null
                ? WriteFromCore(Math.Max(0, next - count), count, MessageBudget.Answer, writer)
                : WriteChosen(filter, next, count, writer);
        });
        writer.WriteEndArray();
    }

    /// <summary>Writes up to <paramref name="count"/> messages as elements of an open array, starting at a sequence number.</summary>
    public void WriteFrom(long firstSequence, int count, MessageBudget budget, Utf8JsonWriter writer) =>
        gate.Read(() => WriteFromCore(Math.Max(0, firstSequence), count, budget, writer));

    public MessageSearch Search(SearchTerms terms) =>
        gate.Read(() => MessageSearch.Begin(queue, WriteMembers, terms, SystemClock.Instance, gate));

    public EsfMessageFilter? FilterOf(MessagePatterns patterns) =>
        patterns.AreAll ? null : json.Filter(patterns.Lattice, patterns.Path);

    public bool TryWriteOne(long sequence, Utf8JsonWriter writer) => gate.Read(() =>
    {
        QueueInfo info = queue.GetInfo();
        if (sequence < info.FirstSequence || sequence >= info.NextSequence)
        {
            return false;
        }

        using QueueTailer tailer = queue.CreateTailer();
        tailer.SeekToSequence(sequence);
        if (!tailer.TryRead(out QueueMessage message) || message.Sequence != sequence)
        {
            return false;
        }

        new MessageDetail(json, WriteMembers).Write(message, writer);
        JsonBody.WriteNumberOrNull(writer, "previousSequence"u8, sequence > info.FirstSequence ? sequence - 1 : null);
        JsonBody.WriteNumberOrNull(writer, "nextSequence"u8, tailer.TryRead(out QueueMessage next) ? next.Sequence : null);
        return true;
    });

    /// <summary>Reads the oldest message and some of the newest. Called inside the gate.</summary>
    public QueueGlance Glance()
    {
        watch.Advance();
        SortedSet<string> schemas = new(StringComparer.Ordinal);
        long? firstTime = null;
        long? lastTime = null;
        try
        {
            using QueueTailer tailer = queue.CreateTailer();
            tailer.SeekToStart();
            firstTime = tailer.TryRead(out QueueMessage oldest) ? oldest.Time : null;
            if (watch.TryFind(watch.Extent().NextSequence - MostGlancedAt, out long position))
            {
                tailer.Seek(position);
                for (int i = 0; i < 2 * MostGlancedAt && tailer.TryRead(out QueueMessage message); i++)
                {
                    lastTime = message.Time;
                    if (json.Schemas.TryGet(message.Payload, out EsfSchema? schema))
                    {
                        schemas.Add(schema.Name);
                    }
                }
            }
        }
        catch (EstreamException)
        {
            // The queue is damaged, or retention has deleted the messages. The other members of the description are still useful.
        }

        return new QueueGlance(firstTime, lastTime, schemas);
    }

    /// <summary>Writes matching messages in two passes: the first selects them, the second writes them.</summary>
    private bool WriteChosen(EsfMessageFilter filter, long next, int count, Utf8JsonWriter writer)
    {
        long first = Math.Max(0, next - MostLookedAt);
        if (!filter.CanMatch || !watch.TryFind(first, out long position))
        {
            return false;
        }

        using QueueTailer tailer = queue.CreateTailer();
        tailer.Seek(position);
        Queue<long> chosen = new();
        while (tailer.TryRead(out QueueMessage message) && message.Sequence < next)
        {
            if (message.Sequence >= first && filter.Matches(message.Payload))
            {
                chosen.Enqueue(message.Sequence);
                if (chosen.Count > count)
                {
                    chosen.Dequeue();
                }
            }
        }

        tailer.Seek(position);
        long room = MessageBudget.Answer.TotalBytes;
        while (chosen.TryPeek(out long sequence) && tailer.TryRead(out QueueMessage message))
        {
            if (message.Sequence == sequence)
            {
                chosen.Dequeue();
                Write(message, (int)Math.Min(MessageBudget.Answer.MessageBytes, room), writer);
                room = Math.Max(0, room - message.Payload.Length);
            }
        }

        return true;
    }

    private bool WriteFromCore(long firstSequence, int count, MessageBudget budget, Utf8JsonWriter writer)
    {
        if (!watch.TryFind(firstSequence, out long position))
        {
            return false;
        }

        using QueueTailer tailer = queue.CreateTailer();
        tailer.Seek(position);
        long room = budget.TotalBytes;
        while (count > 0 && tailer.TryRead(out QueueMessage message))
        {
            if (message.Sequence < firstSequence)
            {
                continue;
            }

            Write(message, (int)Math.Min(budget.MessageBytes, room), writer);
            room = Math.Max(0, room - message.Payload.Length);
            count--;
        }

        return true;
    }

    private void Write(in QueueMessage message, int maxBytes, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteMembers(message, maxBytes, writer);
        writer.WriteEndObject();
    }

    private void WriteMembers(in QueueMessage message, int maxBytes, Utf8JsonWriter writer)
    {
        MessageJson.WritePlace(writer, message.Position, message.Sequence, message.Time);
        writer.WriteString("queue"u8, name);
        json.WriteMessage(writer, message.Payload, maxBytes);
    }
}

/// <summary>The times of the oldest and the newest message of a queue, and the schemas of the newest messages. Times are null for an
/// empty queue.</summary>
internal sealed record QueueGlance(long? FirstTime, long? LastTime, IReadOnlyCollection<string> Schemas);
