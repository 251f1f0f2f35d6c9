namespace Estream.Map.TestProcess;

/// <summary>The <see cref="OperationScript"/> for a byte map: keys of many lengths, and values of many lengths. All bytes of a value derive
/// from the operation that wrote it, so that a mixture of two values is detected.</summary>
public static class ByteScript
{
    private const int NumberBytes = sizeof(long);

    /// <summary>Options with segments so small that files are released and reused many times per second.</summary>
    public static ByteMapOptions Options => new() { InitialCapacity = 0, SegmentBytes = 128 * 1024 };

    public static byte[] KeyOf(long number)
    {
        byte[] key = new byte[NumberBytes + (number % 50)];
        BitConverter.TryWriteBytes(key, number);
        return key;
    }

    public static byte[] ValueOf(long operation)
    {
        byte[] value = new byte[NumberBytes + LengthOf(operation)];
        Array.Fill(value, (byte)(operation * 37));
        BitConverter.TryWriteBytes(value, operation);
        return value;
    }

    /// <summary>Whether a value is whole and was written under this key.</summary>
    public static bool IsRight(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        long operation = value.Length >= NumberBytes ? BitConverter.ToInt64(value) : -1;
        return operation > 0
            && value.Length == NumberBytes + LengthOf(operation)
            && !value[NumberBytes..].ContainsAnyExcept((byte)(operation * 37))
            && OperationScript.KindOf(operation) == OperationKind.Put
            && key.SequenceEqual(KeyOf(OperationScript.KeyOf(operation)));
    }

    public static void Apply(ByteMap map, long operation)
    {
        byte[] key = KeyOf(OperationScript.KeyOf(operation));
        switch (OperationScript.KindOf(operation))
        {
            case OperationKind.Put: map.Put(key, ValueOf(operation)); break;
            case OperationKind.Remove: map.Remove(key); break;
            default: map.Clear(); break;
        }
    }

    // Most values are small; some are larger than a file of the heap.
    private static int LengthOf(long operation) => (int)(operation % 997 == 0 ? 300_000 : operation * 7919 % 700);
}
