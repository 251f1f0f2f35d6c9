namespace Estream.Testing;

/// <summary>Files that only their owner may use.</summary>
public static class SecretFiles
{
    /// <summary>Writes a file with mode 600, also over one with another mode.</summary>
    public static void Write(string path, string content)
    {
        File.WriteAllText(path, content);
        SetOwnerOnly(path);
    }

    /// <summary>Gives a file the mode 600.</summary>
    public static void SetOwnerOnly(string path) => SetMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);

    /// <summary>Gives a file or folder a mode, where there are modes.</summary>
    public static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    /// <summary>The mode of a file or folder; none where there are no modes.</summary>
    public static UnixFileMode ModeOf(string path) => OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path);
}
