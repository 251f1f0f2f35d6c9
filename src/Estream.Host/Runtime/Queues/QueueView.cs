using System.Text.Json;
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
        MessageJson.WritePlace(writer, message.Position, message.Sequence, message.Time);
        writer.WriteString("queue"u8, name);
        json.WriteMessage(writer, message.Payload, maxBytes);
        writer.WriteEndObject();
    }
}
