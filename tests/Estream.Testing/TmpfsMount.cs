namespace Estream.Testing;

/// <summary>A small file system in memory, for tests of full disks and read-only media. Only where <see cref="MountFactAttribute"/> lets a test run.</summary>
public sealed class TmpfsMount : IDisposable
{
    private readonly TempDirectory _directory = new();

    /// <summary>Mounts a file system that holds <paramref name="bytes"/> bytes.</summary>
    public TmpfsMount(long bytes)
    {
        ChildProcess.Run("mount", ["-t", "tmpfs", "-o", $"size={bytes}", "tmpfs", Path]).EnsureSuccess();
    }

    /// <summary>Where it is mounted.</summary>
    public string Path => _directory.Path;

    /// <summary>A path below the mount; nothing is created.</summary>
    public string Combine(params string[] parts) => _directory.Combine(parts);

    /// <summary>Refuses writing from now on. No file may be open for writing.</summary>
    public void MakeReadOnly() => Remount("ro");

    /// <summary>Gives or takes space.</summary>
    public void Resize(long bytes) => Remount($"size={bytes}");

    /// <summary>Unmounts it, lazily where something still has a file open, and removes the folder.</summary>
    public void Dispose()
    {
        ChildProcess.Run("umount", ["-l", Path]).EnsureSuccess();
        _directory.Dispose();
    }

    private void Remount(string option) => ChildProcess.Run("mount", ["-o", $"remount,{option}", Path]).EnsureSuccess();
}
