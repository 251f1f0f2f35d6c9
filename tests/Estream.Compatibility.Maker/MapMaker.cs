using Estream.Core;
using Estream.Map;
using Estream.Queue;

namespace Estream.Compatibility;

/// <summary>Creates the maps. Writes the number of completed operations to standard output.</summary>
internal static class MapMaker
{
    private static readonly MapOptions s_small = new() { InitialCapacity = 0 };

    public static void Make(string name, string directory)
    {
        switch (name)
        {
            case "map-small": Whole(directory, 400, 150, key => key, operation => operation * 5); break;
            case "map-grown": Whole(directory, 6_000, 5_000, key => key, operation => operation * 5); break;
            case "map-text": Whole(directory, 500, 90, MapScript.TextOf, MapScript.EntryOf); break;
            case "map-killed-in-value": KilledInValue(directory); break;
            case "map-killed-before-growth": KilledInGrowth(directory, new DyingStorage { DiesAfterCreate = "table.0003" }); break;
            case "map-killed-after-growth": KilledInGrowth(directory, new DyingStorage { DiesBeforeDelete = "table.0002" }); break;
            case "map-stamps": Stamped(directory); break;
            case "map-feed": Told(directory); break;
            case "map-killed-in-batch": KilledInBatch(directory); break;
            default: throw new ArgumentException($"There is no map '{name}'.");
        }
    }

    private static void Whole<TKey, TValue>(string directory, long operations, long keys, Func<long, TKey> key, Func<long, TValue> value)
        where TKey : unmanaged
        where TValue : unmanaged
    {
        using StateMap<TKey, TValue> map = StateMap.Open<TKey, TValue>(directory, s_small);
        for (long operation = 1; operation <= operations; operation++)
        {
            MapScript.Apply(map, operation, keys, key, value);
        }

        Console.WriteLine($"operations {operations} keys {keys}");
    }

    private static void Stamped(string directory)
    {
        using VersionedMap<long, long> map = VersionedMap.Open<long, long>(directory, s_small with { Clock = new SteppingClock() });
        long version = 0;
        for (long operation = 1; operation <= 900; operation++)
        {
            version = Math.Max(version, MapScript.Apply(map, operation, keys: 200));
        }

        Console.WriteLine($"operations 900 keys 200 version {version}");
    }

    private static void Told(string directory)
    {
        using EstreamQueue feed = EstreamQueue.Open(MapScript.FeedOf(directory), new QueueOptions { SegmentBytes = 1 << 16 });
        using QueueChangeSink sink = new(feed);
        using StateMap<long, long> map = StateMap.Open<long, long>(MapScript.MapOf(directory), s_small with { Changes = sink });
        for (long operation = 1; operation <= 700; operation++)
        {
            MapScript.Apply(map, operation, 100, key => key, number => number * 5);
        }

        Console.WriteLine("operations 700 keys 100");
    }

    private static void KilledInValue(string directory)
    {
        const int Keys = 30;
        StateMap<long, Block> map = StateMap.Open<long, Block>(directory, s_small);
        for (long operation = 1; ; operation++)
        {
            MapScript.Apply(map, operation, Keys, key => key, Block.Of);
            if (operation == 1_000)
            {
                Maker.ReadyToBeKilled();
            }
        }
    }

    private static void KilledInBatch(string directory)
    {
        StateMap<long, Block> map = StateMap.Open<long, Block>(directory, s_small);
        MapBatch<long, Block> batch = map.CreateBatch();
        for (long operation = 1; ; operation++)
        {
            for (long key = 0; key < MapScript.BatchKeys; key++)
            {
                batch.Put(key, Block.Of(operation));
            }

            batch.Commit();
            if (operation == 1_000)
            {
                Maker.ReadyToBeKilled();
            }
        }
    }

    private static void KilledInGrowth(string directory, IStorage storage)
    {
        const int Keys = 5_000;
        StateMap<long, long> map = StateMap.Open<long, long>(directory, s_small with { Storage = storage });
        for (long operation = 1; ; operation++)
        {
            MapScript.Apply(map, operation, Keys, key => key, number => number * 5);
            Console.WriteLine($"operations {operation} keys {Keys}");
        }
    }
}
