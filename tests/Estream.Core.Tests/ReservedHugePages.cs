using Estream.Testing;

namespace Estream.Core.Tests;

/// <summary>A hugetlbfs of its own with some pages set aside for it; given back when disposed.</summary>
internal sealed class ReservedHugePages : IDisposable
{
    private const string Setting = "/proc/sys/vm/nr_overcommit_hugepages";

    private readonly TempDirectory _directory = new();
    private readonly string _before = File.ReadAllText(Setting);

    public ReservedHugePages(int count)
    {
        // Pages beyond the reserved ones, taken from the system when a file needs them: nothing stays behind.
        File.WriteAllText(Setting, $"{count}\n");
        ChildProcess.Run("mount", ["-t", "hugetlbfs", "-o", $"size={2 * count}M", "hugetlbfs", _directory.Path]).EnsureSuccess();
    }

    public string Combine(string name) => _directory.Combine(name);

    public void Dispose()
    {
        ChildProcess.Run("umount", ["-l", _directory.Path]).EnsureSuccess();
        File.WriteAllText(Setting, _before);
        _directory.Dispose();
    }
}

/// <summary>A test that sets huge pages aside; skipped where the user may not, or where the kernel has none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ReservedHugePagesFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> s_skipReason = new(FindSkipReason);

    public ReservedHugePagesFactAttribute()
    {
        Skip = s_skipReason.Value;
    }

    private static string? FindSkipReason()
    {
        try
        {
            using var probe = new ReservedHugePages(1);
            return null;
        }
        catch (Exception refusal)
        {
            return $"setting huge pages aside needs root and a kernel with hugetlbfs: {refusal.Message}";
        }
    }
}
