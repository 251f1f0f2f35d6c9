using System.Text;
using Estream.Core;

namespace Estream.Wire.Iso20022.Folders;

/// <summary>
/// The output folder for a bank. Each file appears complete and only once: the name of the newest file is recorded before the file appears.
/// If the same file is requested again after a crash, the record is found, even if the file was already taken away. Not thread-safe.
/// </summary>
internal sealed class OutFolder
{
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode GroupMayRead = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
    private const string Note = "newest";
    private const string Unfinished = ".tmp";

    private readonly string _folder;
    private string? _newest;

    /// <param name="folder">The folder.</param>
    /// <param name="adapter">The unique name of the adapter. Each adapter that writes to the folder has its own hidden folder for
    /// incomplete files.</param>
    public OutFolder(string folder, string adapter)
    {
        _folder = folder;
        Place = Path.Combine(folder, $".estream-{adapter}");
    }

    /// <summary>The hidden folder for incomplete files, inside the output folder and so on the same file system.</summary>
    public string Place { get; }

    /// <summary>Creates the hidden folder, and removes files left by a crash.</summary>
    public void Prepare()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Place);
        }
        else
        {
            Directory.CreateDirectory(Place, OwnersFolder);
        }

        string note = Path.Combine(Place, Note);
        _newest = File.Exists(note) ? File.ReadAllText(note) : null;
        foreach (string path in Directory.EnumerateFiles(Place).Where(IsLeftBehind).ToList())
        {
            File.Delete(path);
        }
    }

    /// <summary>Whether this file is the newest file and was written already.</summary>
    public bool Has(string name)
    {
        if (name != _newest)
        {
            return false;
        }

        // Recorded as newest but possibly not moved yet: the file is complete, so move it now.
        if (File.Exists(Path.Combine(Place, name)))
        {
            Show(name);
        }

        return true;
    }

    /// <summary>Creates an incomplete file.</summary>
    public FileStream Begin(string name) => Create(Path.Combine(Place, name));

    /// <summary>Deletes an incomplete file.</summary>
    public void Discard(string name) => File.Delete(Path.Combine(Place, name));

    /// <summary>Makes a written and closed file appear in the output folder. The file and its name are durable then.</summary>
    public void Finish(string name)
    {
        string note = Path.Combine(Place, Note);
        using (FileStream file = Create(note + Unfinished))
        {
            file.Write(Encoding.UTF8.GetBytes(name));
            file.Flush(flushToDisk: true);
        }

        File.Move(note + Unfinished, note, overwrite: true);
        FileStorage.Instance.SyncDirectory(Place);
        _newest = name;
        Show(name);
    }

    private static FileStream Create(string path) => OwnFile.Open(path, FileMode.Create, FileAccess.Write, GroupMayRead);

    private void Show(string name)
    {
        File.Move(Path.Combine(Place, name), Path.Combine(_folder, name), overwrite: true);
        FileStorage.Instance.SyncDirectory(_folder);
    }

    private bool IsLeftBehind(string path)
    {
        string name = Path.GetFileName(path);
        return Path.GetExtension(name) is ".xml" or Unfinished && name != _newest;
    }
}
