using System.IO.Compression;
using System.Reflection.Metadata;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Estream.Journeys;

/// <summary>Every package contains a readme with code, icon, tags, URLs, documentation and symbols.</summary>
[Collection(PackedFeedCollection.Name)]
public sealed class PackageContentTests(PackedFeed feed)
{
    /// <summary>The custom debug information kind of SourceLink; see the Portable PDB format.</summary>
    private static readonly Guid s_sourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    [Fact]
    public void Packages_have_a_readme_with_code()
    {
        AssertAll((name, package) =>
        {
            string readme = Text(package, Metadata(package, "readme")!);
            Assert.StartsWith("# ", readme, StringComparison.Ordinal);
            Assert.True(readme.Contains("```csharp\n", StringComparison.Ordinal), "no C# code");
        });
    }

    [Fact]
    public void Packages_have_icon_description_tags_and_repository()
    {
        AssertAll((name, package) =>
        {
            Assert.NotNull(package.GetEntry(Metadata(package, "icon")!));
            Assert.Matches(@"^[A-Z][^\n]{30,250}\.$", Metadata(package, "description")!);
            Assert.Contains("estream", Metadata(package, "tags")!.Split(' '));
            Assert.StartsWith("https://", Metadata(package, "projectUrl")!, StringComparison.Ordinal);
            Assert.EndsWith("CHANGELOG.md", Metadata(package, "releaseNotes")!, StringComparison.Ordinal);
            Assert.NotEmpty(Metadata(package, "license")!);
            XElement repository = Nuspec(package).Descendants().Single(element => element.Name.LocalName == "repository");
            Assert.Equal("git", repository.Attribute("type")!.Value);
            Assert.StartsWith("https://", repository.Attribute("url")!.Value, StringComparison.Ordinal);
            Assert.Matches("^[0-9a-f]{40}$", repository.Attribute("commit")!.Value);
        });
    }

    [Fact]
    public void Packages_contain_the_XML_documentation_of_each_library()
    {
        AssertAll((name, package) =>
        {
            string[] libraries = Libraries(package);
            Assert.NotEmpty(libraries);
            Assert.All(libraries, library => Assert.NotNull(package.GetEntry(Path.ChangeExtension(library, ".xml"))));
        });
    }

    [Fact]
    public void Symbol_packages_have_SourceLink()
    {
        AssertAll((name, package) =>
        {
            using ZipArchive symbols = ZipFile.OpenRead(Path.Combine(feed.Path, $"{name}.{PackedFeed.Version}.snupkg"));
            Assert.All(Libraries(package), library =>
            {
                ZipArchiveEntry? entry = symbols.GetEntry(Path.ChangeExtension(library, ".pdb"));
                Assert.NotNull(entry);
                Assert.Matches(@"^\{""documents"":\{""[^""]+/\*"":""https://[^""]+/[0-9a-f]{40}/\*""", SourceLink(entry));
            });
        });
    }

    private static string SourceLink(ZipArchiveEntry pdb)
    {
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(Bytes(pdb)));
        MetadataReader reader = provider.GetMetadataReader();
        return reader.CustomDebugInformation.Select(reader.GetCustomDebugInformation)
            .Where(information => reader.GetGuid(information.Kind) == s_sourceLink)
            .Select(information => Encoding.UTF8.GetString(reader.GetBlobBytes(information.Value)))
            .SingleOrDefault() ?? "";
    }

    private static string[] Libraries(ZipArchive package) =>
        [.. package.Entries.Select(entry => entry.FullName).Where(path => Regex.IsMatch(path, @"^lib/.*/Estream\.[^/]*\.dll$"))];

    private static string? Metadata(ZipArchive package, string name) =>
        Nuspec(package).Descendants().SingleOrDefault(element => element.Name.LocalName == name)?.Value;

    private static XDocument Nuspec(ZipArchive package)
    {
        ZipArchiveEntry entry = package.Entries.Single(file => file.FullName.EndsWith(".nuspec", StringComparison.Ordinal));
        return XDocument.Parse(Text(package, entry.FullName));
    }

    private static string Text(ZipArchive package, string path) =>
        Encoding.UTF8.GetString(Bytes(package.GetEntry(path)!)).TrimStart('\uFEFF');

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using Stream content = entry.Open();
        using MemoryStream copy = new();
        content.CopyTo(copy);
        return copy.ToArray();
    }

    private void AssertAll(Action<string, ZipArchive> check)
    {
        Assert.NotEmpty(feed.Names);
        Assert.All(feed.Names, name =>
        {
            using ZipArchive package = ZipFile.OpenRead(Path.Combine(feed.Path, $"{name}.{PackedFeed.Version}.nupkg"));
            check(name, package);
        });
    }
}
