namespace Estream.Testing;

/// <summary>A small file system in memory, for tests of full disks and read-only media. Only where <see cref="MountFactAttribute"/> lets a
/// test run.</summary>
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

    /// <summary>Where it is mounted.</summary>
    public string Path => _directory.Path;

    /// <summary>A path below the mount; nothing is created.</summary>
    public string Combine(params string[] parts) => _directory.Combine(parts);

    /// <summary>Refuses writing, also by root, until the result is disposed. No file may be open for writing.</summary>
    public IDisposable MakeReadOnly()
    {
        Remount("ro");
        return new Undo(() => Remount("rw"));
    }

    /// <summary>Takes all the space there is with one file, until the result is disposed.</summary>
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

    /// <summary>Gives or takes space.</summary>
    public void Resize(long bytes) => Remount($"size={bytes}");

    /// <summary>Unmounts it, lazily where something still has a file open, and removes the folder.</summary>
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
