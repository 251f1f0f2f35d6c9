using System.Text.RegularExpressions;
using Estream.Tidy.Sources;

namespace Estream.Tidy.Rules;

/// <summary>Requires that every page can be reached from the README, and that every link has a target.</summary>
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
        return unreached.Concat(pages.SelectMany(page => Broken(repository, page)));
    }

    private static HashSet<string> Reach(Repository repository, SourceFile[] pages)
    {
        HashSet<string> reached = [Start];
        Queue<string> waiting = new(reached);
        while (waiting.TryDequeue(out string? path))
        {
            SourceFile? page = pages.FirstOrDefault(candidate => candidate.Path == path);
            foreach ((string target, _) in page is null ? [] : Links(page))
            {
                string resolved = repository.Find(target) is null ? $"{target}/README.md" : target;
                if (reached.Add(resolved))
                {
                    waiting.Enqueue(resolved);
                }
            }
        }

        return reached;
    }

    private static IEnumerable<Violation> Broken(Repository repository, SourceFile page)
    {
        return from link in Links(page)
               where !repository.Contains(link.Target)
               select new Violation(page.Path, link.Line, $"links to {link.Target}, which does not exist");
    }

    private static IEnumerable<(string Target, int Line)> Links(SourceFile page)
    {
        return from numbered in page.Lines.Select((text, index) => (text, line: index + 1))
               from Match match in Link().Matches(numbered.text)
               let target = match.Groups["target"].Value
               where !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
               select (Resolve(page, target), numbered.line);
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

    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)(#[^)\s]*)?\)")]
    private static partial Regex Link();
}
