using Estream.Core;
using Estream.Queue;

namespace Estream.Map.TestProcess;

/// <summary>The writer of a byte map with versions and expiry, whose changes go into a queue; runs until it is killed.</summary>
internal static class ByteFeedCommands
{
    public static int Write(string directory, string acknowledgements, int seed)
    {
        using MemoryRegion region = FileStorage.Instance.OpenRegion(acknowledgements, RegionAccess.ReadWrite);
        using EstreamQueue queue = EstreamQueue.Open(FeedScript.FeedOf(directory), FeedScript.FeedOptions);
        using QueueChangeSink sink = new(queue);
        using VersionedByteMap map =
            VersionedByteMap.Open(FeedScript.MapOf(directory), ByteScript.Options with { Changes = new LingeringSink(sink) });
        Random random = new(seed);
        for (long operation = 1; ; operation++)
        {
            if (operation < FeedScript.MostOperations)
            {
                Do(map, random, operation);
                region.All.WriteInt64Release(0, operation);
            }
            else
            {
                // The feed must not fill the disk when the test is slow to kill the process.
                Thread.Sleep(1);
            }
        }
    }

    private static void Do(VersionedByteMap map, Random random, long operation)
    {
        byte[] key = ByteScript.KeyOf(random.Next(200));
        byte[] value = ByteScript.ValueOf((random.Next() % 900) + 1);
        switch (random.Next(20))
        {
            case < 8:
                map.Put(key, value);
                break;
            case < 12:
                map.Put(key, value, TimeSpan.FromMilliseconds(random.Next(20) + 1));
                break;
            case < 15 when map.TryGetVersion(key, out long version, out _):
                map.CompareExchange(key, version, value, out _);
                break;
            case 15:
                map.Touch(key, TimeSpan.FromMilliseconds(5));
                break;
            default:
                map.Remove(key);
                break;
        }

        if (operation % 1_500 == 0)
        {
            map.Clear();
        }
    }
}
