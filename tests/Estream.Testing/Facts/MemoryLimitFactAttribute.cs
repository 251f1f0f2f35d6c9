using Xunit;

namespace Estream.Testing;

/// <summary>A test that limits the memory of processes (<see cref="MemoryCgroup"/>) with files on a device; skipped where either is not to
/// be had.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MemoryLimitFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> s_skipReason = new(FindSkipReason);

    /// <summary>Looks once whether such a group can be made.</summary>
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
            return $"limiting memory needs root and a memory controller that may be written: {refusal.Message}";
        }
    }
}

/// <summary>Where temporary files go to a device, and do not just stay in memory.</summary>
public static class DeviceDirectory
{
    private static readonly string[] s_inMemory = ["tmpfs", "ramfs", "hugetlbfs"];

    /// <summary>A temporary directory on a device; <see langword="null"/> when all of them are in memory.</summary>
    public static string? Find() => new[] { Path.GetTempPath(), "/var/tmp" }.FirstOrDefault(IsOnDevice);

    private static bool IsOnDevice(string path) => Directory.Exists(path) && !s_inMemory.Contains(new DriveInfo(path).DriveFormat);
}
