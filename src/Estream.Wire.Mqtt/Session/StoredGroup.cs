namespace Estream.Wire.Mqtt.Internal.Sessions;

/// <summary>The place of a shared subscription as an earlier process has left it.</summary>
/// <param name="Name">The whole filter.</param>
/// <param name="From">The position from which on messages are for it.</param>
/// <param name="LastRead">The last message a member was given.</param>
/// <param name="Known">What was under way to a member, or had come back from one.</param>
internal sealed record StoredGroup(byte[] Name, long From, long LastRead, long[] Known)
{
    public static StoredGroup Read(ReadOnlySpan<byte> name, ReadOnlySpan<byte> record)
    {
        RecordReader reader = new(record);
        long from = reader.ReadInt64();
        long lastRead = reader.ReadInt64();
        long[] known = new long[reader.ReadInt32()];
        for (int index = 0; index < known.Length; index++)
        {
            known[index] = reader.ReadInt64();
        }

        return new StoredGroup(name.ToArray(), from, lastRead, known);
    }
}
