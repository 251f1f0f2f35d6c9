using System.Text.Json;
using Estream.Host.Http;
using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>Reads messages of one queue for the console. Thread-safe: each call has its own tailer.</summary>
internal sealed class QueueView(string name, EstreamQueue queue, QueueWatch watch, MessageJson json, ReadGate gate) : IQueueView
{
    public void WriteLast(int count, Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        gate.Read(() =>
        {
            watch.Advance();
            return WriteFromCore(Math.Max(0, watch.Extent().NextSequence - count), count, MessageBudget.Answer, writer);
        });
        writer.WriteEndArray();
    }

    /// <summary>Writes up to <paramref name="count"/> messages as elements of an open array, starting at a sequence number.</summary>
    public void WriteFrom(long firstSequence, int count, MessageBudget budget, Utf8JsonWriter writer) =>
        gate.Read(() => WriteFromCore(Math.Max(0, firstSequence), count, budget, writer));

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

            writer.WriteStartObject();
            MessageJson.WritePlace(writer, message.Position, message.Sequence, message.Time);
            writer.WriteString("queue"u8, name);
            json.WriteMessage(writer, message.Payload, (int)Math.Min(budget.MessageBytes, room));
            writer.WriteEndObject();
            room = Math.Max(0, room - message.Payload.Length);
            count--;
        }

        return true;
    }
}
