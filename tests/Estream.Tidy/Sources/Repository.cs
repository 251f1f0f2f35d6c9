using Estream.Testing;

namespace Estream.Tidy.Sources;

/// <summary>The files that a commit of the working tree would contain, so that leftovers of builds and runs do not count.</summary>
internal sealed class Repository
{
    private static readonly string[] s_binaryExtensions = [".png", ".ico", ".jpg", ".woff2", ".gz", ".bin", ".esfbin"];

    private static readonly Lazy<Repository> s_current = new(Read);

    private readonly HashSet<string> _binaryPaths;

    public Repository(IEnumerable<SourceFile> files, IEnumerable<string>? binaryPaths = null)
    {
        Files = [.. files.OrderBy(file => file.Path, StringComparer.Ordinal)];
        _binaryPaths = [.. binaryPaths ?? []];
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

    /// <summary>Whether a text file, a binary file or a folder has this path.</summary>
    public bool Contains(string path)
    {
        return _binaryPaths.Contains(path) || Files.Any(file => file.Path == path || file.IsUnder(path));
    }

    private static Repository Read()
    {
        ProcessResult listed = ChildProcess.Run(
            "git",
            ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            RepositoryRoot.Path).EnsureSuccess();
        ILookup<bool, string> paths = listed.Output
            .Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(path => path.TrimEnd('\n'))
            .Where(path => path.Length > 0 && File.Exists(RepositoryRoot.Combine(path)))
            .Distinct()
            .ToLookup(path => s_binaryExtensions.Contains(Path.GetExtension(path)));
        return new Repository(
            paths[false].Select(path => new SourceFile(path, File.ReadAllText(RepositoryRoot.Combine(path)))), paths[true]);
    }
}
