namespace Estream.Testing;

/// <summary>A small file system in memory, for tests of full disks and read-only media. Usable only in tests that
/// <see cref="MountFactAttribute"/> lets run.</summary>
public sealed class TmpfsMount : IDisposable
{
    private readonly TempDirectory _directory = new();

    /// <summary>Mounts a file system that holds <paramref name="bytes"/> bytes.</summary>
    /// <param name="bytes">Its size.</param>
    /// <param name="option">A further mount option, such as "huge=always".</param>
    public TmpfsMount(long bytes, string? option = null)
    {
        string options = option is null ? $"size={bytes}" : $"size={bytes},{option}";
        ChildProcess.Run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", Path]).EnsureSuccess();
    }

    /// <summary>The mount point.</summary>
    public string Path => _directory.Path;

    /// <summary>Returns a path below the mount; creates nothing.</summary>
    public string Combine(params string[] parts) => _directory.Combine(parts);

    /// <summary>Makes the mount read-only, also for root, until the result is disposed. No file may be open for writing.</summary>
    public IDisposable MakeReadOnly()
    {
        Remount("ro");
        return new Undo(() => Remount("rw"));
    }

    /// <summary>Fills all free space with one file until the result is disposed.</summary>
    public IDisposable Fill()
    {
        string filler = Combine("filler");
        using FileStream file = File.Create(filler);
        byte[] block = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(block);
                file.Flush();
            }
        }
        catch (IOException)
        {
            // Full, as intended.
        }

        return new Undo(() => File.Delete(filler));
    }

    /// <summary>Changes the size of the file system.</summary>
    public void Resize(long bytes) => Remount($"size={bytes}");

    /// <summary>Unmounts the file system (lazily if a file is still open) and removes the folder.</summary>
    public void Dispose()
    {
        ChildProcess.Run("umount", ["-l", Path]).EnsureSuccess();
        _directory.Dispose();
    }

    private void Remount(string option) => ChildProcess.Run("mount", ["-o", $"remount,{option}", Path]).EnsureSuccess();

    private sealed class Undo(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
