using Estream.Queue;

namespace Estream.Map.TestProcess;

/// <summary>The operations of the writers: waves of adding and removing, several keys at once, entries that expire within 20 ms, and an
/// occasional clear.</summary>
public static class FeedScript
{
    public const long MostOperations = 30_000;

    private const long Wave = 2_000;

    public static QueueOptions FeedOptions => new() { SegmentBytes = 1 << 20 };

    public static string MapOf(string directory) => Path.Combine(directory, "map");

    public static string FeedOf(string directory) => Path.Combine(directory, "feed");

    public static void Do(VersionedMap<long, FeedValue> map, VersionedBatch<long, FeedValue> batch, Random random, long operation)
    {
        long key = random.Next(operation % Wave < Wave / 2 ? 400 : 20);
        switch (random.Next(20))
        {
            case < 8:
                map.Put(key, FeedValue.Of(operation));
                break;
            case < 12:
                map.Put(key, FeedValue.Of(operation), TimeSpan.FromMilliseconds(random.Next(20) + 1));
                break;
            case < 15 when map.TryGet(key, out FeedValue value, out long version):
                map.CompareExchange(key, version, FeedValue.Of(value.Operation + 1), out _);
                break;
            case < 18:
                ChangeSeveral(map, batch, key, random, operation);
                break;
            default:
                map.Remove(key);
                break;
        }

        if (random.Next(1_000) == 0)
        {
            map.Clear();
        }
    }

    private static void ChangeSeveral(VersionedMap<long, FeedValue> map, VersionedBatch<long, FeedValue> batch, long first, Random random,
        long operation)
    {
        batch.Clear();
        map.TryGet(first, out _, out long version);
        batch.RequireVersion(first, version);
        for (long key = first; key < first + 1 + random.Next(6); key++)
        {
            if (random.Next(3) == 0)
            {
                batch.Remove(key);
            }
            else
            {
                batch.Put(key, FeedValue.Of(operation));
            }
        }

        batch.Commit();
    }
}

/// <summary>A value of several equal words, so that a mixture of two values is detected.</summary>
public readonly record struct FeedValue(long Operation, long Second, long Third, long Fourth)
{
    public bool IsWhole => Second == Operation && Third == Operation && Fourth == Operation;

    public static FeedValue Of(long operation) => new(operation, operation, operation, operation);
}
