using Estream.Core;

namespace Estream.Map.TestProcess;

/// <summary>A process that opens a map at the same moment as others, describes its content, and changes nothing.</summary>
public static class OpenCommands
{
    /// <summary>The prefix of a line that describes the content of a map.</summary>
    public const string Opened = "opened";

    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(1);

    /// <summary>One of several writers: opens the map at the first line of input, and keeps it open until its input ends.</summary>
    public static int Accounts(string directory)
    {
        using (OpenAccounts(OwnPlaceBeside(directory)))
        {
            // Opens another map once before the start, so that the code is compiled and all processes open the tested map at the same
            // moment.
        }

        AwaitStart();
        using StateMap<long, Account> map = OpenAccounts(directory);
        Console.WriteLine(Describe(map));
        Console.ReadLine();
        return 0;
    }

    /// <summary>The single writer of a byte map: opens the map at the first line of input, when no other process has it open, and closes it
    /// at once.</summary>
    public static int Bytes(string directory)
    {
        using (ByteMap.Open(OwnPlaceBeside(directory), ByteBankScript.Options))
        {
            // Compiles the code before the start, as in Accounts.
        }

        AwaitStart();
        long end = Environment.TickCount64 + (long)s_limit.TotalMilliseconds;
        while (Environment.TickCount64 < end)
        {
            try
            {
                using ByteMap map = ByteMap.Open(directory, ByteBankScript.Options);
                Console.WriteLine(Describe(map));
                return 0;
            }
            catch (EstreamLeaseException)
            {
                Thread.Yield();
            }
        }

        Console.Error.WriteLine("somebody else has had the map open for a minute");
        return 1;
    }

    public static string Describe(StateMap<long, Account> map)
    {
        ulong digest = 0;
        long sum = 0;
        foreach ((long account, Account value) in map)
        {
            sum += value.Balance;
            digest += Mix(account, value.IsWhole ? value.Balance : -1);
        }

        return $"{Opened} {map.Count} {sum} {digest:x} {map.HostCrashed}";
    }

    public static string Describe(ByteMap map)
    {
        ulong digest = 0;
        foreach (ByteMapEntry entry in map)
        {
            digest += Mix(BitConverter.ToInt64(entry.Key), BitConverter.ToInt64(entry.Value));
        }

        return $"{Opened} {map.Count} {digest:x} {map.HostCrashed}";
    }

    private static StateMap<long, Account> OpenAccounts(string directory) =>
        StateMap.Open<long, Account>(directory, new MapOptions { InitialCapacity = 0, Writers = MapWriters.Many });

    private static string OwnPlaceBeside(string directory) => $"{directory}-{Environment.ProcessId}";

    private static void AwaitStart()
    {
        Console.WriteLine(OperationScript.Ready);
        Console.ReadLine();
    }

    // The sum must not depend on the order.
    private static ulong Mix(long account, long balance)
    {
        ulong mixed = ((ulong)account * 0x9E3779B97F4A7C15) ^ (ulong)balance;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        return mixed ^ (mixed >> 31);
    }
}
