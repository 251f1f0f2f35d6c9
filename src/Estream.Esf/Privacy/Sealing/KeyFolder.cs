using System.Globalization;
using Estream.Core;

namespace Estream.Esf.Internal;

/// <summary>A folder of key files: <c>NAME.pub.pem</c> and <c>NAME.key.pem</c> of an audience; if it has several keys,
/// <c>NAME.1.key.pem</c> and so on.</summary>
internal static class KeyFolder
{
    public const string PublicEnding = ".pub.pem";
    public const string PrivateEnding = ".key.pem";

    private const int MaxFiles = 1024;

    /// <summary>Returns the files with an ending, by audience, in the order of their names. Ignores other files.</summary>
    public static IEnumerable<(string Audience, string Path)> Files(string folder, string ending)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        string[] paths;
        try
        {
            paths = [.. Directory.EnumerateFiles(folder, "*" + ending).Take(MaxFiles + 1).Order(StringComparer.Ordinal)];
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new EstreamStorageException($"The key folder '{folder}' cannot be read: {refused.Message} Check the path and the owner.",
                folder,
                refused is DirectoryNotFoundException ? StorageFailure.NotFound : StorageFailure.Other, refused);
        }

        return paths.Length > MaxFiles
            ? throw new EsfKeyException($"The key folder '{folder}' has more than {MaxFiles} files '*{ending}'. Check the path.",
                folder)
            : paths.Select(path => (AudienceOf(path, ending), path));
    }

    private static string AudienceOf(string path, string ending)
    {
        string[] parts = Path.GetFileName(path)[..^ending.Length].Split('.');
        bool isNumbered = parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out _);
        return parts.Length == 1 || isNumbered
            ? parts[0]
            : throw new EsfKeyException(
                $"The name of the key file '{path}' names no audience. Rename it to 'NAME{ending}' or 'NAME.NUMBER{ending}'.", path);
    }
}
