using Estream.Tidy.Sources;

namespace Estream.Tidy.Rules;

/// <summary>Limits a folder to 25 files, so that a reader finds a source by the purpose its folder names. Subfolders count
/// separately.</summary>
internal static class FolderLimits
{
    public const int MaxFiles = 25;

    /// <summary>Folders of data and documents, by path prefix, each with the reason for keeping its files together.</summary>
    private static readonly Dictionary<string, string> s_exceptions = new()
    {
        ["docs/decisions"] = "decisions are numbered and read by number",
        ["tests/Estream.Esf.Tests/Vectors"] = "test vectors, one file per message, loaded by folder",
        ["tests/Estream.Marketplace.Tests/Golden/Conflicts"] = "golden files, one per conflict, loaded by folder",
        ["tests/Estream.Wire.Fix.Tests/Acceptance/scripts"] = "acceptance scripts, in the folders of the engines that publish them",
        ["tests/Estream.Wire.Iso20022.Tests/Samples"] = "sample messages, in the folders of the banks that publish them",
    };

    public static IEnumerable<Violation> Check(Repository repository)
    {
        return from folder in FullFolders(repository)
               where !s_exceptions.Keys.Any(prefix => IsWithin(folder.Path, prefix))
               select new Violation(folder.Path, 0, $"{folder.Count} files, the limit is {MaxFiles}: split the folder by purpose");
    }

    /// <summary>Returns the exceptions that no folder needs, because no folder under the prefix exceeds the limit.</summary>
    public static IEnumerable<Violation> CheckExceptions(Repository repository)
    {
        string[] full = [.. FullFolders(repository).Select(folder => folder.Path)];
        return from prefix in s_exceptions.Keys
               where !full.Any(folder => IsWithin(folder, prefix))
               select new Violation(prefix, 0, "needs no exception from the folder limit: remove the exception");
    }

    private static IEnumerable<(string Path, int Count)> FullFolders(Repository repository)
    {
        return from file in repository.Files
               group file by file.Folder into folder
               where folder.Count() > MaxFiles
               select (folder.Key, folder.Count());
    }

    private static bool IsWithin(string folder, string prefix)
    {
        return folder == prefix || folder.StartsWith(prefix + "/", StringComparison.Ordinal);
    }
}
