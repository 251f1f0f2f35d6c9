using Estream.Core;
using Estream.Map;

namespace Estream.Wire.Mqtt.Tests.Rig;

/// <summary>The map of a host, behind the interface to which a fold writes.</summary>
internal sealed class MapSink(StateMap<Utf8Key64, LatestEntry> map) : IKeyedSink
{
    public bool NeedsReplay => map.HostCrashed;

    public void Clear()
    {
        map.Clear();
    }

    public bool TryPut(ReadOnlySpan<byte> key, long position, long sequence, long time, ReadOnlySpan<byte> message)
    {
        if (!Utf8Key64.TryCreate(key, out Utf8Key64 text))
        {
            return false;
        }

        LatestEntry entry = LatestEntry.Create(position, sequence, time, message);
        map.Put(in text, in entry);
        return true;
    }
}
