namespace Estream.Scenarios.Harness;

/// <summary>A file that replaces an existing one atomically: it is written next to it and renamed, so that a reader never sees half of
/// it.</summary>
internal static class FreshFile
{
    /// <summary>Throws if the file cannot be written.</summary>
    public static void RequireWritable(string? file)
    {
        if (file is not null)
        {
            string fresh = FreshPath(file);
            File.Create(fresh).Dispose();
            File.Delete(fresh);
        }
    }

    public static void Write(string file, Action<Stream> write)
    {
        string fresh = FreshPath(file);
        using (FileStream stream = File.Create(fresh))
        {
            write(stream);
        }

        File.Move(fresh, file, overwrite: true);
    }

    private static string FreshPath(string file)
    {
        string path = Path.GetFullPath(file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path + ".new";
    }
}
