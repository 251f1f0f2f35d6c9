using Estream.Testing;

namespace Estream.Tidy.Sources;

/// <summary>The files that a commit of the working tree would hold, so leftovers of builds and runs do not count.</summary>
internal sealed class Repository
{
    private static readonly string[] s_binaryExtensions = [".png", ".ico", ".jpg", ".woff2", ".gz", ".bin", ".esfbin"];

    private static readonly Lazy<Repository> s_current = new(Read);

    public Repository(IEnumerable<SourceFile> files)
    {
        Files = [.. files.OrderBy(file => file.Path, StringComparer.Ordinal)];
    }

    /// <summary>The checkout the tests run in.</summary>
    public static Repository Current => s_current.Value;

    public IReadOnlyList<SourceFile> Files { get; }

    public IEnumerable<SourceFile> CSharpFiles => Files.Where(file => file.IsCSharp);

    public IEnumerable<SourceFile> Projects => Files.Where(file => file.Extension == ".csproj");

    public SourceFile? Find(string path)
    {
        return Files.FirstOrDefault(file => file.Path == path);
    }

    private static Repository Read()
    {
        ProcessResult listed = ChildProcess.Run(
            "git",
            ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            RepositoryRoot.Path).EnsureSuccess();
        IEnumerable<SourceFile> files = listed.Output
            .Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(path => path.TrimEnd('\n'))
            .Where(path => path.Length > 0 && !s_binaryExtensions.Contains(Path.GetExtension(path)))
            .Where(path => File.Exists(RepositoryRoot.Combine(path)))
            .Distinct()
            .Select(path => new SourceFile(path, File.ReadAllText(RepositoryRoot.Combine(path))));
        return new Repository(files);
    }
}
