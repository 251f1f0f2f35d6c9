using System.Buffers;
using System.Text.Json;

namespace Estream.Host.Runtime;

/// <summary>
/// Selects the messages of a <c>messages</c> event: the newest messages since the last event, at most <see cref="MaxCount"/> over all
/// queues. Queues with few new messages come first, so a flood of telemetry does not displace a dead letter. Not thread-safe.
/// </summary>
internal sealed class NewestMessages
{
    public const int MaxCount = 50;

    private readonly Dictionary<string, long> _shown = new(StringComparer.Ordinal);

    /// <summary>Whether the last call of <see cref="Collect"/> found new messages.</summary>
    public bool HasGrown { get; private set; }

    /// <summary>Returns a JSON array, or null if there are no new messages or no clients. Messages not selected now are never selected
    /// later.</summary>
    public byte[]? Collect(IEnumerable<QueueRuntime> queues, bool isWatched)
    {
        List<(QueueRuntime Queue, long Next, long NewCount)> grown = [];
        foreach (QueueRuntime queue in queues)
        {
            // At the first call, all messages of the queue count as new, so a connected console gets the newest of them.
            QueueExtent extent = queue.Watch.Extent();
            long next = extent.NextSequence;
            long seen = _shown.GetValueOrDefault(queue.Name, extent.FirstSequence);
            _shown[queue.Name] = next;
            if (next > seen)
            {
                grown.Add((queue, next, next - seen));
            }
        }

        HasGrown = grown.Count > 0;
        return isWatched && HasGrown ? Write(grown) : null;
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
