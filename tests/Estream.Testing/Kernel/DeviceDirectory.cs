namespace Estream.Testing;

/// <summary>Where temporary files go to a device, and do not just stay in memory.</summary>
public static class DeviceDirectory
{
    private static readonly string[] s_inMemory = ["tmpfs", "ramfs", "hugetlbfs"];

    /// <summary>A temporary directory on a device; <see langword="null"/> when all of them are in memory.</summary>
    public static string? Find() => new[] { Path.GetTempPath(), "/var/tmp" }.FirstOrDefault(IsOnDevice);

    private static bool IsOnDevice(string path) => Directory.Exists(path) && !s_inMemory.Contains(new DriveInfo(path).DriveFormat);
}
