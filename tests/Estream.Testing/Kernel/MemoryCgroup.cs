using System.Globalization;

namespace Estream.Testing;

/// <summary>A control group that limits the total memory of its processes, page cache included. Works with both versions of the kernel's
/// control groups.</summary>
public sealed class MemoryCgroup : IDisposable
{
    private const string Version1 = "/sys/fs/cgroup/memory";
    private const string Version2 = "/sys/fs/cgroup";

    private readonly bool _isVersion1 = Directory.Exists(Version1);
    private readonly string _path;

    /// <summary>Creates a group.</summary>
    /// <param name="bytes">The memory limit.</param>
    /// <exception cref="IOException">The machine has no memory control groups, or this user may not create one.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not create a memory control group.</exception>
    public MemoryCgroup(long bytes)
    {
        _path = Path.Combine(_isVersion1 ? Version1 : Version2, $"estream-test-{Guid.NewGuid():N}");
        Directory.CreateDirectory(_path);
        try
        {
            File.WriteAllText(Path.Combine(_path, _isVersion1 ? "memory.limit_in_bytes" : "memory.max"),
                bytes.ToString(CultureInfo.InvariantCulture));
        }
        catch
        {
            Directory.Delete(_path);
            throw;
        }
    }

    /// <summary>How often the group reached its limit, so that the kernel had to reclaim memory.</summary>
    public long LimitHits => _isVersion1 ? long.Parse(Read("memory.failcnt"), CultureInfo.InvariantCulture) : Field("memory.events", "max");

    /// <summary>How many processes of the group the kernel killed because reclaiming memory was not enough.</summary>
    public long Killed => Field(_isVersion1 ? "memory.oom_control" : "memory.events", "oom_kill");

    /// <summary>Starts an assembly of this repository in the group.</summary>
    public ChildProcess StartDotnet(string assembly, params string[] arguments) =>
        ChildProcess.Start("/bin/sh", ["-c", "echo $$ > \"$0/cgroup.procs\" && exec \"$@\"", _path, "dotnet", assembly, .. arguments]);

    /// <summary>Removes the group. Its processes must have ended.</summary>
    public void Dispose() => Eventually.True(TryRemove, "the group is empty");

    private bool TryRemove()
    {
        try
        {
            Directory.Delete(_path);
            return true;
        }
        catch (IOException)
        {
            // The kernel removes a dead process from its group a moment later.
            return false;
        }
    }

    private long Field(string file, string name)
    {
        string? line = Read(file).Split('\n').FirstOrDefault(line => line.StartsWith($"{name} ", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.AsSpan(name.Length + 1), CultureInfo.InvariantCulture);
    }

    private string Read(string file) => File.ReadAllText(Path.Combine(_path, file));
}
