namespace Estream.Wire.Iso20022.Folders;

/// <summary>Files that not everybody on the machine may read.</summary>
internal static class OwnFile
{
    /// <summary>Opens a file without a buffer of its own.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">Whether it is made.</param>
    /// <param name="access">What is done with it.</param>
    /// <param name="permissions">Who may read it, where it is made; the umask takes away what it takes away.</param>
    public static FileStream Open(string path, FileMode mode, FileAccess access, UnixFileMode permissions)
    {
        FileStreamOptions options = new() { Mode = mode, Access = access, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = permissions;
        }

        return new FileStream(path, options);
    }
}
