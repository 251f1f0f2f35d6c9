namespace Estream.Streams.Tests.Windows;

/// <summary>Copies a map as a crash at this moment would leave it.</summary>
internal static class StateCopy
{
    public static void Make(string from, string to)
    {
        if (Directory.Exists(to))
        {
            Directory.Delete(to, recursive: true);
        }

        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);

            // A lock ends with its owner, and the lock file is empty.
            if (Path.GetExtension(file) == ".lock")
            {
                File.Create(copy).Dispose();
                continue;
            }

            using FileStream source = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using FileStream destination = File.Create(copy);
            source.CopyTo(destination);
        }
    }
}
