using Estream.Core;
using Estream.Map;

namespace Estream.Scenarios.Product;

/// <summary>The latest message of each device in a map, as the host keeps it; a new map for each run.</summary>
internal sealed class LatestSink(StateMap<Utf8Key64, LatestEntry> map) : IKeyedSink
{
    public bool NeedsReplay => false;

    public void Clear() => map.Clear();

    public bool TryPut(ReadOnlySpan<byte> key, long position, long sequence, long time, ReadOnlySpan<byte> message)
    {
        if (!Utf8Key64.TryCreate(key, out Utf8Key64 mapKey))
        {
            return false;
        }

        LatestEntry entry = LatestEntry.Create(position, sequence, time, message);
        map.Put(in mapKey, in entry);
        return true;
    }
}
