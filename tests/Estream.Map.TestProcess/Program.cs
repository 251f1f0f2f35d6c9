using System.Runtime.CompilerServices;

namespace Estream.Map.TestProcess;

/// <summary>The other process of the map tests: it writes until it is killed, or reads for a while and reports what it saw.</summary>
public static class Program
{
    public static int Main(string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        switch (arguments)
        {
            case ["write", string directory]:
                WriteForEver(directory);
                return 0;
            case ["read", string directory, string seconds]:
                return Read(directory, TimeSpan.FromSeconds(int.Parse(seconds)));
            case ["many-write", string kind, string directory, string acknowledgements, string writer]:
                return ManyCommands.Write(kind, directory, acknowledgements, int.Parse(writer));
            case ["many-read", string kind, string directory, string writers]:
                return ManyCommands.Read(kind, directory, int.Parse(writers));
            case ["put-for-ever", string directory, string key]:
                ManyCommands.PutForEver(directory, long.Parse(key));
                return 0;
            case ["feed-write", string directory, string acknowledgements, string writer, string seed]:
                return FeedCommands.Write(directory, acknowledgements, int.Parse(writer), int.Parse(seed));
            case ["transfer", string writers, string directory, string acknowledgements, string writer, string seed]:
                return BankCommands.Transfer(Enum.Parse<MapWriters>(writers), directory, acknowledgements, int.Parse(writer),
                    int.Parse(seed));
            case ["till-share", string writers, string directory, string acknowledgements, string writer, string seed]:
                return TillCommands.Share(Enum.Parse<MapWriters>(writers), directory, acknowledgements, int.Parse(writer), int.Parse(seed));
            case ["till-read", string directory]:
                return TillCommands.Read(directory);
            case ["transfer-bytes", string directory, string acknowledgements, string seed]:
                return ByteBankCommands.Transfer(directory, acknowledgements, int.Parse(seed));
            case ["feed-write-bytes", string directory, string acknowledgements, string seed]:
                return ByteFeedCommands.Write(directory, acknowledgements, int.Parse(seed));
            case ["open-accounts", string directory]:
                return OpenCommands.Accounts(directory);
            case ["open-bytes", string directory]:
                return OpenCommands.Bytes(directory);
            case ["drop", string seconds]:
                DropMaps(TimeSpan.FromSeconds(int.Parse(seconds)));
                return 0;
            case ["write-bytes", string directory]:
                ByteCommands.WriteForEver(directory);
                return 0;
            case ["read-bytes", string directory, string seconds]:
                return ByteCommands.Read(directory, TimeSpan.FromSeconds(int.Parse(seconds)));
            default:
                Console.Error.WriteLine(
                    "usage: write[-bytes] DIRECTORY | read[-bytes] DIRECTORY SECONDS | many-write KIND DIRECTORY ACKNOWLEDGEMENTS WRITER "
                    + "| many-read KIND DIRECTORY WRITERS | put-for-ever DIRECTORY KEY | feed-write DIRECTORY ACKNOWLEDGEMENTS WRITER "
                    + "SEED | transfer WRITERS DIRECTORY ACKNOWLEDGEMENTS WRITER SEED | till-share WRITERS DIRECTORY ACKNOWLEDGEMENTS "
                    + "WRITER SEED | till-read DIRECTORY | transfer-bytes DIRECTORY ACKNOWLEDGEMENTS SEED | feed-write-bytes "
                    + "DIRECTORY ACKNOWLEDGEMENTS SEED | open-accounts DIRECTORY | open-bytes DIRECTORY | drop SECONDS");
                return 2;
        }
    }

    private static void WriteForEver(string directory)
    {
        using StateMap<long, CheckedValue> map = StateMap.Open<long, CheckedValue>(directory, new MapOptions { InitialCapacity = 0 });
        Console.WriteLine(OperationScript.Ready);
        for (long operation = map.UserWord(OperationScript.DoneWord) + 1; ; operation++)
        {
            OperationScript.Apply(map, operation);
            map.SetUserWord(OperationScript.DoneWord, operation);
            if (operation % OperationScript.SnapshotEvery == 0)
            {
                CheckSnapshot(map);
            }
        }
    }

    private static void CheckSnapshot(StateMap<long, CheckedValue> map)
    {
        using MapSnapshot<long, CheckedValue> snapshot = map.CreateSnapshot();
        bool isImage = snapshot.Count == map.Count
            && snapshot.All(pair => map.TryGet(pair.Key, out CheckedValue value) && value.Operation == pair.Value.Operation
                && pair.Value.IsWhole);
        if (!isImage)
        {
            throw new InvalidOperationException(
                $"the snapshot behind operation {map.UserWord(OperationScript.DoneWord)} is no image of the map");
        }
    }

    // The script adds and removes every key, so any key may be missing. The check is that each value found is whole and was written by an
    // operation that puts this key.
    private static int Read(string directory, TimeSpan duration)
    {
        using StateMap<long, CheckedValue> map = StateMap.OpenReadOnly<long, CheckedValue>(directory);
        Console.WriteLine(OperationScript.Ready);
        long end = Environment.TickCount64 + (long)duration.TotalMilliseconds;
        long reads = 0;
        long hits = 0;

        // On a busy machine the time may be over before the first read, or before the writer has written.
        while (Environment.TickCount64 < end || hits == 0)
        {
            for (long key = 0; key < OperationScript.Keys; key++, reads++)
            {
                if (!map.TryGet(key, out CheckedValue value))
                {
                    continue;
                }

                hits++;
                if (!IsRight(key, value))
                {
                    Console.Error.WriteLine($"key {key} has a value of operation {value.Operation}, whole: {value.IsWhole}");
                    return 1;
                }
            }

            foreach ((long key, CheckedValue value) in map)
            {
                if (!IsRight(key, value))
                {
                    Console.Error.WriteLine($"enumerated key {key} has a value of operation {value.Operation}, whole: {value.IsWhole}");
                    return 1;
                }
            }
        }

        Console.WriteLine($"reads {reads} hits {hits}");
        return 0;
    }

    // Creates maps that are never disposed and whose last use is a write: the garbage collector must not release their memory during that
    // write.
    private static void DropMaps(TimeSpan duration)
    {
        long end = Environment.TickCount64 + (long)duration.TotalMilliseconds;
        var collector = new Thread(() =>
        {
            while (Environment.TickCount64 < end)
            {
                GC.Collect();
                Thread.SpinWait(5_000);
            }
        });
        collector.Start();
        var large = default(LargeValue);
        long drops = 0;
        for (; Environment.TickCount64 < end; drops++)
        {
            DropMap(in large);
        }

        collector.Join();
        Console.WriteLine($"dropped {drops}");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void DropMap(in LargeValue value)
    {
        StateMap<long, LargeValue> map = StateMap.CreateInMemory<long, LargeValue>(0);
        map.Put(1, in value);
        map.Put(1, in value);
    }

    [InlineArray(65536)]
    private struct LargeValue
    {
        private byte _first;
    }

    private static bool IsRight(long key, in CheckedValue value) =>
        value.IsWhole
        && OperationScript.KindOf(value.Operation) == OperationKind.Put
        && OperationScript.KeyOf(value.Operation) == key;
}
