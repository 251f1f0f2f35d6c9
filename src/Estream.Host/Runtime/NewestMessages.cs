using System.Buffers;
using System.Text.Json;

namespace Estream.Host.Runtime;

/// <summary>
/// Picks what a <c>messages</c> event shows: the newest messages since the last event, at most
/// <see cref="MaxCount"/> over all queues. Quiet queues come first, so that a dead letter is not lost behind a flood
/// of telemetry. Not thread-safe.
/// </summary>
internal sealed class NewestMessages
{
    public const int MaxCount = 50;

    private readonly Dictionary<string, long> _shown = new(StringComparer.Ordinal);

    /// <summary>A JSON array, or null when there is nothing new or nobody to show it to; what is not shown now is not shown
    /// later.</summary>
    public byte[]? Collect(IEnumerable<QueueRuntime> queues, bool isWatched)
    {
        List<(QueueRuntime Queue, long Next, long NewCount)> grown = [];
        foreach (QueueRuntime queue in queues)
        {
            // Before the first look nothing has been shown: a console that is there by then gets the newest of what the queue holds.
            QueueExtent extent = queue.Watch.Extent();
            long next = extent.NextSequence;
            long seen = _shown.GetValueOrDefault(queue.Name, extent.FirstSequence);
            _shown[queue.Name] = next;
            if (next > seen)
            {
                grown.Add((queue, next, next - seen));
            }
        }

        return isWatched && grown.Count > 0 ? Write(grown) : null;
    }

    private static byte[] Write(List<(QueueRuntime Queue, long Next, long NewCount)> grown)
    {
        ArrayBufferWriter<byte> buffer = new(16 * 1024);
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartArray();
            int room = MaxCount;
            foreach ((QueueRuntime queue, long next, long newCount) in grown.OrderBy(g => g.NewCount))
            {
                int count = (int)Math.Min(newCount, room);
                queue.View.WriteFrom(next - count, count, MessageBudget.Event, writer);
                room -= count;
            }

            writer.WriteEndArray();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
