using Estream.Core;

namespace Estream.Map.TestProcess;

/// <summary>Processes that redistribute the money of a few tills repeatedly until they are killed, and one that only reads.</summary>
public static class TillCommands
{
    private const int LendEvery = 16;

    public static int Share(MapWriters writers, string directory, string acknowledgements, int writer, int seed)
    {
        using StateMap<long, Account> map =
            StateMap.Open<long, Account>(directory, new MapOptions { InitialCapacity = 0, Writers = writers });
        using MemoryRegion region = FileStorage.Instance.OpenRegion(acknowledgements, RegionAccess.ReadWrite);
        using MapBatch<long, Account> batch = map.CreateBatch(TillScript.Tills);
        TillReader reader = new(map);
        Random random = new(seed);
        MapSnapshot<long, Account>? leased = null;
        for (long turn = 1; ; turn++)
        {
            if (turn % LendEvery == 0)
            {
                // Disposes the old snapshot first, so that for a moment no snapshot is lent.
                leased?.Dispose();
                leased = map.LendSnapshot();
            }

            if (!reader.TryRead())
            {
                continue;
            }

            if (reader.WhatIsWrong() is { } wrong)
            {
                Console.Error.WriteLine(wrong);
                return 1;
            }

            if (TillScript.Share(reader, batch, random))
            {
                region.All.AddInt64(writer * sizeof(long), 1);
            }
        }
    }

    public static int Read(string directory)
    {
        using StateMap<long, Account> map = StateMap.OpenReadOnly<long, Account>(directory);
        Console.WriteLine(OperationScript.Ready);
        TillReader reader = new(map);
        while (true)
        {
            string? wrong = (reader.TryRead() ? reader.WhatIsWrong() : null) ?? reader.WhatIsWrongInImage();
            if (wrong is not null)
            {
                Console.Error.WriteLine(wrong);
                return 1;
            }
        }
    }
}
