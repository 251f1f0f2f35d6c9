namespace Estream.Wire.Iso20022.Folders;

/// <summary>Opens files with restricted permissions.</summary>
internal static class OwnFile
{
    /// <summary>Opens a file without buffering.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">How to open or create it.</param>
    /// <param name="access">The kind of access.</param>
    /// <param name="permissions">The Unix permissions of a created file, before the umask.</param>
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
