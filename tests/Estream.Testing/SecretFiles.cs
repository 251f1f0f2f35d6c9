namespace Estream.Testing;

/// <summary>Files that only their owner may use.</summary>
public static class SecretFiles
{
    /// <summary>Writes a file with mode 600, also over an existing file with another mode.</summary>
    public static void Write(string path, string content)
    {
        File.WriteAllText(path, content);
        SetOwnerOnly(path);
    }

    /// <summary>Sets the mode of a file to 600.</summary>
    public static void SetOwnerOnly(string path) => SetMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);

    /// <summary>Sets the mode of a file or folder, on systems with file modes.</summary>
    public static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    /// <summary>Returns the mode of a file or folder; none on systems without file modes.</summary>
    public static UnixFileMode ModeOf(string path) => OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path);
}
