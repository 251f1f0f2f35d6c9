using Estream.Core;
using Estream.Map;

namespace Estream.Compatibility;

/// <summary>Makes the maps. The number of operations done is reported on standard output.</summary>
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
