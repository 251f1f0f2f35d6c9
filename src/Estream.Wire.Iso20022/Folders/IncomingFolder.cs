using System.Text;
using System.Text.Json;
using Estream.Core;

namespace Estream.Wire.Iso20022.Folders;

/// <summary>A file of a folder that senders put files into.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsTaken">Whether it is in the private folder already, where a crash has left it.</param>
internal readonly record struct IncomingFile(string Name, bool IsTaken);

/// <summary>
/// A folder that senders put files into, its folders <c>done</c> and <c>refused</c>, and a private folder, <c>taking</c>, that senders
/// cannot write to. A file is opened and renamed into the private folder. If a sender then puts a file of the same name into the folder,
/// that file is a different file. All folders are used by descriptor, and no link is followed. Not thread-safe.
/// </summary>
/// <remarks>
/// Each taken file whose messages are being stored has a record, <see cref="FileProgress"/>. An earlier version had one record,
/// <c>.progress</c>, with the hash of the name of a file and the next sequence number of each queue before its first message. Other writers
/// may have appended since, so the record does not show which messages of the file are stored. The folder refuses the file.
/// </remarks>
internal sealed class IncomingFolder : IDisposable
{
    /// <summary>The maximum number of files that are listed at once.</summary>
    public const int MaxNames = 1_000;

    private const string Done = "done";
    private const string Refused = "refused";
    private const string Taking = "taking";
    private const string EarlierProgress = ".progress";

    // The maximum length of a name on the file systems of Linux.
    private const int MaxNameBytes = 255;

    private readonly string _path;
    private readonly AdapterPlace? _place;
    private readonly IClock _clock;
    private readonly bool _isDurable;
    private FolderHandle? _folder;
    private WorkFolder? _work;

    /// <param name="folder">The folder.</param>
    /// <param name="place">The place of the adapter in the data of the host; null if there is none.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="isDurable">Whether records and moves of files are to survive a power cut.</param>
    public IncomingFolder(string folder, AdapterPlace? place, IClock clock, bool isDurable)
    {
        _path = folder;
        _place = place;
        _clock = clock;
        _isDurable = isDurable;
    }

    /// <summary>What a person should look at in the folder; null if nothing.</summary>
    public string? Notice => _work?.Notice;

    private FolderHandle Folder => _folder ?? throw new IOException($"{_path} is not open");

    private WorkFolder Work => _work ?? throw new IOException($"{_path} is not open");

    /// <summary>A folder, and the folders in it that files are moved to.</summary>
    public static IEnumerable<string> FoldersIn(string folder) =>
        [folder, Path.Combine(folder, Taking), Path.Combine(folder, Done), Path.Combine(folder, Refused)];

    /// <summary>Opens the folder, and creates the folders that files are moved to.</summary>
    /// <exception cref="IOException">A folder is unsafe: another user could replace it.</exception>
    /// <exception cref="EstreamStorageException">A folder cannot be opened or created.</exception>
    public void Prepare()
    {
        Dispose();
        _folder = SharedFolder.Open(_path);
        if (SharedFolder.WhyUnsafe(_path, _folder.Status, FolderHandle.CurrentUser) is { } reason)
        {
            throw new IOException(reason);
        }

        foreach (string name in (string[])[Done, Refused])
        {
            _folder.CreateFolder(name, FolderHandle.OwnersFolder | SharedFolder.OthersRead);
            SharedFolder.OpenOwn(_folder, name).Dispose();
        }

        _work = WorkFolder.Open(_place, Taking, _folder, Taking, creates: false, IsRecord);
        DeleteRecordsOfFinishedFiles();
    }

    /// <summary>Whether a path leads to this folder or to a folder in it.</summary>
    /// <exception cref="EstreamStorageException">The path cannot be opened.</exception>
    public bool Contains(string path)
    {
        using FolderHandle other = FolderHandle.Open(path);
        EntryStatus found = other.Status;
        return found.IsSameAs(Folder.Status) || found.IsSameAs(Work.Files.Status)
            || Folder.StatusOf(Done)?.IsSameAs(found) == true || Folder.StatusOf(Refused)?.IsSameAs(found) == true;
    }

    /// <summary>The next files to take, in the order of their names: first the files that a crash has left in <c>taking</c>. At most 1,000
    /// other files.</summary>
    /// <param name="after">The name after which other files are listed; null for all.</param>
    /// <exception cref="IOException">The folder cannot be read, or it is unsafe.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be read.</exception>
    /// <exception cref="EstreamStorageException">The folder cannot be opened.</exception>
    public IncomingFile[] Next(string? after)
    {
        SharedFolder.RequireCurrent(Folder);

        IncomingFile[] left =
            [.. Files(Work.Files).Order(StringComparer.Ordinal).Select(static name => new IncomingFile(name, IsTaken: true))];

        // The folder is listed twice. While senders add files, a listing may show a later file but not an earlier file; the second listing
        // shows both files.
        if (Files(Folder).Max(StringComparer.Ordinal) is not { } last)
        {
            return left;
        }

        PriorityQueue<string, string> first = new(Comparer<string>.Create(static (one, other) => string.CompareOrdinal(other, one)));
        foreach (string name in Files(Folder)
            .Where(name => string.CompareOrdinal(name, last) <= 0 && string.CompareOrdinal(name, after) > 0))
        {
            if (first.Count < MaxNames)
            {
                first.Enqueue(name, name);
            }
            else
            {
                first.EnqueueDequeue(name, name);
            }
        }

        IEnumerable<string> waiting = first.UnorderedItems.Select(item => item.Element).Order(StringComparer.Ordinal);
        return [.. left, .. waiting.Select(static name => new IncomingFile(name, IsTaken: false))];
    }

    /// <summary>Opens a file, and moves it into <c>taking</c>, where no sender can replace it. A file that cannot be opened stays where it
    /// is. Links, pipes, sockets and devices are moved without being opened.</summary>
    /// <returns>The file, if it was opened.</returns>
    /// <exception cref="IOException"><c>taking</c> has a file of this name, or the file has a second name or is a folder.</exception>
    /// <exception cref="EstreamStorageException">The file is gone, or cannot be opened or moved.</exception>
    public FileStream? Take(IncomingFile file)
    {
        if (file.IsTaken)
        {
            return null;
        }

        EntryStatus? found = Folder.StatusOf(file.Name);

        // Some senders give a file its final name as a second name, and then remove the first name.
        if (found is { Kind: FileKind.Regular, Links: > 1 })
        {
            throw new IOException("it has another name (a hard link). Remove the other name");
        }

        if (Work.Files.StatusOf(file.Name) is not null)
        {
            throw new IOException($"{Work.Files.Path} has a file of this name");
        }

        FileStream? opened = found is { Kind: FileKind.Regular } ? Folder.OpenRead(file.Name) : null;
        try
        {
            Folder.Move(file.Name, Work.Files, file.Name);
            EntryStatus taken = StatusOf(file.Name);
            if (taken.Kind == FileKind.Folder)
            {
                GiveBack(file.Name);
                throw new IOException("it is a folder, not a file. Remove it");
            }

            // The sender may have replaced the file after it was opened.
            return opened is not null && FolderHandle.StatusOf(opened).IsSameAs(taken) ? opened : Close(opened);
        }
        catch
        {
            Close(opened);
            throw;
        }
    }

    /// <summary>The status of a taken file.</summary>
    /// <exception cref="EstreamStorageException">The file does not exist, or its status cannot be read.</exception>
    public EntryStatus StatusOf(string taken) => Work.Files.StatusOf(taken)
        ?? throw new EstreamStorageException($"The file {taken} is not in {Work.Files.Path} any more.", Work.Files.Path,
            StorageFailure.NotFound);

    /// <summary>Opens a taken file.</summary>
    /// <exception cref="EstreamStorageException">The file is not a regular file with one name, or may not be read.</exception>
    public FileStream Open(string taken) => Work.Files.OpenRead(taken);

    /// <summary>Moves a taken file to <c>done</c> or <c>refused</c>, under its name or, if that exists, its name and the time. If
    /// that is too long for a file name, the hash of the name replaces the name.</summary>
    /// <remarks>Deletes the record of the file when the move is durable. If that fails, call this method again.</remarks>
    /// <exception cref="IOException">The target folder belongs to another user.</exception>
    /// <exception cref="EstreamStorageException">The file cannot be moved.</exception>
    public void Finish(string taken, bool isStored)
    {
        using FolderHandle target = SharedFolder.OpenOwn(Folder, isStored ? Done : Refused);
        if (Work.Files.StatusOf(taken) is not null)
        {
            Work.Files.Move(taken, target, FreeName(target, taken));
        }

        string[] records = PresentRecordsOf(taken);
        if (_isDurable && records.Length > 0)
        {
            target.Sync();
            Work.Files.Sync();
        }

        Array.ForEach(records, Work.Records.Delete);
    }

    /// <summary>Whether messages of a taken file may be stored.</summary>
    /// <exception cref="EstreamStorageException">The records cannot be read.</exception>
    public bool IsBegun(string taken) => PresentRecordsOf(taken).Length > 0;

    /// <summary>Whether an earlier version was interrupted while it stored a taken file.</summary>
    /// <exception cref="EstreamStorageException">The record cannot be read.</exception>
    /// <exception cref="IOException">The record cannot be read.</exception>
    public bool HasEarlierRecord(string taken) => IsOf(ReadEarlier(), taken);

    /// <summary>Opens the record of a taken file, which may not exist yet.</summary>
    /// <param name="taken">The file, in <c>taking</c>.</param>
    /// <param name="content">The SHA-256 of its content.</param>
    /// <exception cref="IOException">The record cannot be read.</exception>
    /// <exception cref="EstreamStorageException">The record is not a regular file.</exception>
    public FileProgress Begin(string taken, byte[] content) => new(Work, taken, content, _isDurable);

    public void Dispose()
    {
        _work?.Dispose();
        _folder?.Dispose();
        (_work, _folder) = (null, null);
    }

    private static FileStream? Close(FileStream? opened)
    {
        opened?.Dispose();
        return null;
    }

    // A sender put a folder in place of a file after the files were listed. Its owner can forbid to move it out of "taking", but not to
    // rename it there, where it would block its name.
    private void GiveBack(string folder)
    {
        try
        {
            Work.Files.Move(folder, Folder, folder);
        }
        catch (EstreamStorageException)
        {
            Work.Files.Move(folder, Work.Files, $".folder-{_clock.UtcNanos}");
        }
    }

    private string FreeName(FolderHandle target, string name)
    {
        string free = name;
        for (long nanos = _clock.UtcNanos; target.StatusOf(free) is not null; nanos++)
        {
            free = $"{name}.{nanos}";
            if (Encoding.UTF8.GetByteCount(free) > MaxNameBytes)
            {
                free = $"{FileProgress.HashOf(name)}.{nanos}{Path.GetExtension(name)}";
            }
        }

        return free;
    }

    private static bool IsRecord(string name) => name.EndsWith(FileProgress.Extension, StringComparison.Ordinal);

    // The earliest records have the name itself.
    private static bool IsOf(FolderProgress? progress, string name) =>
        progress is not null && (progress.File == FileProgress.HashOf(name) || progress.File == name);

    private FolderProgress? ReadEarlier()
    {
        byte[] bytes = Work.Read(EarlierProgress);
        ReadOnlySpan<byte> record = bytes.AsSpan(0, Math.Max(0, bytes.Length - sizeof(uint)));
        bool isWhole = bytes.Length > sizeof(uint) && BitConverter.ToUInt32(bytes.AsSpan(record.Length)) == Crc32C.Compute(record);
        return isWhole ? JsonSerializer.Deserialize(record, FolderJson.Default.FolderProgress) : null;
    }

    private static string[] RecordsOf(string taken, FolderProgress? earlier) =>
        IsOf(earlier, taken) ? [FileProgress.NameOf(taken), EarlierProgress] : [FileProgress.NameOf(taken)];

    private string[] PresentRecordsOf(string taken) =>
        [.. RecordsOf(taken, ReadEarlier()).Where(record => Work.Records.StatusOf(record) is not null)];

    // A crash after the move of a file leaves its record, which must not be applied to a later file of the same name. The record of a file
    // that is in no folder is kept: the file system of the folder may not be mounted yet. A link is no record.
    private void DeleteRecordsOfFinishedFiles()
    {
        FolderProgress? earlier = ReadEarlier();
        HashSet<string> used = [.. Work.Files.FileNames().SelectMany(taken => RecordsOf(taken, earlier))];
        HashSet<string> finished = [.. Work.Records.FileNames().Where(name => IsRecord(name) && !used.Contains(name))];
        if (finished.Count == 0)
        {
            return;
        }

        HashSet<string> moved = [.. RecordsOfFilesIn(Done, earlier), .. RecordsOfFilesIn(Refused, earlier)];
        finished.RemoveWhere(name => !moved.Contains(name) && Work.Records.StatusOf(name) is { Kind: FileKind.Regular });
        if (_isDurable && finished.Count > 0)
        {
            // The move may not be durable yet.
            Array.ForEach([Done, Refused], SyncOwn);
            Work.Files.Sync();
        }

        foreach (string record in finished)
        {
            Work.Records.Delete(record);
        }
    }

    // Returns the records of the finished files in a folder. FreeName may have added the time to a name, or replaced it with the hash.
    private string[] RecordsOfFilesIn(string folder, FolderProgress? earlier)
    {
        using FolderHandle own = SharedFolder.OpenOwn(Folder, folder);
        return
        [
            .. own.FileNames().SelectMany(name => (string[])
            [
                .. RecordsOf(name, earlier),
                .. RecordsOf(Path.GetFileNameWithoutExtension(name), earlier),
                name.Split('.')[0] + FileProgress.Extension,
            ]),
        ];
    }

    private void SyncOwn(string name)
    {
        using FolderHandle own = SharedFolder.OpenOwn(Folder, name);
        own.Sync();
    }

    private static IEnumerable<string> Files(FolderHandle folder) =>
        folder.FileNames().Where(static name => Path.GetExtension(name) is ".xml" or ".json" && !name.StartsWith('.'));
}

/// <summary>The content of the record <c>.progress</c> of an earlier version.</summary>
internal sealed record FolderProgress(string File);

[System.Text.Json.Serialization.JsonSerializable(typeof(FolderProgress))]
internal sealed partial class FolderJson : System.Text.Json.Serialization.JsonSerializerContext;
