using System.Diagnostics.CodeAnalysis;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>Throws the exceptions of a ByteMap, outside of its hot methods, and creates their messages.</summary>
internal static class HeapErrors
{
    private const string WayOut = "Restore the map from a copy, or delete its directory and rebuild it from its queue.";

    [DoesNotReturn]
    public static void Disposed() => throw new ObjectDisposedException(nameof(ByteMap), "The map was disposed; open it again.");

    [DoesNotReturn]
    public static void ReadOnly(string path) =>
        throw new InvalidOperationException($"The map in '{path}' was opened read-only. Open it with ByteMap.Open to write.");

    [DoesNotReturn]
    public static void KeyTooLong(int length) => throw new ArgumentException(
        $"The key has {length} bytes; the limit is {HeapFormat.MaxKeyBytes}. Use a hash as the key and store the key in the value.");

    [DoesNotReturn]
    public static void ValueTooLong(int length) => throw new ArgumentException(
        $"The value has {length} bytes; the limit is {HeapFormat.MaxValueBytes}. Store it in a queue or file and its location in the map.");

    public static void RequireLengths(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, int mostOfValue)
    {
        if (key.Length > HeapFormat.MaxKeyBytes)
        {
            KeyTooLong(key.Length);
        }

        if (value.Length > mostOfValue)
        {
            ValueTooLong(value.Length);
        }
    }

    [DoesNotReturn]
    public static void TooManyCollisions() => throw new InvalidOperationException(
        $"{BlockRefList.MaxMembers} keys have the same 64-bit hash. This does not happen by chance: an attacker may know the map's hash "
        + "key. Create a new "
        + "map, which gets another hash key, and copy the entries.");

    [DoesNotReturn]
    public static void NoSuchBlock(string directory, BlockRef at) =>
        throw new EstreamCorruptionException(
            $"The index of '{directory}' refers to byte {at.Offset} of '{HeapFormat.SegmentFile(at.Segment)}', where there is no "
            + $"valid block. The file was damaged or changed, or copied while a writer was running. {WayOut}",
            directory,
            at.Offset);

    public static EstreamCorruptionException Damaged(string path, long offset, string what) =>
        new($"'{path}' is damaged: {what}. {WayOut}", path, offset);

    public static EstreamFormatException OtherVersion(string path, int version) =>
        new($"'{path}' has format version {version}, but this program reads version {HeapFormat.Version}. Use a newer Estream.", path);
}
