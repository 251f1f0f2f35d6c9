using System.Net;
using System.Text.RegularExpressions;
using Estream.Tidy.Sources;

namespace Estream.Tidy.Rules;

/// <summary>Requires that links and anchors between the pages of a site resolve, and that its pages load nothing from other
/// hosts.</summary>
internal static partial class SiteLinks
{
    /// <summary>Checks the site in a folder. Paths of violations are relative to the folder.</summary>
    public static IEnumerable<Violation> Check(string folder)
    {
        string root = Path.GetFullPath(folder);
        Dictionary<string, string> pages = Directory.EnumerateFiles(root, "*.html", SearchOption.AllDirectories)
            .ToDictionary(path => path, File.ReadAllText);
        Dictionary<string, HashSet<string>> anchors = pages.ToDictionary(
            page => page.Key,
            page => Anchor().Matches(page.Value).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)).ToHashSet());
        IEnumerable<Violation> broken =
            from page in pages
            from Match match in Reference().Matches(page.Value)
            let target = WebUtility.HtmlDecode(match.Groups["target"].Value)
            let mistake = FindMistake(root, anchors, page.Key, match.Groups["tag"].Value, target)
            where mistake is not null
            select new Violation(Path.GetRelativePath(root, page.Key), 0, $"{target}: {mistake}");
        return broken.Concat(LoadedByStyles(root));
    }

    private static string? FindMistake(
        string root, Dictionary<string, HashSet<string>> anchors, string page, string tag, string target)
    {
        if (target.StartsWith("//", StringComparison.Ordinal) || Scheme().IsMatch(target))
        {
            return tag == "a" || target.StartsWith("data:", StringComparison.Ordinal) ? null : "is loaded from another host";
        }

        string[] parts = target.Split('#', 2);
        string path = Uri.UnescapeDataString(parts[0].Split('?')[0]);
        string file = path.Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, path));
        file = Directory.Exists(file) ? Path.Combine(file, "index.html") : file;
        if (!file.StartsWith(root + "/", StringComparison.Ordinal) || !File.Exists(file))
        {
            return "does not exist in the site";
        }

        return parts.Length == 2 && parts[1].Length > 0 && anchors.TryGetValue(file, out HashSet<string>? known)
            && !known.Contains(Uri.UnescapeDataString(parts[1]))
            ? "the page has no such anchor"
            : null;
    }

    private static IEnumerable<Violation> LoadedByStyles(string root)
    {
        return from path in Directory.EnumerateFiles(root, "*.css", SearchOption.AllDirectories)
               from Match match in RemoteStyle().Matches(File.ReadAllText(path))
               select new Violation(Path.GetRelativePath(root, path), 0, $"{match.Groups[1].Value}: is loaded from another host");
    }

    [GeneratedRegex("""<[a-z0-9]+\b[^>]*?\s(?:id|name)="([^"]+)"[^>]*>""")]
    private static partial Regex Anchor();

    [GeneratedRegex("""<(?<tag>a|link|script|img|iframe|source)\b[^>]*?\s(?:href|src)="(?<target>[^"]*)"[^>]*>""")]
    private static partial Regex Reference();

    [GeneratedRegex("^[a-z][a-z0-9+.-]*:")]
    private static partial Regex Scheme();

    [GeneratedRegex("""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s]+)""")]
    private static partial Regex RemoteStyle();
}
