using Xunit;

namespace Estream.Testing;

/// <summary>A test that limits the memory of processes (<see cref="MemoryCgroup"/>) and needs files on a storage device; skipped if either
/// is unavailable.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MemoryLimitFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> s_skipReason = new(FindSkipReason);

    public MemoryLimitFactAttribute()
    {
        Skip = s_skipReason.Value;
    }

    private static string? FindSkipReason()
    {
        if (DeviceDirectory.Find() is null)
        {
            return "the temporary directories are in memory: there is no device to write to";
        }

        try
        {
            using var probe = new MemoryCgroup(64 << 20);
            return null;
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            return $"limiting memory needs root and a writable memory controller: {refusal.Message}";
        }
    }
}

/// <summary>Finds a directory for temporary files that is on a storage device and not only in memory.</summary>
public static class DeviceDirectory
{
    private static readonly string[] s_inMemory = ["tmpfs", "ramfs", "hugetlbfs"];

    /// <summary>Returns a temporary directory on a device; <see langword="null"/> when all of them are in memory.</summary>
    public static string? Find() => new[] { Path.GetTempPath(), "/var/tmp" }.FirstOrDefault(IsOnDevice);

    private static bool IsOnDevice(string path) => Directory.Exists(path) && !s_inMemory.Contains(new DriveInfo(path).DriveFormat);
}
