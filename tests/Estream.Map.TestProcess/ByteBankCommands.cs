using Estream.Core;

namespace Estream.Map.TestProcess;

/// <summary>A process that makes transfers between accounts of a byte map until it is killed, and sometimes checks the sum.</summary>
public static class ByteBankCommands
{
    private const int SnapshotEvery = 64;

    public static int Transfer(string directory, string acknowledgements, int seed)
    {
        using ByteMap map = ByteMap.Open(directory, ByteBankScript.Options);
        using MemoryRegion region = FileStorage.Instance.OpenRegion(acknowledgements, RegionAccess.ReadWrite);
        using ByteMapBatch batch = map.CreateBatch();
        Random random = new(seed);
        for (long operation = 1; ; operation++)
        {
            if (!ByteBankScript.Transfer(map, batch, random))
            {
                Console.Error.WriteLine("a transfer was refused, and nobody else writes");
                return 1;
            }

            region.All.WriteInt64Release(0, operation);
            if (operation % SnapshotEvery == 0 && ByteBankScript.WhatIsWrong(map) is { } wrong)
            {
                Console.Error.WriteLine(wrong);
                return 1;
            }
        }
    }
}
