using Estream.Core;

namespace Estream.Map.TestProcess;

/// <summary>One of several writers, or a concurrent reader. Both run until they are killed or detect an error.</summary>
internal static class ManyCommands
{
    public static int Write(string kind, string directory, string acknowledgements, int writer) => kind == "words"
        ? Write<long>(directory, acknowledgements, writer, mark => mark, value => value)
        : Write<CheckedValue>(directory, acknowledgements, writer, CheckedValue.Of, Whole);

    public static int Read(string kind, string directory, int writers) => kind == "words"
        ? Read<long>(directory, writers, value => value)
        : Read<CheckedValue>(directory, writers, Whole);

    /// <summary>One of several writers that only writes the value of one key, so it is in the middle of the value most of the
    /// time.</summary>
    public static void PutForEver(string directory, long key)
    {
        using StateMap<long, CheckedValue> map =
            StateMap.Open<long, CheckedValue>(directory, new MapOptions { InitialCapacity = 0, Writers = MapWriters.Many });
        Console.WriteLine(OperationScript.Ready);
        for (long operation = 1; ; operation++)
        {
            map.Put(key, CheckedValue.Of(operation));
        }
    }

    private static int Write<TValue>(string directory, string acknowledgements, int writer, Func<long, TValue> make,
        Func<TValue, long> read)
        where TValue : unmanaged
    {
        using MemoryRegion region = FileStorage.Instance.OpenRegion(acknowledgements, RegionAccess.ReadWrite);
        using StateMap<long, TValue> map =
            StateMap.Open<long, TValue>(directory, new MapOptions { InitialCapacity = 0, Writers = MapWriters.Many });
        long done = region.All.ReadInt64((long)writer * ManyScript.AcknowledgementBytes);
        if (!ManyScript.IsModel(map, writer, done, read))
        {
            Console.Error.WriteLine($"writer {writer} had done {done} operations, and its keys are others");
            return 1;
        }

        for (long operation = done + 1; ; operation++)
        {
            ManyScript.Do(map, writer, operation, region.All, make, read);
            if (operation % ManyScript.SnapshotEvery != 0)
            {
                continue;
            }

            using MapSnapshot<long, TValue> snapshot = map.CreateSnapshot();
            if (!ManyScript.IsImage(snapshot, writer, operation, read))
            {
                Console.Error.WriteLine($"a snapshot behind operation {operation} of writer {writer} is no image of that moment");
                return 1;
            }
        }
    }

    private static int Read<TValue>(string directory, int writers, Func<TValue, long> read)
        where TValue : unmanaged
    {
        using StateMap<long, TValue> map = StateMap.OpenReadOnly<long, TValue>(directory);
        while (true)
        {
            foreach ((long key, TValue value) in map)
            {
                if (!ManyScript.IsPossible(key, read(value)))
                {
                    return Wrong(key, read(value));
                }
            }

            for (long counter = 0; counter < ManyScript.Counters; counter++)
            {
                if (!map.TryGet(ManyScript.CounterOf(counter), out _))
                {
                    return Wrong(ManyScript.CounterOf(counter), -1);
                }
            }

            for (int writer = 0; writer < writers; writer++)
            {
                for (long key = ManyScript.FirstKeyOf(writer); key < ManyScript.FirstKeyOf(writer) + ManyScript.KeysPerWriter; key++)
                {
                    if (map.TryGet(key, out TValue value) && !ManyScript.IsPossible(key, read(value)))
                    {
                        return Wrong(key, read(value));
                    }
                }
            }
        }
    }

    private static int Wrong(long key, long mark)
    {
        Console.Error.WriteLine($"key {key} has the value {mark:X}, which nobody gave it");
        return 1;
    }

    private static long Whole(CheckedValue value) => value.IsWhole ? value.Operation : -1;
}
