using Estream.Testing;
using Estream.Tidy.Rules;

namespace Estream.Tidy.RuleTests;

public sealed class SiteLinksTests : IDisposable
{
    private readonly TempDirectory _site = new();

    public void Dispose() => _site.Dispose();

    [Fact]
    public void Links_to_pages_anchors_folders_and_other_sites_are_accepted()
    {
        Write("index.html", """
            <script src="public/a.js"></script><a href="guides/#list%601">a</a> <a class="x" href="https://example.org/">b</a>
            """);
        Write("guides/index.html", """
            <h2 id="list`1">c</h2><a href="#list%601">d</a> <a href="../index.html?q=1">e</a><a href="mailto:a@b">f</a>
            """);
        Write("public/a.js", "");
        Assert.Empty(SiteLinks.Check(_site.Path));
    }

    [Theory]
    [InlineData("""<a href="gone.html">a</a>""", "does not exist")]
    [InlineData("""<a href="../outside.html">a</a>""", "does not exist")]
    [InlineData("""<img alt="" src="gone.png">""", "does not exist")]
    [InlineData("""<h2 id="part">a</h2><a href="#parts">b</a>""", "no such anchor")]
    [InlineData("""<script src="https://cdn.example.org/a.js"></script>""", "another host")]
    [InlineData("""<link rel="stylesheet" href="//cdn.example.org/a.css">""", "another host")]
    public void A_reference_that_fails_is_a_violation(string page, string message)
    {
        Write("index.html", page);
        Example.AssertOne(SiteLinks.Check(_site.Path), "index.html", message);
    }

    [Fact]
    public void A_font_of_another_host_is_a_violation()
    {
        Write("public/a.css", "@font-face { src: url(\"https://fonts.example.org/a.woff2\") }");
        Example.AssertOne(SiteLinks.Check(_site.Path), "public/a.css", "another host");
    }

    private void Write(string path, string text)
    {
        string file = _site.Combine(path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
