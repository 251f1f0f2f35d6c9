namespace Estream.Client.TestProcess;

/// <summary>The result of a message in the tests of groups: its partition and sequence number.</summary>
internal static class GroupResult
{
    public static byte[] Of(int partition, long sequence)
    {
        byte[] result = new byte[2 * sizeof(long)];
        BitConverter.TryWriteBytes(result, (long)partition);
        BitConverter.TryWriteBytes(result.AsSpan(sizeof(long)), sequence);
        return result;
    }

    public static (int Partition, long Sequence) Read(ReadOnlySpan<byte> result) =>
        ((int)BitConverter.ToInt64(result), BitConverter.ToInt64(result[sizeof(long)..]));
}
