using Estream.Testing;

namespace Estream.Host.Tests.Process;

/// <summary>A small file system of its own, so that it can be full or read-only. Needs root and mount.</summary>
internal sealed class TmpfsMount : IDisposable
{
    private readonly TempDirectory _directory = new();

    public TmpfsMount(int megabytes)
    {
        ChildProcess.Run("mount", ["-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", _directory.Path]).EnsureSuccess();
    }

    public string Path => _directory.Path;

    /// <summary>Takes all the space there is with one file.</summary>
    public IDisposable Fill()
    {
        string filler = System.IO.Path.Combine(Path, "filler");
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

        return new Filler(filler);
    }

    /// <summary>Until disposed nothing can be written, not even by root.</summary>
    public IDisposable MakeReadOnly()
    {
        ChildProcess.Run("mount", ["-o", "remount,ro", Path]).EnsureSuccess();
        return new ReadOnly(Path);
    }

    public void Dispose()
    {
        ChildProcess.Run("umount", ["-l", Path]).EnsureSuccess();
        _directory.Dispose();
    }

    private sealed class ReadOnly(string path) : IDisposable
    {
        public void Dispose() => ChildProcess.Run("mount", ["-o", "remount,rw", path]).EnsureSuccess();
    }

    private sealed class Filler(string path) : IDisposable
    {
        public void Dispose() => File.Delete(path);
    }
}
