using System.Text.Json;
using Estream.Core;

namespace Estream.Wire.Iso20022.Folders;

/// <summary>
/// A folder that senders put files into, and its folders <c>taking</c>, <c>done</c> and <c>refused</c>. A file is renamed into
/// <c>taking</c> before it is opened. If a sender then puts a file of the same name into the folder, it is a different file. Not
/// thread-safe.
/// </summary>
/// <remarks>
/// <c>taking/.progress</c> names the file whose messages are being stored, and the next sequence number of each queue before the first of
/// these messages. After a crash, the current next sequence number minus the recorded number is the number of messages that are already
/// stored. This holds for queues that only this adapter appends to. The record is overwritten in place: a torn record belongs to a file of
/// which nothing is stored yet.
/// </remarks>
internal sealed class IncomingFolder
{
    private const string Done = "done";
    private const string Refused = "refused";
    private const string Taking = "taking";
    private const string Progress = ".progress";
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // The maximum number of files that are listed at once.
    private const int MaxNames = 1_000;

    private readonly string _folder;
    private readonly string _taking;
    private readonly IClock _clock;

    public IncomingFolder(string folder, IClock clock)
    {
        _folder = folder;
        _taking = Path.Combine(folder, Taking);
        _clock = clock;
    }

    /// <summary>A folder, and the folders in it that files are moved to.</summary>
    public static IEnumerable<string> FoldersIn(string folder) =>
        [folder, Path.Combine(folder, Taking), Path.Combine(folder, Done), Path.Combine(folder, Refused)];

    /// <summary>Creates the folders that files are moved to.</summary>
    /// <exception cref="IOException">A folder cannot be created, or <c>taking</c> is a link.</exception>
    public void Prepare()
    {
        Directory.CreateDirectory(Path.Combine(_folder, Done));
        Directory.CreateDirectory(Path.Combine(_folder, Refused));
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_taking);
        }
        else
        {
            Directory.CreateDirectory(_taking, OwnersFolder);
        }

        if (new DirectoryInfo(_taking).LinkTarget is not null)
        {
            throw new IOException($"{_taking} is a symbolic link, but must be a folder. Remove the link.");
        }
    }

    /// <summary>The next files to take, in the order of their names: first the files that a crash has left in <c>taking</c>.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be read.</exception>
    public string[] Names()
    {
        string[] left = [.. FilesIn(_taking).Order(StringComparer.Ordinal)];

        // The folder is listed twice. While senders add files, a listing may show a later file but not an earlier file; the second listing
        // shows both files.
        if (FilesIn(_folder).Max(StringComparer.Ordinal) is not { } last)
        {
            return left;
        }

        PriorityQueue<string, string> first = new(Comparer<string>.Create(static (one, other) => string.CompareOrdinal(other, one)));
        foreach (string path in FilesIn(_folder).Where(path => string.CompareOrdinal(path, last) <= 0))
        {
            if (first.Count < MaxNames)
            {
                first.Enqueue(path, path);
            }
            else
            {
                first.EnqueueDequeue(path, path);
            }
        }

        return [.. left, .. first.UnorderedItems.Select(item => item.Element).Order(StringComparer.Ordinal)];
    }

    /// <summary>Moves a file into <c>taking</c>, where no sender can replace it.</summary>
    /// <returns>The path of the file in <c>taking</c>.</returns>
    /// <exception cref="IOException">The file is gone, or <c>taking</c> has a file of this name.</exception>
    public string Take(string path)
    {
        string taken = Path.Combine(_taking, Path.GetFileName(path));
        if (path != taken)
        {
            // Deletes the record of an earlier file, which may have the same name. The earlier file was already moved out of this folder.
            File.Delete(Path.Combine(_taking, Progress));
            File.Move(path, taken);
        }

        return taken;
    }

    /// <summary>Moves a taken file to <c>done</c> or <c>refused</c>, under its name or, if that exists, its name and the time.</summary>
    /// <exception cref="IOException">The file cannot be moved.</exception>
    public void Finish(string taken, bool isStored)
    {
        string target = Path.Combine(_folder, isStored ? Done : Refused, Path.GetFileName(taken));
        if (FileKinds.Of(taken) != FileKind.Missing)
        {
            File.Move(taken, FileKinds.Of(target) != FileKind.Missing ? $"{target}.{_clock.UtcNanos}" : target);
        }
    }

    /// <summary>Records that messages of a file are stored from now on.</summary>
    /// <param name="taken">The file, in <c>taking</c>.</param>
    /// <param name="next">The next sequence numbers of queues by name.</param>
    /// <param name="isDurable">Whether the record, and the move of the file into <c>taking</c>, are to survive a power cut.</param>
    /// <exception cref="IOException">The record cannot be written.</exception>
    public void Begin(string taken, IReadOnlyDictionary<string, long> next, bool isDurable)
    {
        if (isDurable)
        {
            // Makes the move of the previous file out of this folder durable before the record is overwritten.
            FileStorage.Instance.SyncDirectory(_taking);
        }

        using FileStream file = OwnFile.Open(Path.Combine(_taking, Progress), FileMode.OpenOrCreate, FileAccess.Write, OwnersFile);
        FolderProgress progress = new(Path.GetFileName(taken), next);
        byte[] record = JsonSerializer.SerializeToUtf8Bytes(progress, FolderJson.Default.FolderProgress);
        file.Write([.. record, .. BitConverter.GetBytes(Crc32C.Compute(record))]);
        file.SetLength(file.Position);
        file.Flush(flushToDisk: isDurable);
    }

    /// <summary>The next sequence numbers that <see cref="Begin"/> has recorded for this file; none if there is no such record.</summary>
    /// <exception cref="IOException">The record cannot be read.</exception>
    public IReadOnlyDictionary<string, long> Begun(string taken)
    {
        string path = Path.Combine(_taking, Progress);
        byte[] bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        ReadOnlySpan<byte> record = bytes.AsSpan(0, Math.Max(0, bytes.Length - sizeof(uint)));
        bool isWhole = bytes.Length > sizeof(uint) && BitConverter.ToUInt32(bytes.AsSpan(record.Length)) == Crc32C.Compute(record);
        FolderProgress? progress = isWhole ? JsonSerializer.Deserialize(record, FolderJson.Default.FolderProgress) : null;
        return progress?.File == Path.GetFileName(taken) ? progress.Next : new Dictionary<string, long>();
    }

    private static IEnumerable<string> FilesIn(string folder)
    {
        return Directory.EnumerateFiles(folder)
            .Where(path => Path.GetExtension(path) is ".xml" or ".json" && !Path.GetFileName(path).StartsWith('.'));
    }
}

/// <summary>The content of <c>taking/.progress</c>.</summary>
internal sealed record FolderProgress(string File, IReadOnlyDictionary<string, long> Next);

[System.Text.Json.Serialization.JsonSerializable(typeof(FolderProgress))]
internal sealed partial class FolderJson : System.Text.Json.Serialization.JsonSerializerContext;
