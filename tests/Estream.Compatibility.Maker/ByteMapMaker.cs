using Estream.Core;
using Estream.Map;

namespace Estream.Compatibility;

/// <summary>Creates the byte maps, with small segments, so that there are several. Writes the number of completed operations to standard
/// output.</summary>
internal static class ByteMapMaker
{
    private static readonly ByteMapOptions s_small = new() { InitialCapacity = 0, SegmentBytes = 16 << 10 };

    public static void Make(string name, string directory)
    {
        switch (name)
        {
            case "bytemap-plain": Plain(directory); break;
            case "bytemap-versions": Versions(directory); break;
            case "bytemap-killed-in-pass": KilledInPass(directory, new DyingStorage { DiesBeforeRenameOf = "heap.0001" }); break;
            default: throw new ArgumentException($"There is no map '{name}'.");
        }
    }

    private static void Plain(string directory)
    {
        const int Keys = 100;
        using ByteMap map = ByteMap.Open(directory, s_small);
        for (long operation = 1; operation <= 600; operation++)
        {
            ByteMapScript.Apply(map, operation, Keys);
        }

        Console.WriteLine($"operations 600 keys {Keys}");
    }

    private static void Versions(string directory)
    {
        const int Keys = 100;
        using VersionedByteMap map = VersionedByteMap.Open(directory, s_small with { Clock = new SteppingClock() });
        long version = 0;
        for (long operation = 1; operation <= 600; operation++)
        {
            version = Math.Max(version, ByteMapScript.Apply(map, operation, Keys));
        }

        Console.WriteLine($"operations 600 keys {Keys} version {version}");
    }

    // Dies after all blocks were moved out of a segment, just before the segment is released.
    private static void KilledInPass(string directory, IStorage storage)
    {
        const int Keys = 100;
        ByteMap map = ByteMap.Open(directory, s_small with { Storage = storage });
        for (long operation = 1; ; operation++)
        {
            ByteMapScript.Apply(map, operation, Keys);
            Console.WriteLine($"operations {operation} keys {Keys}");
        }
    }
}
