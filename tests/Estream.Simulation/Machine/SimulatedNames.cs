namespace Estream.Simulation.Machine;

/// <summary>
/// The names of files, and which of them are on the device. A created, changed or removed name is durable when its directory was flushed.
/// At a power cut each change since then may have reached the device or not, in order or (on a file system without a journal) out of order.
/// </summary>
internal sealed class SimulatedNames
{
    private readonly HashSet<string> _directories = ["/"];
    private readonly List<Change> _pending = [];
    private SortedDictionary<string, SimulatedFile> _files = new(StringComparer.Ordinal);
    private SortedDictionary<string, SimulatedFile> _durable = new(StringComparer.Ordinal);

    public IEnumerable<SimulatedFile> Files => _files.Values;

    public bool DirectoryExists(string path) => _directories.Contains(path);

    public void MakeDirectory(string path)
    {
        for (string? directory = path; directory is not null && _directories.Add(directory); directory = Path.GetDirectoryName(directory))
        {
        }
    }

    public SimulatedFile? Find(string path) => _files.GetValueOrDefault(path);

    public IReadOnlyList<string> List(string directory, string suffix) =>
        [.. _files.Keys.Where(path => Path.GetDirectoryName(path) == directory && path.EndsWith(suffix, StringComparison.Ordinal))
            .Select(path => Path.GetFileName(path))];

    public void Link(string path, SimulatedFile file) => Do(new Change(Path.GetDirectoryName(path)!, [(path, file)]));

    public void Unlink(string path) => Do(new Change(Path.GetDirectoryName(path)!, [(path, null)]));

    public void Rename(string path, string newPath) =>
        Do(new Change(Path.GetDirectoryName(path)!, [(path, null), (newPath, _files[path])]));

    /// <summary>Writes the changes of a directory to the device.</summary>
    public void Sync(string directory)
    {
        foreach (Change change in _pending.Where(change => change.Directory == directory))
        {
            change.Apply(_durable);
        }

        _pending.RemoveAll(change => change.Directory == directory);
    }

    public void SyncAll()
    {
        _pending.ForEach(change => change.Apply(_durable));
        _pending.Clear();
    }

    /// <summary>Cuts the power: some of the changes reached the device.</summary>
    public void Cut(SeededRandom random)
    {
        bool isJournaled = random.Chance(0.7);
        int prefix = random.Below(_pending.Count + 1);
        for (int i = 0; i < _pending.Count; i++)
        {
            if (isJournaled ? i < prefix : random.Chance(0.5))
            {
                _pending[i].Apply(_durable);
            }
        }

        _pending.Clear();
    }

    /// <summary>Boots the machine again: only the names on the device remain.</summary>
    public void Restart() => _files = new SortedDictionary<string, SimulatedFile>(_durable, StringComparer.Ordinal);

    private void Do(Change change)
    {
        change.Apply(_files);
        _pending.Add(change);
    }

    // The changes of one call, applied together or not at all: a rename removes one name and adds another.
    private sealed record Change(string Directory, (string Path, SimulatedFile? File)[] Names)
    {
        public void Apply(SortedDictionary<string, SimulatedFile> files)
        {
            foreach ((string path, SimulatedFile? file) in Names)
            {
                if (file is null)
                {
                    files.Remove(path);
                }
                else
                {
                    files[path] = file;
                }
            }
        }
    }
}
