using System.Diagnostics.CodeAnalysis;
using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>Throws from outside the hot methods, so that those stay small enough to inline.</summary>
internal static class ThrowHelper
{
    [DoesNotReturn]
    public static void Disposed() => throw new ObjectDisposedException("StateMap", "The map was disposed; open it again.");

    [DoesNotReturn]
    public static void SnapshotDisposed() =>
        throw new ObjectDisposedException("MapSnapshot", "The snapshot was disposed; take another one.");

    [DoesNotReturn]
    public static void ReadOnly(string path) =>
        throw new InvalidOperationException($"The map in '{path}' was opened read-only. Open it with StateMap.Open to write.");

    [DoesNotReturn]
    public static void BusyWithoutJournal(string path, long bucket, long offset) =>
        throw new EstreamCorruptionException(
            $"Bucket {bucket} at byte {offset} of '{path}' is marked as being written, but the undo journal names another bucket. The "
            + "file "
            + "was copied while a writer was running, or damaged. Restore the map from a whole copy, or delete its directory and rebuild "
            + "it from its queue.",
            path,
            offset);

    [DoesNotReturn]
    public static void PaddedValue(Type type) =>
        throw new NotSupportedException(
            $"{type} has padding bytes between its fields, which may differ between equal values, so comparing it byte by byte would "
            + "fail at "
            + "random. Declare the gaps as fields, or reorder the fields, to use CompareExchange.");
}
