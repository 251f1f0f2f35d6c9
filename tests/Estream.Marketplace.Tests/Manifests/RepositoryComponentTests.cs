using System.Reflection;
using Estream.Marketplace.Manifests;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Manifests;

/// <summary>The components of this repository have valid manifests, and the files that these refer to exist.</summary>
public sealed class RepositoryComponentTests
{
    private static readonly string[] s_built = ["bin", "obj"];

    public static TheoryData<string> Folders => [.. All];

    public static TheoryData<string> Adapters => [.. AdapterComponents.Kinds];

    private static string[] All => [.. FoldersOf("schemas"), .. FoldersOf("circuits")];

    [Fact]
    public void Every_schema_pack_and_circuit_folder_is_a_component()
    {
        Assert.Equal(FoldersWith("schemas", "*.esf.yaml").Select(folder => Path.GetDirectoryName(folder)!).Distinct()
            .Order(StringComparer.Ordinal), FoldersOf("schemas"));
        Assert.Equal(FoldersWith("circuits", "*.circuit.yaml"), FoldersOf("circuits"));
    }

    [Fact]
    public void Component_names_in_the_repository_are_unique()
    {
        string[] names = [.. All.Concat(AdapterComponents.Kinds.Select(LaidOut)).Select(folder => Read(folder).Name.ToString())];
        Assert.Equal(names.Distinct(), names);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Repository_manifest_is_valid_and_its_files_exist(string folder)
    {
        ComponentManifest manifest = Read(folder);
        Assert.Null(manifest.Name.Scope);
        Assert.Equal("Apache-2.0", manifest.License);
        string[] files = FilesOf(folder);
        Assert.All(manifest.Files, file => Assert.InRange(new FileInfo(Path.Combine(Full(folder), file.Path)).Length, 1, file.MaxBytes));
        Assert.All(manifest.Include, pattern => Assert.Contains(files, pattern.Matches));

        // The files that build the assembly of a pack are not part of the component; all other files are.
        string[] left = [.. files.Where(file => !manifest.Includes(file))];
        Assert.Equal(manifest.Category == ComponentCategory.EsfSchema
            ? files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal) || file == "packages.lock.json") : [], left);
    }

    [Theory]
    [MemberData(nameof(Adapters))]
    public void Adapter_component_is_laid_out_completely(string kind)
    {
        string folder = LaidOut(kind);
        ComponentManifest manifest = Read(folder);
        AdapterDetails details = Assert.IsType<AdapterDetails>(manifest.Details);
        Assert.Equal((null, "wire-" + kind, kind), (manifest.Name.Scope, manifest.Name.ToString(), details.Protocol));
        Assert.Equal("Apache-2.0", manifest.License);
        string[] files = FilesOf(folder);
        Assert.All(manifest.Files, file => Assert.Contains(file.Path, files));
        Assert.All(manifest.Include, pattern => Assert.Contains(files, pattern.Matches));
        Assert.All(files, file => Assert.True(manifest.Includes(file), file));
        Assert.Equal(File.ReadAllText(RepositoryRoot.Combine("LICENSE")), File.ReadAllText(Path.Combine(Full(folder), "LICENSE")));

        // If the assembly had another version than the manifest, only the manifest would distinguish it from the previous release.
        Version assembly = AssemblyName.GetAssemblyName(Path.Combine(Full(folder), details.Assembly)).Version!;
        Assert.Equal(manifest.Version.ToString(), assembly.ToString(3));
    }

    [Theory]
    [InlineData("fix-acceptor", "licenses/dictionaries/LICENSE", "src/Estream.Wire.Fix/Dictionaries/LICENSE",
        "This product includes software developed by quickfixengine.org (http://www.quickfixengine.org/).")]
    [InlineData("fix-initiator", "licenses/dictionaries/LICENSE", "src/Estream.Wire.Fix/Dictionaries/LICENSE",
        "This product includes software developed by quickfixengine.org (http://www.quickfixengine.org/).")]
    [InlineData("iso20022-folder", "licenses/schemas/README.md", "src/Estream.Wire.Iso20022/Schemas/README.md",
        "The assembly carries XML Schemas of ISO 20022")]
    [InlineData("iso20022-listener", "licenses/schemas/README.md", "src/Estream.Wire.Iso20022/Schemas/README.md",
        "The assembly carries XML Schemas of ISO 20022")]
    [InlineData("iso20022-client", "licenses/schemas/README.md", "src/Estream.Wire.Iso20022/Schemas/README.md",
        "The assembly carries XML Schemas of ISO 20022")]
    public void Third_party_code_in_an_adapter_includes_its_license(string kind, string license, string source, string notice)
    {
        string folder = AdapterComponents.FolderOf(kind), text = File.ReadAllText(Path.Combine(folder, "NOTICE"));
        Assert.Contains(notice, text, StringComparison.Ordinal);
        Assert.Contains(license, text, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllText(RepositoryRoot.Combine(source)), File.ReadAllText(Path.Combine(folder, license)));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Circuit_manifest_matches_its_circuit_file(string folder)
    {
        ComponentManifest manifest = Read(folder);
        if (manifest.Details is CircuitDetails details)
        {
            string[] head = File.ReadAllLines(Path.Combine(Full(folder), details.Entry));
            Assert.Contains($"version: \"{manifest.Version}\"", head);
            Assert.Contains($"description: \"{manifest.Description}\"", head);
        }
    }

    private static ComponentManifest Read(string folder)
    {
        string file = Path.Combine(Full(folder), ComponentManifest.FileName);
        ManifestReadResult result = ManifestReader.Read(File.ReadAllBytes(file), folder + "/" + ComponentManifest.FileName);
        Assert.True(result.Manifest is not null, string.Join('\n', result.Diagnostics));
        return result.Manifest;
    }

    private static string[] FilesOf(string folder) =>
        [.. Directory.EnumerateFiles(Full(folder), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Full(folder), file).Replace('\\', '/'))
            .Where(file => !s_built.Contains(file.Split('/')[0]))];

    private static string LaidOut(string kind) => Path.GetRelativePath(RepositoryRoot.Path, AdapterComponents.FolderOf(kind))
        .Replace('\\', '/');

    private static string Full(string folder) => RepositoryRoot.Combine(folder);

    private static string[] FoldersOf(string root) => FoldersWith(root, ComponentManifest.FileName);

    private static string[] FoldersWith(string root, string pattern) =>
        [.. Directory.EnumerateFiles(RepositoryRoot.Combine(root), pattern, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(RepositoryRoot.Path, Path.GetDirectoryName(file)!).Replace('\\', '/'))
            .Where(folder => !folder.Split('/').Any(s_built.Contains)).Distinct().Order(StringComparer.Ordinal)];
}
