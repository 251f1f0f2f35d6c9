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
    public static void SetOwnerOnly(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}
