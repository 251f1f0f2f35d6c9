using System.Globalization;
using System.Text;
using Estream.Scenarios.Harness;

namespace Estream.Scenarios.Workloads;

/// <summary>The messages of `remote-append` and the entries of `remote-map-get`, the same for all servers.</summary>
internal static class RemoteWorkload
{
    public const string Queue = "remote";

    public const string Map = "remote";

    public const int MessageBytes = 100;

    /// <summary>The maximum number of unacknowledged messages: those of the default window of an appender, 4 MiB.</summary>
    public const int Window = (4 << 20) / (MessageBytes + sizeof(int));

    /// <summary>The number of entries of the map.</summary>
    public const int Entries = 10_000;

    private const int ValueBytes = 100;

    // Relatively prime to Entries, so that a round visits the keys in an order without locality.
    private const int Step = 7_919;

    /// <summary>Returns the number of messages of a round.</summary>
    public static int Messages(RunSize size, bool isDurable) => (int)size.Of(isDurable ? 60_000 : 300_000, 1_000);

    /// <summary>Returns the number of gets of a round.</summary>
    public static int Gets(RunSize size) => (int)size.Of(10_000, 200);

    /// <summary>Returns the message of `remote-append`.</summary>
    public static byte[] Message()
    {
        byte[] message = new byte[MessageBytes];
        new Random(1).NextBytes(message);
        return message;
    }

    /// <summary>Returns the keys, 16 bytes each.</summary>
    public static byte[][] Keys() => [.. Enumerable.Range(0, Entries)
        .Select(i => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"entry-{i:D10}")))];

    /// <summary>Returns the entry that a get reads.</summary>
    public static int EntryOf(int get) => (int)((long)get * Step % Entries);

    /// <summary>Returns the value of an entry, which begins with the number of the entry.</summary>
    public static byte[] ValueOf(int entry)
    {
        byte[] value = new byte[ValueBytes];
        BitConverter.TryWriteBytes(value, entry);
        return value;
    }

    /// <summary>Returns the check value of a response, after checking that it is the value of an entry.</summary>
    public static ulong Check(ReadOnlySpan<byte> value, int entry) =>
        value.Length == ValueBytes && BitConverter.ToInt32(value) == entry
            ? (ulong)entry
            : throw new ScenarioException($"the get of entry {entry} returned {Convert.ToHexString(value)}");
}
