using Estream.Core;
using Estream.Map;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>An entry as <see cref="VersionedScenario"/> sees it.</summary>
internal readonly record struct SeenEntry(byte[] Value, long Version, long ExpiresAt);

/// <summary>A map of any kind whose entries have versions and may expire: the value of a key tells which operation put it there.</summary>
internal interface IStampedMap : IDisposable
{
    bool HostCrashed { get; }

    long Put(long key, long operation, TimeSpan? timeToLive);

    bool CompareExchange(long key, long expected, long operation, out long version);

    bool Remove(long key);

    bool Remove(long key, long expected);

    bool Touch(long key, TimeSpan timeToLive);

    void RemoveExpired();

    void Clear();

    void Flush();

    bool Any();

    bool TryGet(long key, out SeenEntry seen);
}

/// <summary>Opens maps whose entries have versions and may expire, and gives the value that an operation puts.</summary>
internal abstract class StampedKind
{
    public abstract byte[] ValueOf(long operation);

    public abstract IStampedMap Open(string directory, SimulatedProcess process, IClock clock, IChangeSink sink, bool isAlone);
}

/// <summary>Keys and values of fixed types.</summary>
internal sealed class StampedTypes<TValue>(Func<long, TValue> value) : StampedKind
    where TValue : unmanaged
{
    public override byte[] ValueOf(long operation)
    {
        TValue made = value(operation);
        return RawValue.AsBytes(in made).ToArray();
    }

    public override IStampedMap Open(string directory, SimulatedProcess process, IClock clock, IChangeSink sink, bool isAlone) =>
        new Opened(
        VersionedMap.Open<long, TValue>(directory, new MapOptions
        {
            InitialCapacity = 0,
            Writers = isAlone ? MapWriters.One : MapWriters.Many,
            Storage = process,
            Clock = clock,
            Changes = sink,
        }),
        value);

    private sealed class Opened(VersionedMap<long, TValue> map, Func<long, TValue> value) : IStampedMap
    {
        public bool HostCrashed => map.HostCrashed;

        public long Put(long key, long operation, TimeSpan? timeToLive) => map.Put(key, value(operation), timeToLive);

        public bool CompareExchange(long key, long expected, long operation, out long version) =>
            map.CompareExchange(key, expected, value(operation), out version);

        public bool Remove(long key) => map.Remove(key);

        public bool Remove(long key, long expected) => map.Remove(key, expected);

        public bool Touch(long key, TimeSpan timeToLive) => map.Touch(key, timeToLive);

        public void RemoveExpired() => map.RemoveExpired();

        public void Clear() => map.Clear();

        public void Flush() => map.Flush();

        public bool Any() => map.Any();

        public bool TryGet(long key, out SeenEntry seen)
        {
            bool isThere = map.TryGetEntry(key, out VersionedEntry<long, TValue> entry);
            TValue found = entry.Value;
            seen = isThere ? new SeenEntry(RawValue.AsBytes(in found).ToArray(), entry.Version, entry.ExpiresAt) : default;
            return isThere;
        }

        public void Dispose() => map.Dispose();
    }
}

/// <summary>Byte values of many lengths, in files so small that they are released all the time.</summary>
internal sealed class StampedBytes(int segmentBytes) : StampedKind
{
    public override byte[] ValueOf(long operation)
    {
        byte[] value = new byte[sizeof(long) + (operation % 50 == 0 ? 6_000 : (int)(operation * 31 % 300))];
        value.AsSpan().Fill((byte)operation);
        BitConverter.TryWriteBytes(value, operation);
        return value;
    }

    public override IStampedMap Open(string directory, SimulatedProcess process, IClock clock, IChangeSink sink, bool isAlone) =>
        new Opened(
        VersionedByteMap.Open(directory,
            new ByteMapOptions { InitialCapacity = 0, SegmentBytes = segmentBytes, Storage = process, Clock = clock, Changes = sink }),
                this);

    private sealed class Opened(VersionedByteMap map, StampedBytes kind) : IStampedMap
    {
        public bool HostCrashed => map.HostCrashed;

        public long Put(long key, long operation, TimeSpan? timeToLive) =>
            map.Put(BitConverter.GetBytes(key), kind.ValueOf(operation), timeToLive);

        public bool CompareExchange(long key, long expected, long operation, out long version) =>
            map.CompareExchange(BitConverter.GetBytes(key), expected, kind.ValueOf(operation), out version);

        public bool Remove(long key) => map.Remove(BitConverter.GetBytes(key));

        public bool Remove(long key, long expected) => map.Remove(BitConverter.GetBytes(key), expected);

        public bool Touch(long key, TimeSpan timeToLive) => map.Touch(BitConverter.GetBytes(key), timeToLive);

        public void RemoveExpired() => map.RemoveExpired();

        public void Clear() => map.Clear();

        public void Flush() => map.Flush();

        public bool Any()
        {
            using VersionedByteMap.Enumerator entries = map.GetEnumerator();
            return entries.MoveNext();
        }

        public bool TryGet(long key, out SeenEntry seen)
        {
            bool isThere = map.TryGet(BitConverter.GetBytes(key), out byte[]? value, out _);
            isThere &= map.TryGetVersion(BitConverter.GetBytes(key), out long version, out long expiresAt);
            seen = isThere ? new SeenEntry(value!, version, expiresAt) : default;
            return isThere;
        }

        public void Dispose() => map.Dispose();
    }
}
