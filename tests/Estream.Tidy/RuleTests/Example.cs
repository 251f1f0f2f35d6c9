using Estream.Tidy.Sources;

namespace Estream.Tidy.RuleTests;

/// <summary>Builds a repository of a few small files in memory.</summary>
internal static class Example
{
    public static Repository Of(params (string Path, string Text)[] files)
    {
        return new Repository(files.Select(file => new SourceFile(file.Path, file.Text)));
    }

    /// <summary>A project that refers to others by their path from the root.</summary>
    public static (string Path, string Text) Project(string area, string name, params string[] references)
    {
        IEnumerable<string> items = references.Select(path => $"<ProjectReference Include=\"../../{path}\" />");
        return ($"{area}/{name}/{name}.csproj", $"<Project><ItemGroup>{string.Concat(items)}</ItemGroup></Project>");
    }

    /// <summary>Asserts that there is exactly one violation, with this path and message part.</summary>
    public static void AssertOne(IEnumerable<Violation> violations, string path, string messagePart)
    {
        Violation only = Assert.Single(violations);
        Assert.Equal(path, only.Path);
        Assert.Contains(messagePart, only.Message, StringComparison.Ordinal);
    }
}
