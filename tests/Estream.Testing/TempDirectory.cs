namespace Estream.Testing;

/// <summary>A new folder that is deleted, with all its content, when the test is over.</summary>
public sealed class TempDirectory : IDisposable
{
    private const int MostDeletions = 50;
    private const int DeletionIntervalMs = 100;

    /// <summary>Creates the folder below the system's temporary folder, or below <paramref name="parent"/>.</summary>
    public TempDirectory(string? parent = null)
    {
        string prefix = System.IO.Path.Combine(parent ?? System.IO.Path.GetTempPath(), "estream-test-");
        Path = prefix + Guid.NewGuid().ToString("N")[..12];
        Directory.CreateDirectory(Path);
    }

    /// <summary>Full path of the folder.</summary>
    public string Path { get; }

    /// <summary>Returns a path below the folder; creates nothing.</summary>
    public string Combine(params string[] parts)
    {
        return System.IO.Path.Combine([Path, .. parts]);
    }

    /// <summary>Deletes the folder, also if the test has removed write permissions.</summary>
    public void Dispose()
    {
        for (int deletion = 1; Directory.Exists(Path); deletion++)
        {
            try
            {
                AllowWriting(Path);
                Directory.Delete(Path, recursive: true);
            }
            catch (IOException) when (deletion < MostDeletions)
            {
                // A child of a process that was killed can still create or delete a file.
                Thread.Sleep(DeletionIntervalMs);
            }
        }
    }

    private static void AllowWriting(string root)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        File.SetUnixFileMode(root, File.GetUnixFileMode(root) | mine);
        EnumerationOptions realFolders = new() { AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };
        foreach (string folder in Directory.EnumerateDirectories(root, "*", realFolders))
        {
            AllowWriting(folder);
        }
    }
}
