using Estream.Testing;
using Estream.Tidy.Rules;
using Estream.Tidy.Sources;

namespace Estream.Tidy;

public sealed class PublicSurfaceTests
{
    private const string AcceptVariable = "ESTREAM_ACCEPT";

    private static readonly string s_folder = RepositoryRoot.Combine("tests", "Estream.Tidy", "PublicApi");

    public static TheoryData<string> Libraries => [.. Packable().Select(project => project.Name)];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void The_public_surface_matches_the_committed_file(string library)
    {
        string folder = Packable().Single(project => project.Name == library).File.Folder;
        string actual = PublicSurface.Describe(Product.Load(BuiltProgram.Find(folder, $"{library}.dll")));
        string file = FileOf(library);
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
        }

        string committed = File.Exists(file) ? File.ReadAllText(file) : "";
        Assert.True(committed == actual, Difference(library, committed, actual));
    }

    [Fact]
    public void No_surface_file_belongs_to_a_removed_library()
    {
        IEnumerable<string> names = Packable().Select(project => project.Name);
        string[] files = Directory.GetFiles(s_folder, "*", SearchOption.AllDirectories);
        Assert.Empty(files.Except(names.Select(FileOf)));
    }

    // The libraries of the protocols have a folder of their own, because they are many.
    private static string FileOf(string library) => Path.Combine(
        s_folder, library.StartsWith("Estream.Wire.", StringComparison.Ordinal) ? "Wire" : "", $"{library}.txt");

    private static IEnumerable<ProjectFile> Packable()
    {
        return Repository.Current.Projects.Select(file => new ProjectFile(file)).Where(project => project.IsLibraryPackage);
    }

    private static string Difference(string library, string committed, string actual)
    {
        string[] before = committed.Split('\n');
        string[] after = actual.Split('\n');
        IEnumerable<string> lines = before.Except(after).Select(line => "- " + line)
            .Concat(after.Except(before).Select(line => "+ " + line));
        return $"The public surface of {library} has changed:\n{string.Join('\n', lines)}\n"
            + $"If the change is intended, run {AcceptVariable}=1 dotnet test tests/Estream.Tidy -c Release and commit the new file.";
    }
}
