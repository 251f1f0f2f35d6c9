using System.Text;
using Estream.Core;

namespace Estream.Wire.Iso20022.Folders;

/// <summary>
/// The output folder for a bank. Each file appears complete and only once: the name of the newest file is recorded before the file appears.
/// If the same file is requested again after a crash, the record is found, even if the file was already taken away. Records and incomplete
/// files are in a private folder, which is used by descriptor; no link is followed. Not thread-safe.
/// </summary>
internal sealed class OutFolder : IDisposable
{
    private const UnixFileMode GroupMayRead = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
    private const string Private = "out";
    private const string Newest = "newest";
    private const string Xml = ".xml";

    private readonly string _path;
    private readonly AdapterContext _context;
    private FolderHandle? _folder;
    private WorkFolder? _work;
    private string? _newest;

    /// <param name="folder">The folder.</param>
    /// <param name="context">The adapter. Each adapter that writes to the folder has its own private folder.</param>
    public OutFolder(string folder, AdapterContext context)
    {
        _path = folder;
        _context = context;
    }

    /// <summary>The private folder of records, where the parts of unfinished statements are kept.</summary>
    public FolderHandle Records => Work.Records;

    /// <summary>What a person should look at in the folder; null if nothing.</summary>
    public string? Notice => _work?.Notice;

    private FolderHandle Folder => _folder ?? throw new IOException($"{_path} is not open");

    private WorkFolder Work => _work ?? throw new IOException($"{_path} is not open");

    /// <summary>Opens the folder, creates the private folder, and removes files left by a crash.</summary>
    /// <exception cref="IOException">The private folder is unsafe, since another user could have created it; or another user can replace
    /// the folder.</exception>
    /// <exception cref="EstreamStorageException">A folder cannot be opened or created.</exception>
    public void Prepare()
    {
        Dispose();
        _folder = SharedFolder.Open(_path);
        _work = WorkFolder.Open(_context.Place, Private, _folder, $".estream-{_context.Name}", creates: true, IsRecord);
        byte[] newest = _work.Read(Newest);
        _newest = newest.Length > 0 ? Encoding.UTF8.GetString(newest) : null;
        foreach (string name in _work.Files.FileNames().Where(name => Path.GetExtension(name) == Xml && name != _newest).ToList())
        {
            _work.Files.Delete(name);
        }
    }

    /// <summary>Requires that the folder was not replaced since <see cref="Prepare"/>.</summary>
    /// <exception cref="IOException">Another folder was mounted or created in its place.</exception>
    /// <exception cref="EstreamStorageException">The folder does not exist.</exception>
    public void RequireCurrent() => SharedFolder.RequireCurrent(Folder);

    /// <summary>Whether this file is the newest file and was written already.</summary>
    public bool Has(string name)
    {
        if (name != _newest)
        {
            return false;
        }

        // Recorded as newest but possibly not moved yet: the file is complete, so move it now.
        if (Work.Files.StatusOf(name) is not null)
        {
            Show(name);
        }

        return true;
    }

    /// <summary>Creates an incomplete file.</summary>
    public FileStream Begin(string name)
    {
        Work.Files.Delete(name);
        return Work.Files.CreateNew(name, GroupMayRead);
    }

    /// <summary>Deletes an incomplete file.</summary>
    public void Discard(string name) => Work.Files.Delete(name);

    /// <summary>Makes a written and closed file appear in the output folder. The file and its name are durable then.</summary>
    public void Finish(string name)
    {
        if (Work.Files != Work.Records)
        {
            Work.Files.Sync();
        }

        Work.Replace(Newest, Encoding.UTF8.GetBytes(name), isDurable: true);
        _newest = name;
        Show(name);
    }

    public void Dispose()
    {
        _work?.Dispose();
        _folder?.Dispose();
        (_work, _folder) = (null, null);
    }

    private static bool IsRecord(string name) => name == Newest || name.EndsWith(StatementSpool.Extension, StringComparison.Ordinal);

    private void Show(string name)
    {
        Work.Files.Move(name, Folder, name);
        Folder.Sync();
    }
}
