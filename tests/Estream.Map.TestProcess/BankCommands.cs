using Estream.Core;

namespace Estream.Map.TestProcess;

/// <summary>A process that makes transfers until it is killed, and sometimes checks the sum.</summary>
public static class BankCommands
{
    private const int SnapshotEvery = 64;

    public static int Transfer(MapWriters writers, string directory, string acknowledgements, int writer, int seed)
    {
        using StateMap<long, Account> map =
            StateMap.Open<long, Account>(directory, new MapOptions { InitialCapacity = 0, Writers = writers });
        using MemoryRegion region = FileStorage.Instance.OpenRegion(acknowledgements, RegionAccess.ReadWrite);
        using MapBatch<long, Account> batch = map.CreateBatch();
        Random random = new(seed);
        for (long operation = 1; ; operation++)
        {
            if (BankScript.Transfer(map, batch, random, operation))
            {
                region.All.AddInt64(writer * sizeof(long), 1);
            }

            if (operation % SnapshotEvery == 0 && BankScript.WhatIsWrong(map) is { } wrong)
            {
                Console.Error.WriteLine(wrong);
                return 1;
            }
        }
    }
}
