using Estream.Core;

namespace Estream.Queue.TestProcess;

/// <summary>Commands on files and mapped memory in another process.</summary>
internal static class MemoryCommands
{
    /// <summary>Takes a lock and holds it.</summary>
    public static int Lock(string path, string mode)
    {
        using IDisposable? held = FileStorage.Instance.TryLock(path, Enum.Parse<LockMode>(mode));
        Console.WriteLine(held is null ? "refused" : "locked");
        Console.In.ReadToEnd();
        return 0;
    }

    /// <summary>Adds one to the first eight bytes of a file repeatedly, while other processes do the same.</summary>
    public static int Count(string path, long times)
    {
        using MemoryRegion region = FileStorage.Instance.OpenRegion(path, RegionAccess.ReadWrite);
        RegionSpan memory = region.All;
        for (long i = 0; i < times; i++)
        {
            memory.AddInt64(0, 1);
        }

        return 0;
    }

    /// <summary>Raises the word at offset 64 from each even number to the next odd one, and waits for another process to raise it
    /// again.</summary>
    public static int Ping(string path, int rounds)
    {
        using MemoryRegion region = FileStorage.Instance.OpenRegion(path, RegionAccess.ReadWrite);
        for (int round = 0; round < rounds; round++)
        {
            int mine = (2 * round) + 1;
            region.All.WriteInt32Release(64, mine);
            region.WakeInt32(64);
            while (region.All.ReadInt32Acquire(64) == mine)
            {
                if (region.WaitInt32(64, mine, TimeSpan.FromMinutes(1)) == WaitOutcome.TimedOut)
                {
                    return 1;
                }
            }
        }

        return 0;
    }
}
