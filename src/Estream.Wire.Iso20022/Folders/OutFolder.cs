using System.Text;
using Estream.Core;

namespace Estream.Wire.Iso20022.Folders;

/// <summary>
/// The folder that files for a bank are put into. Each appears whole, and once: the name of the newest one is noted before it appears, so
/// that who is asked for it again after a kill finds the note, also where the file was taken away meanwhile. Not thread-safe.
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
    /// <param name="adapter">The name of the adapter, of which there is one: others that put files there have a place of their own for what
    /// is not whole.</param>
    public OutFolder(string folder, string adapter)
    {
        _folder = folder;
        Place = Path.Combine(folder, $".estream-{adapter}");
    }

    /// <summary>The folder in it for what is not whole yet, on the same file system.</summary>
    public string Place { get; }

    /// <summary>Makes what it needs, and removes what a kill has left behind.</summary>
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

    /// <summary>Whether this file has been put there already, and was the newest one.</summary>
    public bool Has(string name)
    {
        if (name != _newest)
        {
            return false;
        }

        // Noted, and perhaps not shown: then it is whole.
        if (File.Exists(Path.Combine(Place, name)))
        {
            Show(name);
        }

        return true;
    }

    /// <summary>Begins a file.</summary>
    public FileStream Begin(string name) => Create(Path.Combine(Place, name));

    /// <summary>Gives up a file that was begun.</summary>
    public void Discard(string name) => File.Delete(Path.Combine(Place, name));

    /// <summary>Has a file appear that was begun, written and closed; it is on the device then, and so is its name.</summary>
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
