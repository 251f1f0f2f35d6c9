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
        $"The key has {length} bytes and may have {HeapFormat.MaxKeyBytes}. Use a hash of it as the key and keep it in the value.");

    [DoesNotReturn]
    public static void ValueTooLong(int length) => throw new ArgumentException(
        $"The value has {length} bytes and may have {HeapFormat.MaxValueBytes}. Keep it in a queue or a file, and where it is in the map.");

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
        $"{BlockRefList.MaxMembers} keys have the same hash of 64 bits. That does not happen by chance: somebody knows the map's hash "
        + "key. Make a new "
        + "map, which gets another one, and copy the entries.");

    [DoesNotReturn]
    public static void NoSuchBlock(string directory, BlockRef at) =>
        throw new EstreamCorruptionException(
            $"The index of '{directory}' refers to byte {at.Offset} of '{HeapFormat.SegmentFile(at.Segment)}', where no whole block is. "
            + "The file was "
            + $"damaged, or copied while a writer was at work. {WayOut}",
            directory,
            at.Offset);

    public static EstreamCorruptionException Damaged(string path, long offset, string what) =>
        new($"'{path}' is damaged: {what}. {WayOut}", path, offset);

    public static EstreamFormatException Foreign(string path, string what) =>
        new($"'{path}' is not {what}. Give the map a directory of its own.", path);

    public static EstreamFormatException OtherVersion(string path, int version) =>
        new($"'{path}' has format version {version} and this program reads version {HeapFormat.Version}. Use a newer Estream.", path);
}
