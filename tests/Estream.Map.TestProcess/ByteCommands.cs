using System.Buffers;

namespace Estream.Map.TestProcess;

/// <summary>The writer and the reader of a byte map.</summary>
internal static class ByteCommands
{
    public static void WriteForEver(string directory)
    {
        using ByteMap map = ByteMap.Open(directory, ByteScript.Options);
        Console.WriteLine(OperationScript.Ready);
        for (long operation = map.UserWord(OperationScript.DoneWord) + 1; ; operation++)
        {
            ByteScript.Apply(map, operation);
            map.SetUserWord(OperationScript.DoneWord, operation);
        }
    }

    public static int Read(string directory, TimeSpan duration)
    {
        using ByteMap map = ByteMap.OpenReadOnly(directory);
        Console.WriteLine(OperationScript.Ready);
        long end = Environment.TickCount64 + (long)duration.TotalMilliseconds;
        var value = new ArrayBufferWriter<byte>();
        long hits = 0;

        // On a busy machine the time may be over before the first read, or before the writer has written.
        while (Environment.TickCount64 < end || hits == 0)
        {
            for (long number = 0; number < OperationScript.Keys; number++)
            {
                value.ResetWrittenCount();
                byte[] key = ByteScript.KeyOf(number);
                if (map.TryGet(key, value))
                {
                    hits++;
                    if (!ByteScript.IsRight(key, value.WrittenSpan))
                    {
                        return Wrong("got", number, value.WrittenSpan);
                    }
                }
            }

            foreach (ByteMapEntry entry in map)
            {
                if (!ByteScript.IsRight(entry.Key, entry.Value))
                {
                    return Wrong("enumerated", BitConverter.ToInt64(entry.Key), entry.Value);
                }
            }
        }

        Console.WriteLine($"hits {hits}");
        return 0;
    }

    private static int Wrong(string how, long number, ReadOnlySpan<byte> value)
    {
        Console.Error.WriteLine(
            $"{how} key {number} with {value.Length} bytes, {Convert.ToHexString(value[..Math.Min(16, value.Length)])}");
        return 1;
    }
}
