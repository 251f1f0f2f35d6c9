using System.Text.RegularExpressions;
using Estream.Tidy.Sources;

namespace Estream.Tidy.Rules;

/// <summary>Requires that every page can be reached from the README, and that every link has a target, including its heading.</summary>
internal static partial class DocumentLinks
{
    private const string Start = "README.md";

    public static IEnumerable<Violation> Check(Repository repository)
    {
        SourceFile[] pages = [.. repository.Files.Where(file => file.Extension == ".md")];
        HashSet<string> reached = Reach(repository, pages);
        IEnumerable<Violation> unreached =
            from page in pages
            where !reached.Contains(page.Path) && !IsPackageReadme(repository, page)
            select new Violation(page.Path, 0, $"cannot be reached by links from {Start}: link it or delete it");
        Dictionary<string, HashSet<string>> anchors = pages.ToDictionary(page => page.Path, AnchorsOf);
        return unreached.Concat(pages.SelectMany(page => Broken(repository, page)))
            .Concat(pages.SelectMany(page => WithoutHeading(repository, anchors, page)));
    }

    private static HashSet<string> Reach(Repository repository, SourceFile[] pages)
    {
        HashSet<string> reached = [Start];
        Queue<string> waiting = new(reached);
        while (waiting.TryDequeue(out string? path))
        {
            SourceFile? page = pages.FirstOrDefault(candidate => candidate.Path == path);
            foreach ((string target, _, _) in page is null ? [] : Links(page))
            {
                string resolved = PageOf(repository, target);
                if (reached.Add(resolved))
                {
                    waiting.Enqueue(resolved);
                }
            }
        }

        return reached;
    }

    // A link to a folder shows the readme of the folder.
    private static string PageOf(Repository repository, string target) =>
        repository.Find(target) is null ? $"{target}/{Start}" : target;

    private static IEnumerable<Violation> Broken(Repository repository, SourceFile page)
    {
        return from link in Links(page)
               where !repository.Contains(link.Target)
               select new Violation(page.Path, link.Line, $"links to {link.Target}, which does not exist");
    }

    private static IEnumerable<Violation> WithoutHeading(
        Repository repository, Dictionary<string, HashSet<string>> anchors, SourceFile page)
    {
        return from link in Links(page)
               where link.Anchor.Length > 0
               where anchors.TryGetValue(PageOf(repository, link.Target), out HashSet<string>? known) && !known.Contains(link.Anchor)
               select new Violation(page.Path, link.Line, $"links to #{link.Anchor}, but {link.Target} has no such heading");
    }

    private static IEnumerable<(string Target, string Anchor, int Line)> Links(SourceFile page)
    {
        return from numbered in page.Lines.Select((text, index) => (text, line: index + 1))
               from Match match in Link().Matches(numbered.text)
               let target = match.Groups["target"].Value
               where !target.Contains("://", StringComparison.Ordinal)
               where !target.StartsWith("mailto:", StringComparison.Ordinal) && !target.StartsWith("xref:", StringComparison.Ordinal)
               select (target.Length == 0 ? page.Path : Resolve(page, target), match.Groups["anchor"].Value, numbered.line);
    }

    // The anchors that the web view of the repository gives to the headings: lower case, spaces as hyphens, no punctuation, and a number
    // after the first of several equal headings.
    private static HashSet<string> AnchorsOf(SourceFile page)
    {
        Dictionary<string, int> uses = [];
        HashSet<string> anchors = [];
        bool isCode = false;
        foreach (string line in page.Lines)
        {
            isCode ^= line.TrimStart().StartsWith("```", StringComparison.Ordinal);
            if (!isCode && Heading().Match(line) is { Success: true } heading)
            {
                string text = LinkText().Replace(heading.Groups[1].Value.Trim(), "$1").ToLowerInvariant();
                string slug = string.Concat(text.Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');
                int before = uses.GetValueOrDefault(slug);
                uses[slug] = before + 1;
                anchors.Add(before == 0 ? slug : $"{slug}-{before}");
            }
        }

        return anchors;
    }

    private static string Resolve(SourceFile page, string target)
    {
        string full = Path.GetFullPath(Path.Combine("/", page.Folder, target));
        return full.TrimStart('/').TrimEnd('/');
    }

    // The readme next to a packable project is the page of its package.
    private static bool IsPackageReadme(Repository repository, SourceFile page)
    {
        return page.Name == Start
            && repository.Projects.Any(project => project.Folder == page.Folder && new ProjectFile(project).IsPackable);
    }

    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)?(#(?<anchor>[^)\s]*))?\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#{1,6} (.+)$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex LinkText();
}
