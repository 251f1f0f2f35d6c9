using Estream.Core;
using Estream.Esf;
using Estream.Map;
using Estream.Queue;
using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>A map of the host that adapters read.</summary>
internal sealed class LatestMessages(StateMap<Utf8Key64, LatestEntry> map, EstreamQueue queue, EsfSchema schema) : ILatestMessages
{
    public EsfSchema Schema => schema;

    public int Read(ReadOnlySpan<byte> key, Span<byte> destination, out long storedAt)
    {
        storedAt = 0;
        if (!Utf8Key64.TryCreate(key, out Utf8Key64 mapKey) || !map.TryGet(in mapKey, out LatestEntry entry))
        {
            return 0;
        }

        storedAt = entry.Time;
        if (entry.Length > destination.Length)
        {
            return entry.Length;
        }

        if (entry.IsInline)
        {
            entry.Message.CopyTo(destination);
            return entry.Length;
        }

        try
        {
            using QueueTailer tailer = queue.CreateTailer();
            if (tailer.TrySeek(entry.Position) && tailer.TryRead(out QueueMessage message) && message.Sequence == entry.Sequence)
            {
                message.Payload.CopyTo(destination);
                return entry.Length;
            }
        }
        catch (EstreamException)
        {
            // The health of the queue and the map reports the error. To the peer, the adapter reports that the map has no value.
        }

        return 0;
    }
}
