using System.Globalization;
using Estream.Core;
using Estream.Queue;

namespace Estream.Host.Runtime;

/// <summary>
/// The file <c>run/opening</c>: the part that the host is opening, and how often in a row it has begun to. A host that dies there finds
/// the file at its next start. It then reads the files of that part by pread, which reports what a mapping cannot, and leaves the part
/// out if one is unreadable or if the host has died twice. Not thread-safe.
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

    /// <summary>Runs an action with the mark set, if the part may be opened.</summary>
    /// <param name="part">Its kind and name.</param>
    /// <param name="directory">Its files.</param>
    /// <param name="open">Opens it.</param>
    /// <exception cref="EstreamCorruptionException">The host has died twice in a row while it opened this part.</exception>
    /// <exception cref="EstreamStorageException">The host has died while it opened this part, and a file cannot be read.</exception>
    public void Opening(string part, string directory, Action open)
    {
        int deaths = part == _died ? _deaths : 0;
        if (deaths >= MaxDeaths)
        {
            // The next start tries again.
            Clear();
            throw new EstreamCorruptionException(
                $"The host has died {deaths} times in a row while it opened the files in '{directory}'. Check them with 'estream queue "
                + "verify' and the kernel log for errors of the device; the next start tries to open them again.", directory);
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

    /// <summary>Finds segments that were truncated. A reader would notice only when it gets there.</summary>
    /// <exception cref="EstreamCorruptionException">One was.</exception>
    public static void RequireWholeSegments(EstreamQueue queue)
    {
        foreach (FileInfo file in new DirectoryInfo(queue.Directory).EnumerateFiles("*.seg"))
        {
            // A segment that retention has just deleted has no length.
            if (file.Exists && file.Length < queue.SegmentBytes)
            {
                throw new EstreamCorruptionException(
                    $"'{file.FullName}' has {file.Length} bytes, and a segment of this queue has at least {queue.SegmentBytes}. It was "
                    + "truncated; restore it from a copy.", file.FullName, file.Length);
            }
        }
    }

    private void Write(string text)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            File.WriteAllText(_path, text);
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            // What is opened next is refused for the same reason, and says it better.
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
            // As above.
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
                    + "file from a copy.", path, StorageFailure.Device, unreadable);
            }
        }
    }
}
