using System.Text.Json;
using System.Text.RegularExpressions;
using Estream.Testing;
using Estream.Tidy.Rules;
using Estream.Tidy.Sources;

namespace Estream.Tidy;

/// <summary>Builds the documentation site once, with docs/build.sh, which fails on any warning of DocFX, and checks the result.</summary>
public sealed partial class SiteTests(SiteTests.Site site) : IClassFixture<SiteTests.Site>
{
    [Fact]
    public void Links_of_the_site_resolve_and_its_pages_load_nothing_from_other_hosts()
    {
        Assert.True(Directory.EnumerateFiles(site.Folder, "*.html", SearchOption.AllDirectories).Count() > 1000);
        Violation.AssertNone(SiteLinks.Check(site.Folder));
    }

    [Theory]
    [InlineData("guides/operating/storage.html", "RetainedBytes")]
    [InlineData("guides/protocols/mqtt.html", "PUBACK")]
    [InlineData("repository/README.html", "memory-mapped")]
    [InlineData("api/Estream.Queue.QueueAppender.html", "AppendBatch")]
    public void The_search_finds_words_of_guides_and_types(string page, string word)
    {
        using JsonDocument index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(site.Folder, "index.json")));
        Assert.Contains(word, index.RootElement.GetProperty(page).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_namespace_has_a_sentence_in_the_index_and_on_its_page()
    {
        string index = Repository.Current.Find("docs/api/index.md")!.Text;
        Dictionary<string, string> sentences =
            Row().Matches(index).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        string[] namespaces =
        [
            .. Directory.EnumerateFiles(Path.Combine(site.Folder, "api"), "*.html")
                .Where(page => File.ReadAllText(page).Contains("<title>Namespace ", StringComparison.Ordinal))
                .Select(page => Path.GetFileNameWithoutExtension(page)),
        ];
        Assert.Equal(namespaces.Order(StringComparer.Ordinal), sentences.Keys.Order(StringComparer.Ordinal));
        Assert.All(namespaces, name => Assert.Contains(
            sentences[name], File.ReadAllText(Path.Combine(site.Folder, "api", name + ".html")), StringComparison.Ordinal));
    }

    /// <summary>Decisions are an exception: their index lists them.</summary>
    [Fact]
    public void Every_page_is_in_a_table_of_contents()
    {
        HashSet<string> listed =
        [
            .. from toc in Repository.Current.Files
               where toc.IsUnder("docs") && toc.Name == "toc.yml"
               from Match match in Entry().Matches(toc.Text)
               select Path.GetFullPath(Path.Combine("/", toc.Folder, match.Groups[1].Value))[1..],
        ];
        Violation.AssertNone(
            from page in Repository.Current.Files
            where page.IsUnder("docs") && page.Extension == ".md" && !listed.Contains(page.Path)
            where page.Path != "docs/index.md" && !page.Path.StartsWith("docs/decisions/0", StringComparison.Ordinal)
            select new Violation(page.Path, 0, "no table of contents has this page: add it to the toc.yml of a role"));
    }

    [GeneratedRegex("""^\| \[[^]]*\]\(xref:([^)]*)\) \| (.*) \|$""", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"(?:href|topicHref): (\S+\.md)")]
    private static partial Regex Entry();

    /// <summary>The built site, in a temporary folder.</summary>
    public sealed class Site : IDisposable
    {
        private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(12);

        private readonly TempDirectory _place = new();

        public Site() =>
            ChildProcess.Run("bash", [RepositoryRoot.Combine("docs", "build.sh"), Folder], limit: s_limit).EnsureSuccess();

        /// <summary>The folder of the site.</summary>
        public string Folder => _place.Combine("site");

        public void Dispose() => _place.Dispose();
    }
}
