using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>Checks that a new queue gets a directory of its own.</summary>
internal static class QueueDirectory
{
    // A map keeps its description in this file.
    private const string MapFile = "map.meta";
    private const string TemporarySuffix = ".new";

    /// <summary>
    /// Requires that a directory contains no files, or does not exist. The files of a queue would mix with those of a map or of another
    /// program. Ignores hidden files, and what an interrupted or a concurrent creation of the queue has left.
    /// </summary>
    /// <param name="directory">The directory.</param>
    /// <param name="description">The file with which the queue begins to exist.</param>
    /// <param name="storage">The storage.</param>
    /// <exception cref="EstreamFormatException">The directory contains another file.</exception>
    public static void RequireEmpty(string directory, string description, IStorage storage)
    {
        IReadOnlyList<string> names = storage.ListFiles(directory, "");
        string? other = names.FirstOrDefault(name => name != CreationLock.FileName && name[0] != '.'
            && !name.EndsWith(TemporarySuffix, StringComparison.Ordinal));
        if (other is null || storage.FileExists(Path.Combine(directory, description)))
        {
            return;
        }

        string found = names.Contains(MapFile) ? "a map. Open it with the map that it is, or choose an empty directory for the queue."
            : names.FirstOrDefault(name => SegmentLayout.TryParseFileName(name, out _)) is { } segment
                ? $"segments of a queue ('{segment}'), but no '{description}'. Restore that file from a copy, or choose an empty directory."
                : $"'{other}', which is not a file of a queue. Choose an empty directory for the queue.";
        throw new EstreamFormatException($"'{directory}' contains {found}", directory);
    }
}
