using System.Globalization;
using Estream.Core;
using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>
/// The file <c>run/opening</c>: the part that the host is opening, and the number of consecutive attempts. A host that crashes while
/// opening a part finds the file at its next start. It then reads the files of the part by pread, which reports errors that would crash a
/// memory mapping. The part is left out if a file is unreadable or if the host has crashed twice. Not thread-safe.
/// </summary>
internal sealed class OpeningMark
{
    private const int MaxDeaths = 2;
    private const int Step = 1 << 20;

    private readonly string _path;
    private readonly string _died;
    private readonly int _deaths;

    public OpeningMark(string dataFolder)
    {
        _path = Path.Combine(dataFolder, "run", "opening");
        string[] words = File.Exists(_path) ? File.ReadAllText(_path).Split('\n') : [];
        (_died, _deaths) = words.Length > 1 && int.TryParse(words[1], CultureInfo.InvariantCulture, out int deaths)
            ? (words[0], deaths)
            : ("", 0);
    }

    /// <summary>Runs an action with the mark set, unless the part must be left out.</summary>
    /// <param name="part">The kind and name of the part.</param>
    /// <param name="directory">The directory of its files.</param>
    /// <param name="open">Opens the part.</param>
    /// <exception cref="EstreamCorruptionException">The host has crashed twice in a row while opening this part.</exception>
    /// <exception cref="EstreamStorageException">The host has crashed while opening this part, and a file cannot be read.</exception>
    public void Opening(string part, string directory, Action open)
    {
        int deaths = part == _died ? _deaths : 0;
        if (deaths >= MaxDeaths)
        {
            // Remove the count of crashes, so the next start tries to open the part again.
            Clear();
            throw new EstreamCorruptionException(
                $"The host has crashed {deaths} times in a row while opening the files in '{directory}'. Check them with 'estream queue "
                + "verify', and the kernel log for device errors; the next start tries to open them again.", directory);
        }

        if (deaths > 0)
        {
            ReadThrough(directory);
        }

        Write(string.Create(CultureInfo.InvariantCulture, $"{part}\n{deaths + 1}\n"));
        try
        {
            open();
        }
        finally
        {
            Clear();
        }
    }

    /// <summary>Checks for truncated segments, which a reader would detect only on reaching them.</summary>
    /// <exception cref="EstreamCorruptionException">A segment is truncated.</exception>
    public static void RequireWholeSegments(EstreamQueue queue)
    {
        foreach (FileInfo file in new DirectoryInfo(queue.Directory).EnumerateFiles("*.seg"))
        {
            // Retention may have just deleted the segment.
            long least = long.TryParse(Path.GetFileNameWithoutExtension(file.Name), NumberStyles.None, CultureInfo.InvariantCulture,
                out long index) && index < long.MaxValue / queue.SegmentBytes - 1
                ? queue.BytesBetween(index * queue.SegmentBytes, (index + 1) * queue.SegmentBytes)
                : 0;
            if (file.Exists && file.Length < least)
            {
                throw new EstreamCorruptionException(
                    $"'{file.FullName}' has {file.Length} bytes, but this segment has at least {least}. The file "
                    + "was truncated; restore it from a backup.", file.FullName, file.Length);
            }
        }
    }

    private void Write(string text)
    {
        try
        {
            FileStorage.Instance.CreateDirectory(Path.GetDirectoryName(_path)!);
            File.WriteAllText(_path, text);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException or EstreamStorageException)
        {
            // Opening the part fails next for the same reason, with a better message.
        }
    }

    private void Clear()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static void ReadThrough(string directory)
    {
        byte[] buffer = new byte[Step];
        foreach (string path in Directory.Exists(directory) ? Directory.GetFiles(directory) : [])
        {
            long offset = 0;
            try
            {
                using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
                for (int read; (read = file.Read(buffer)) > 0; offset += read)
                {
                }
            }
            catch (IOException unreadable) when (File.Exists(path))
            {
                throw new EstreamStorageException(
                    $"Could not read '{path}' at offset {offset}. {unreadable.Message.TrimEnd('.')}. Check the device, and restore the "
                    + "file from a backup.", path, StorageFailure.Device, unreadable);
            }
        }
    }
}
