namespace Estream.Simulation.Machine;

/// <summary>
/// Which names there are, and which of them are on the device. A name made, changed or removed is durable when its directory was flushed;
/// at a power cut each change since then may have reached the device or not, in order or (on a file system without a journal) not.
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

    /// <summary>The changes in a directory reach the device.</summary>
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

    /// <summary>The power is gone: some of the changes made it.</summary>
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

    /// <summary>The next boot.</summary>
    public void Restart() => _files = new SortedDictionary<string, SimulatedFile>(_durable, StringComparer.Ordinal);

    private void Do(Change change)
    {
        change.Apply(_files);
        _pending.Add(change);
    }

    // What one call changed, all of it or nothing: a rename takes one name and gives another.
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
