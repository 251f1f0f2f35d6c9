using Estream.Map.Internal;
using Estream.Testing;

namespace Estream.Map.Tests;

/// <summary>The files that a process killed between two calls leaves. If a thread of the map changes files
/// during the copy, the copy is repeated.</summary>
internal static class KilledCopy
{
    public static void Make(string directory, string copy) =>
        Eventually.True(() => TryCopyAtOnce(directory, copy), "the files are copied while nothing is made, published or deleted");

    private static bool TryCopyAtOnce(string directory, string copy)
    {
        if (Directory.Exists(copy))
        {
            Directory.Delete(copy, recursive: true);
        }

        Directory.CreateDirectory(copy);
        string meta = Path.Combine(directory, MapFormat.MetaFile);
        string[] files =
            [.. Directory.GetFiles(directory).Where(file => !file.EndsWith(MapFormat.LockFile, StringComparison.Ordinal)).Order()];
        byte[] before = File.ReadAllBytes(meta);
        try
        {
            foreach (string file in files)
            {
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            }
        }
        catch (FileNotFoundException)
        {
            return false;
        }

        string[] after =
            [.. Directory.GetFiles(directory).Where(file => !file.EndsWith(MapFormat.LockFile, StringComparison.Ordinal)).Order()];
        return files.SequenceEqual(after) && before.SequenceEqual(File.ReadAllBytes(meta));
    }
}
